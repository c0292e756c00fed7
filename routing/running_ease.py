"""Limits that give way to what is being driven to: without it a late van would have no sound plan at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from routing.place import call_of
from routing.problem import Break, Problem, TimeWindow, Van, Visit
from routing.timetable import Breach, timetable

EasedWhat: TypeAlias = Literal["window", "break", "shift_end", "span", "food", "unlocked"]
_MOST_EASED = 12
"""Limits of one van's beginning that are eased at most; each walk shows at least one of them."""


@dataclass(frozen=True, slots=True)
class Eased:
    """A limit that what is being driven to would miss, widened by `by_s` since no sound plan exists without.

    `food` means that nothing is handed out there any more, `unlocked` that no road leads there now. `visit`
    is -1 for the van's own limits.
    """

    van: int
    visit: int
    what: EasedWhat
    by_s: int


def ease_all(problem: Problem) -> tuple[Problem, tuple[Eased, ...]]:
    """The problem with what each van's beginning misses widened, one limit after another; and what it was."""
    eased: list[Eased] = []
    for van in range(len(problem.vans)):
        for _ in range(_MOST_EASED):
            # No reload among them, as a plan's locked visits may have: the van is on its way already.
            first = [call_of(problem, visit) for visit in problem.vans[van].prefix]
            breaches = timetable(problem, van, first).breaches
            if not breaches:
                break
            problem, mended = _ease(problem, van, breaches[0])
            eased.append(mended)
    return problem, tuple(eased)


def _ease(problem: Problem, van: int, breach: Breach) -> tuple[Problem, Eased]:
    """The problem with one limit of a van's beginning widened by what it is missed by."""
    one, by_s = problem.vans[van], breach.short
    if breach.code == "window":
        visit = problem.visits[breach.visit]
        last = visit.windows[-1]
        later = (*visit.windows[:-1], TimeWindow(last.opens_s, last.closes_s + by_s))
        return _of_visit(problem, breach.visit, replace(visit, windows=later)), Eased(
            van, breach.visit, "window", by_s
        )
    if breach.code in ("food_clock", "capacity", "kitchen"):
        return _unfed(problem, van, breach)
    if breach.code == "unreachable":
        lost = replace(one, prefix=(), home=one.depot if not one.prefix else one.home)
        return _of_van(problem, van, lost), Eased(van, breach.visit, "unlocked", 0)
    if breach.code == "break" and one.rest is not None:
        later_s = one.rest.latest_s + by_s
        rest = Break(one.rest.earliest_s, later_s, one.rest.duration_s)
        return _of_van(problem, van, replace(one, rest=rest)), Eased(van, -1, "break", by_s)
    if breach.code == "span":
        wider = replace(one, span_s=(one.span_s or 0) + by_s)
        return _of_van(problem, van, wider), Eased(van, -1, "span", by_s)
    longer = replace(one, overtime_s=one.overtime_s + by_s)
    return _of_van(problem, van, longer), Eased(van, -1, "shift_end", by_s)


def _unfed(problem: Problem, van: int, breach: Breach) -> tuple[Problem, Eased]:
    """Food that is no longer safe, or no longer there, is not handed out at what is being driven to."""
    fed = [n for n in problem.vans[van].prefix if problem.visits[n].portions]
    n = breach.visit if breach.visit >= 0 else fed[-1]
    unfed = replace(problem.visits[n], portions=())
    return _of_visit(problem, n, unfed), Eased(van, n, "food", breach.short)


def _of_visit(problem: Problem, n: int, visit: Visit) -> Problem:
    return replace(problem, visits=(*problem.visits[:n], visit, *problem.visits[n + 1 :]))


def _of_van(problem: Problem, n: int, van: Van) -> Problem:
    return replace(problem, vans=(*problem.vans[:n], van, *problem.vans[n + 1 :]))

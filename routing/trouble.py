"""What a plan under a planner's hand breaks, and the smallest changes that would mend it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.change import Change, of_needs
from routing.checker import violations
from routing.desk import Session, assumed, plan
from routing.explain import Code, Need
from routing.plan import Plan

_TOLD_BY_TIMES = frozenset(
    {"order", "unreachable", "travel", "service", "shift", "span", "window", "break", "capacity",
     "food_clock", "kitchen"}
)  # fmt: skip
"""Rules of the checker that a timetable's own breaches tell better, with their size."""
_ROUNDS = 4
_MOST = 12
"""Troubles past which nobody would assume so much."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One rule broken: by `short` seconds (cups for `capacity`), on which van, at which visit (-1: its own).

    `code` is a breach's, or the name of a checker's rule; `what` names skills or the container.
    """

    code: str
    van: int
    visit: int = -1
    short: int = 0
    what: tuple[str, ...] = ()


def troubles(session: Session, made: Plan | None = None) -> tuple[Trouble, ...]:
    """Everything that a session's plan breaks, each once. `made` is its plan, where it is known already."""
    made = made or plan(session)
    found = [
        Trouble(b.code, van, b.visit, b.short, (b.container,) if b.container else ())
        for van, table in enumerate(session.tables)
        for b in table.breaches
    ]
    late = {each.van for each in found}
    found += _pinned_elsewhere(session)
    found += _by_checker(session, made, late)
    return tuple(dict.fromkeys(found))


def _pinned_elsewhere(session: Session) -> Iterator[Trouble]:
    for van, calls in enumerate(session.orders):
        for call in calls:
            if call.kind in ("visit", "dropoff"):
                vans = session.problem.visits[call.index].vans
                if vans is not None and van not in vans:
                    yield Trouble("vans", van, call.index)


def _by_checker(session: Session, made: Plan, late: set[int]) -> Iterator[Trouble]:
    for each in violations(session.problem, made, figures=False):
        if each.rule in _TOLD_BY_TIMES and each.van in late:
            continue
        visit = _visit_at(made, each.van, each.stop)
        what: tuple[str, ...] = ()
        if each.rule == "skills" and visit >= 0:
            van = session.problem.vans[each.van]
            what = tuple(sorted(session.problem.visits[visit].skills - van.skills))
        yield Trouble(str(each.rule), each.van, visit, 0, what)


def _visit_at(made: Plan, van: int, stop: int) -> int:
    for route in made.routes:
        if route.van == van and 0 <= stop < len(route.stops):
            found = route.stops[stop].visit
            return -1 if found is None else found
    return -1


def mends(session: Session, found: Sequence[Trouble]) -> tuple[Change, ...]:
    """Changes under which the session breaks nothing; none where they would not do, or too much is broken.

    Proved: made to the session, they leave no trouble. Each is as large as what is missed by.
    """
    if len(found) > _MOST:
        return ()
    made: list[Change] = []
    current, left = session, tuple(found)
    for _ in range(_ROUNDS):
        if not left:
            return tuple(made)
        more = _largest(change for each in left for change in _mend(each))
        if not more:
            return ()
        made += more
        current = assumed(current, more)
        left = troubles(current)
    return () if left else tuple(made)


def _largest(changes: Iterable[Change]) -> list[Change]:
    """Of changes of one thing the largest: where a limit is missed twice, the larger miss counts."""
    found: dict[Change, Change] = {}
    for change in changes:
        key = replace(change, minutes=0, cups=0)
        if key not in found or (change.minutes, change.cups) > (found[key].minutes, found[key].cups):
            found[key] = change
    return list(found.values())


_CODES: dict[str, Code] = {
    "capacity": "capacity",
    "food_clock": "food_clock",
    "window": "window",
    "shift_end": "shift_end",
    "span": "span",
    "break": "break",
    "kitchen": "kitchen",
    "skills": "skills",
}


def _mend(each: Trouble) -> tuple[Change, ...]:
    code = _CODES.get(each.code)
    if code is None:
        return ()
    return of_needs(each.van, each.visit, [Need(code, each.short, each.what)]) or ()

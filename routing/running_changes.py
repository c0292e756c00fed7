"""What a new plan of a running day changes of what was published, one row a visit.

Two things are told apart: what the event alone breaks, whatever anybody does (`forced`), and what the new
plan moves for it. Only the second has a budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from routing.levels import is_moved
from routing.place import Orders
from routing.plan import Plan, Stop
from routing.problem import CONTAINERS, Problem, Promise
from routing.timetable import Call, timed

What: TypeAlias = Literal["dropped", "van", "time"]
_OF_CUPS = frozenset({"capacity", "food_clock"})


@dataclass(frozen=True, slots=True)
class Change:
    """One broken promise. `van` and `begins_s` are what holds from now on, None for a visit left out.

    `forced` ones could not be kept: the event alone breaks them.
    """

    visit: int
    what: What
    promised_van: int
    promised_s: int
    van: int | None = None
    begins_s: int | None = None
    forced: bool = False


def changes(problem: Problem, plan: Plan, standing: Problem | None = None) -> tuple[Change, ...]:
    """The promises of a problem that a plan does not keep, the earliest promised first.

    Parameters
    ----------
    standing : the same problem as `stands` gives it; without it nothing is taken as forced
    """
    told = {stop.visit: (route.van, stop) for route in plan.routes for stop in route.stops}
    moved = None if standing is None else {each.visit for each in _broken(standing, told)}
    found = (
        each if moved is None else replace(each, forced=each.visit not in moved)
        for each in _broken(problem, told)
    )
    return tuple(sorted(found, key=lambda each: (each.promised_s, each.visit)))


def _broken(problem: Problem, stops: dict[int | None, tuple[int, Stop]]) -> Iterator[Change]:
    for n, visit in enumerate(problem.visits):
        promise = visit.promise
        if promise is None:
            continue
        if n not in stops:
            yield Change(n, "dropped", promise.van, promise.begins_s)
            continue
        van, stop = stops[n]
        if is_moved(visit, van, stop):
            what: What = "time" if van == promise.van else "van"
            yield Change(n, what, promise.van, promise.begins_s, van, stop.begins_s)


def stands(problem: Problem, orders: Orders) -> Problem:
    """The problem with what the event alone leaves of its promises: what may be moved from here on.

    A visit that nobody calls on any more, or that misses a limit where it is, has no promise left to break.
    One that has become late on its own van is promised as late as it stands now: it is not moved for free.

    Parameters
    ----------
    orders : what the vans do after the event if nothing is mended
    """
    at: dict[int, Promise | None] = {}
    for van, calls in enumerate(orders):
        at |= _standing(problem, van, calls)
    if all(visit.promise is None or visit.promise == at.get(n) for n, visit in enumerate(problem.visits)):
        return problem
    visits = tuple(
        visit if visit.promise is None else replace(visit, promise=at.get(n))
        for n, visit in enumerate(problem.visits)
    )
    return replace(problem, visits=visits)


def _standing(problem: Problem, van: int, calls: tuple[Call, ...]) -> dict[int, Promise | None]:
    """For each visit on a van, what is left of its promise."""
    table = timed(problem, van, calls)
    missed = {breach.visit for breach in table.breaches if breach.visit >= 0}
    missed |= _without_cups(problem, van, calls) if table.breaches else set()
    # Where the van itself misses its shift, span or break, none of its calls can be said to stand.
    if any(breach.visit < 0 and breach.code not in _OF_CUPS for breach in table.breaches):
        missed |= {stop.visit for stop in table.stops if stop.visit is not None}
    return {
        stop.visit: None if stop.visit in missed else _left(problem, van, stop)
        for stop in table.stops
        if stop.visit is not None
    }


def _left(problem: Problem, van: int, stop: Stop) -> Promise | None:
    visit = problem.visits[stop.visit if stop.visit is not None else -1]
    return Promise(van, stop.begins_s) if is_moved(visit, van, stop) else visit.promise


def _without_cups(problem: Problem, van: int, calls: Sequence[Call]) -> set[int]:
    """Drop-offs for which the cups aboard do not last until the next reload."""
    one, short = problem.vans[van], set[int]()
    left = {each: one.aboard(each) for each in CONTAINERS}
    for call in calls:
        if call.kind == "reload":
            left = {each: one.cups(each) for each in CONTAINERS}
        elif call.kind in ("visit", "dropoff"):
            asked = {each: problem.cups_of(problem.visits[call.index], each) for each in CONTAINERS}
            if any(asked[each] > left[each] for each in CONTAINERS):
                short.add(call.index)
            else:
                left = {each: left[each] - asked[each] for each in CONTAINERS}
    return short


def moved_on(problem: Problem, van: int, stops: Sequence[Stop]) -> int:
    """How many visits on one van's stops break their promise."""
    return sum(stop.visit is not None and is_moved(problem.visits[stop.visit], van, stop) for stop in stops)


def broken_by(problem: Problem, orders: Orders) -> int:
    """How many promises some orders break, those of visits on no van among them."""
    kept = 0
    for van, calls in enumerate(orders):
        for stop in timed(problem, van, calls).stops:
            if stop.visit is not None and problem.visits[stop.visit].promise is not None:
                kept += not is_moved(problem.visits[stop.visit], van, stop)
    return sum(visit.promise is not None for visit in problem.visits) - kept

"""Where on the routes one more call could be put, and what each place would break."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from routing.levels import in_nap
from routing.plan import Plan, Stop
from routing.problem import Problem
from routing.timetable import Call, Timetable, calls_of, timetable, walk

_NO_ROAD_S = 10**8
_RELOADS = 2
"""Among locked visits; more are not looked for."""

Orders: TypeAlias = tuple[tuple[Call, ...], ...]
"""For each van of the problem, its calls in order."""


def orders_of(problem: Problem, plan: Plan) -> Orders:
    """The calls of a plan, van by van."""
    routes = {route.van: calls_of(problem, route.stops) for route in plan.routes}
    return tuple(routes.get(van, ()) for van in range(len(problem.vans)))


@dataclass(frozen=True, slots=True)
class Place:
    """One more call at `position` of a van's calls, and the timetable that it gives.

    Some limit is missed by `late_s` at least: a bound, the timetable has the truth.
    """

    van: int
    position: int
    timetable: Timetable
    late_s: int = 0


def places(
    problem: Problem, van: int, calls: Sequence[Call], call: Call, *, within_s: int | None = None
) -> Iterator[Place]:
    """Positions on one van's route, the other calls keeping their order, the least late by a bound first, and
    of those the shortest detour.

    Places that are surely late by more than `within_s` are passed over; None looks at every place.
    """
    for late_s, _, position in sorted(_bounds(problem, van, calls, call)):
        if within_s is not None and late_s > within_s:
            return
        order = (*calls[:position], call, *calls[position:])
        table = timetable(problem, van, order, late_break=within_s is None)
        yield Place(van, position, table, late_s)


def _bounds(problem: Problem, van: int, calls: Sequence[Call], call: Call) -> Iterator[tuple[int, int, int]]:
    """For each position, seconds by which some limit is missed there at the very least, and of its detour.

    The break is left out and the last of the windows taken, so that the true lateness is never smaller.
    """
    earliest = walk(problem, van, calls).stops
    latest_s = _latest(problem, van, earliest)
    visit, first = problem.visits[call.index], locked(problem, van, calls)
    for position, (a, b) in enumerate(itertools.pairwise(earliest)):
        if position < first:
            continue
        there, on = problem.least_s(a.site, visit.site), problem.least_s(visit.site, b.site)
        if min(there, on) < 0:
            yield _NO_ROAD_S, 0, position
            continue
        detour_s = there + on - max(0, problem.least_s(a.site, b.site))
        begins_s = max(a.leaves_s + there, visit.windows[0].opens_s)
        own_s = begins_s - visit.windows[-1].closes_s
        late_s = max(0, own_s, begins_s + visit.service_on(van) + on - latest_s[position + 1])
        yield late_s, detour_s, position


def _latest(problem: Problem, van: int, stops: Sequence[Stop]) -> list[int]:
    """For each stop, the arrival past which a limit at it or after it is surely missed."""
    latest_s = [problem.vans[van].ends_s + problem.vans[van].overtime_s] * len(stops)
    for n in range(len(stops) - 2, -1, -1):
        stop, after = stops[n], stops[n + 1]
        drive_s = max(0, problem.least_s(stop.site, after.site))
        latest_s[n] = latest_s[n + 1] - drive_s - (stop.leaves_s - stop.begins_s)
        if stop.visit is not None:
            latest_s[n] = min(latest_s[n], problem.visits[stop.visit].windows[-1].closes_s)
    return latest_s


def locked(problem: Problem, van: int, calls: Sequence[Call]) -> int:
    """The first position of a van's calls where something may be put: after its locked visits."""
    prefix = problem.vans[van].prefix
    if not prefix:
        return 0
    ends = (
        n for n, call in enumerate(calls) if call.kind in ("visit", "dropoff") and call.index == prefix[-1]
    )
    return next(ends, -1) + 1


def beginning(problem: Problem, van: int) -> tuple[Call, ...]:
    """The van's locked visits, with the fewest reloads among them that keep their limits; none if none do."""
    calls = tuple(call_of(problem, visit) for visit in problem.vans[van].prefix)
    tried = [calls]
    for _ in range(_RELOADS + 1):
        for each in tried:
            if not timetable(problem, van, each).breaches:
                return each
        tried = [
            (*each[:at], Call("reload", kitchen), *each[at:])
            for each in tried
            for kitchen, at in itertools.product(range(len(problem.kitchens)), range(len(each)))
        ]
    return calls


def call_of(problem: Problem, visit: int) -> Call:
    """The call that a visit asks for; a nap is a preference, so it never stands in the way here."""
    return Call(problem.visits[visit].kind, visit, in_nap=True)


def suits(problem: Problem, van: int, visit: int) -> bool:
    """Whether the van may serve it, has the skills, and holds its cups with a full load."""
    one, asked = problem.vans[van], problem.visits[visit]
    if asked.vans is not None and van not in asked.vans:
        return False
    return asked.skills <= one.skills and all(
        problem.cups_of(asked, container) <= one.cups(container) for container in ("hot", "cold")
    )


def bound(problem: Problem, orders: Sequence[Sequence[Call]], van: int, visit: int) -> bool:
    """Whether what binds visits to each other keeps one off a van, as the orders stand.

    A unit of equipment is looked at as staying on one van all day: `handover` has its changes of vans.
    """
    return related(problem, orders, van, visit) or _without_unit(problem, orders, van, visit)


def related(problem: Problem, orders: Sequence[Sequence[Call]], van: int, visit: int) -> bool:
    """Whether a relation keeps a visit off a van, as the orders stand."""
    on = {c.index: n for n, calls in enumerate(orders) for c in calls if c.kind in ("visit", "dropoff")}
    for relation in problem.relations:
        others = (
            [on[n] for n in relation.visits if n in on and n != visit] if visit in relation.visits else []
        )
        if others and (relation.kind == "not_same_day" or set(others) != {van}):
            return True
    return False


def _without_unit(problem: Problem, orders: Sequence[Sequence[Call]], van: int, visit: int) -> bool:
    on = {c.index: n for n, calls in enumerate(orders) for c in calls if c.kind in ("visit", "dropoff")}
    for kit in problem.equipment:
        if kit.code in problem.visits[visit].equipment:
            holders = {
                n for other, n in on.items() if other != visit and kit.code in problem.visits[other].equipment
            }
            if len(holders | {van}) > kit.units:
                return True
    return False


def squeeze(problem: Problem, orders: Orders) -> Orders:
    """Put in every unserved visit that still fits somewhere: mandatory first, then by prize.

    Each goes where the day ends earliest.
    """
    lists = [list(calls) for calls in orders]
    served = {c.index for calls in orders for c in calls if c.kind in ("visit", "dropoff")}
    left = [n for n in range(len(problem.visits)) if n not in served]
    left.sort(key=lambda n: (not problem.visits[n].mandatory, -problem.visits[n].prize))
    for visit in left:
        call = call_of(problem, visit)
        fitting = [
            place
            for van in range(len(lists))
            if suits(problem, van, visit) and not bound(problem, lists, van, visit)
            for place in places(problem, van, lists[van], call, within_s=0)
            if not place.timetable.breaches
        ]
        if fitting:
            best = min(fitting, key=lambda place: (_naps(problem, place), place.timetable.rank))
            lists[best.van].insert(best.position, call)
    return tuple(tuple(calls) for calls in lists)


def _naps(problem: Problem, place: Place) -> int:
    return sum(
        stop.visit is not None and in_nap(problem.visits[stop.visit], stop.begins_s)
        for stop in place.timetable.stops
    )


def lean(problem: Problem, orders: Orders) -> Orders:
    """Without the reloads that nothing needs."""
    lean: list[tuple[Call, ...]] = []
    for van, calls in enumerate(orders):
        kept = calls
        for call in [call for call in calls if call.kind == "reload"]:
            without = tuple(each for each in kept if each is not call)
            if not timetable(problem, van, without).breaches:
                kept = without
        lean.append(kept)
    return tuple(lean)

"""Routes by insertion alone: one call after the other, where it costs the least driving. No clock in it.

A search that ends by the clock finds less on a busy machine, so that a month of it cannot be compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TypeAlias

from routing.levels import plan_of
from routing.place import call_of, suits
from routing.plan import Plan
from routing.problem import Problem, Visit
from routing.timetable import Call, route_of, site_of, timetable

Order: TypeAlias = Callable[[Visit, int], tuple[int, ...]]
"""What goes in first: the smallest value of a visit and the seconds of driving that it adds."""
_Place: TypeAlias = tuple[int, int, int]
"""Visit, van, position."""


def by_duty_and_prize(visit: Visit, extra_s: int) -> tuple[int, ...]:
    """Duties, then what is overdue most, then drop-offs; driving decides among equals."""
    drop = visit.kind == "dropoff"
    return (drop, not visit.mandatory, 0 if drop else -visit.prize, extra_s)


def by_driving(_visit: Visit, extra_s: int) -> tuple[int, ...]:
    """As many as possible, with the least driving."""
    return (extra_s,)


def insert(problem: Problem, order: Order) -> Plan:
    """The plan that insertion makes: what fits nowhere any more stays unserved."""
    routes: list[list[Call]] = [[] for _ in problem.vans]
    left = set(range(len(problem.visits)))
    failed: set[_Place] = set()
    known: dict[int, list[tuple[tuple[int, ...], _Place]]] = {}
    while left:
        for van in range(len(routes)):
            if van not in known:
                known[van] = sorted(_places(problem, van, routes[van], left, order))
        best = next(_first(known, left, failed), None)
        if best is None:
            break
        visit, van, position = best
        calls = [*routes[van][:position], call_of(problem, visit), *routes[van][position:]]
        if timetable(problem, van, calls).breaches:
            failed.add(best)
            continue
        routes[van] = calls
        left.remove(visit)
        del known[van]
        failed = {each for each in failed if each[1] != van}
    return plan_of(
        problem,
        [route_of(problem, van, timetable(problem, van, calls).stops) for van, calls in enumerate(routes)],
    )


def _first(
    known: dict[int, list[tuple[tuple[int, ...], _Place]]], left: set[int], failed: set[_Place]
) -> Iterator[_Place]:
    """The best place of all vans that was not tried in vain."""
    heads = []
    for places in known.values():
        places[:] = [each for each in places if each[1][0] in left and each[1] not in failed]
        heads += places[:1]
    if heads:
        yield min(heads)[1]


def _places(
    problem: Problem, van: int, calls: list[Call], left: set[int], order: Order
) -> Iterator[tuple[tuple[int, ...], _Place]]:
    one, seconds = problem.vans[van], problem.seconds
    sites = [one.depot, *(site_of(problem, call) for call in calls), one.ends_at]
    busy_s = sum(int(seconds[a, b]) for a, b in itertools.pairwise(sites))
    busy_s += sum(problem.visits[call.index].service_s for call in calls)
    busy_s += one.rest.duration_s if one.rest else 0
    free_s = one.ends_s - one.starts_s - busy_s
    for visit in left:
        asked = problem.visits[visit]
        if asked.service_s > free_s or not suits(problem, van, visit):
            continue
        for position, (a, b) in enumerate(itertools.pairwise(sites)):
            there, on = int(seconds[a, asked.site]), int(seconds[asked.site, b])
            if min(there, on) >= 0:
                extra_s = there + on - max(0, int(seconds[a, b]))
                if extra_s + asked.service_s <= free_s:
                    yield order(asked, extra_s), (visit, van, position)

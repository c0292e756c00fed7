"""A running day's breaks stay where they are: one that slips takes the promises round it along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routing.place import Orders
from routing.problem import Break, Problem, Van
from routing.running_changes import moved_on
from routing.timetable import Call, Timetable, timed, timetable


def hold_breaks(problem: Problem, orders: Orders) -> Problem:
    """The problem with each van's break to begin no sooner than where its calls break fewest promises.

    The timetable puts a break where the day ends first and knows no promise: of two gaps as good for it, one
    may move a dozen calls. The window's end stays as it is, so that whatever comes in between still may delay
    a break as far as the rule allows.
    """
    vans = tuple(rested(problem, van, orders[van])[0] for van in range(len(problem.vans)))
    return replace(problem, vans=vans)


def rested(problem: Problem, van: int, calls: tuple[Call, ...]) -> tuple[Van, Timetable]:
    """The van with its break's window begun at the best of: as it is, and whenever the van leaves a call.

    And the timetable that this gives.
    """
    one, table = problem.vans[van], timed(problem, van, calls)
    rest, stops = one.rest, table.stops
    begins = next((stop.begins_s for stop in stops if stop.kind == "break"), None)
    if rest is None or begins is None:
        return one, table
    visits = [problem.visits[call.index] for call in calls if call.kind in ("visit", "dropoff")]
    promises = [visit.promise for visit in visits if visit.promise is not None]
    lost = sum(promise.van != van for promise in promises)  # wherever the break is
    if not table.breaches and moved_on(problem, van, stops) == lost:
        return _from(one, rest, min(begins, rest.latest_s)), table
    leaves = {stop.leaves_s for stop in stops}
    promised = {promise.begins_s - rest.duration_s for promise in promises}
    tried = {rest.earliest_s, begins, *leaves, *promised}
    ways = [
        _from(one, rest, from_s) for from_s in sorted(tried) if rest.earliest_s <= from_s <= rest.latest_s
    ]
    tables = [_with(problem, van, way, calls) for way in ways]
    best = min(range(len(ways)), key=lambda n: _worth(problem, van, tables[n]))
    return ways[best], tables[best]


def _from(one: Van, rest: Break, from_s: int) -> Van:
    return replace(one, rest=Break(from_s, rest.latest_s, rest.duration_s))


def _with(problem: Problem, van: int, one: Van, calls: Sequence[Call]) -> Timetable:
    return timetable(replace(problem, vans=(*problem.vans[:van], one, *problem.vans[van + 1 :])), van, calls)


def _worth(problem: Problem, van: int, table: Timetable) -> tuple[int, int, int]:
    """Limits missed, promises broken, when the van is back."""
    return len(table.breaches), moved_on(problem, van, table.stops), table.stops[-1].leaves_s

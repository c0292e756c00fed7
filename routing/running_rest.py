"""A running day's breaks stay where they are: one that slips takes the promises round it along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routing.place import Orders
from routing.problem import Break, Problem, Van
from routing.running_changes import moved_on
from routing.timetable import Call, timetable


def hold_breaks(problem: Problem, orders: Orders) -> Problem:
    """The problem with each van's break to begin no sooner than where its calls break fewest promises.

    The timetable puts a break where the day ends first and knows no promise: of two gaps as good for it, one
    may move a dozen calls. The window's end stays as it is, so that whatever comes in between still may delay
    a break as far as the rule allows.
    """
    vans = tuple(_held(problem, van, orders[van]) for van in range(len(problem.vans)))
    return replace(problem, vans=vans)


def _held(problem: Problem, van: int, calls: Sequence[Call]) -> Van:
    """The van with its break's window begun at the best of: as it is, and whenever the van leaves a call."""
    one = problem.vans[van]
    if one.rest is None:
        return one
    rest, table = one.rest, timetable(problem, van, calls)
    stops = table.stops
    begins = next((stop.begins_s for stop in stops if stop.kind == "break"), None)
    if begins is None:
        return one
    if not table.breaches and not moved_on(problem, van, stops):
        return replace(one, rest=Break(min(begins, rest.latest_s), rest.latest_s, rest.duration_s))
    leaves = {stop.leaves_s for stop in stops if rest.earliest_s < stop.leaves_s <= rest.latest_s}
    promised = {
        visit.promise.begins_s - rest.duration_s
        for visit in (problem.visits[call.index] for call in calls if call.kind in ("visit", "dropoff"))
        if visit.promise is not None
    }
    tried = {rest.earliest_s, begins, *leaves, *promised}
    ways = [
        replace(one, rest=Break(from_s, rest.latest_s, rest.duration_s))
        for from_s in sorted(tried)
        if rest.earliest_s <= from_s <= rest.latest_s
    ]
    ranked = [(_worth(problem, van, each, calls), n) for n, each in enumerate(ways)]
    return ways[min(ranked)[1]]


def _worth(problem: Problem, van: int, one: Van, calls: Sequence[Call]) -> tuple[int, int, int]:
    """Limits missed, promises broken, when the van is back."""
    tried = replace(problem, vans=(*problem.vans[:van], one, *problem.vans[van + 1 :]))
    table = timetable(tried, van, calls)
    return len(table.breaches), moved_on(tried, van, table.stops), table.stops[-1].leaves_s

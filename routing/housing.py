"""A visit that lost its place is put where no further promise is broken for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from routing.levels import in_nap, is_moved
from routing.place import Orders, bound, call_of, locked, suits
from routing.problem import Problem
from routing.running_changes import moved_on
from routing.slack import latest_arrivals
from routing.timetable import Call, Timetable, timed

_RETURNS = 3
"""Places on one van that are timed exactly for a visit that looks for a new one."""


def delays_help(problem: Problem, before: Timetable, after: Timetable) -> bool:
    """Whether a call for help is reached later in one timetable than in the other."""
    begins = {stop.visit: stop.begins_s for stop in before.stops}
    return any(
        stop.visit in begins and problem.visits[stop.visit].sos and stop.begins_s > begins[stop.visit]
        for stop in after.stops
        if stop.visit is not None
    )


def house(problem: Problem, orders: Orders, visits: Sequence[int]) -> tuple[Orders, tuple[int, ...]]:
    """Put visits in where no further promise is broken for it: mandatory first, then by prize.

    Returns
    -------
    The orders, and the visits that found no place.
    """
    lists = [tuple(calls) for calls in orders]
    tables = [timed(problem, van, calls) for van, calls in enumerate(lists)] if visits else []
    latest_s = [latest_arrivals(problem, van, table.stops) for van, table in enumerate(tables)]
    homeless: list[int] = []
    asked = sorted(visits, key=lambda n: (not problem.visits[n].sos, not problem.visits[n].mandatory,
                                          -problem.visits[n].prize, n))  # fmt: skip
    for visit in asked:
        found = [
            place
            for van in range(len(lists))
            if suits(problem, van, visit) and not bound(problem, lists, van, visit)
            for place in _homes(problem, (van, visit), lists[van], (tables[van], latest_s[van]))
        ]
        if not found:
            homeless.append(visit)
            continue
        _, _, van, order, table = min(found, key=lambda place: place[:3])
        lists[van], tables[van] = order, table
        latest_s[van] = latest_arrivals(problem, van, table.stops)
    return tuple(lists), tuple(homeless)


def _homes(
    problem: Problem, who: tuple[int, int], calls: tuple[Call, ...], now: tuple[Timetable, Sequence[int]]
) -> Iterator[tuple[int, int, int, tuple[Call, ...], Timetable]]:
    """Sound places on one van: naps called in on, detour, van, and the calls with their timetable.

    `now` is the timetable as it is, and how much later each of its stops may be reached.
    """
    (van, visit), (table, _) = who, now
    moved = moved_on(problem, van, table.stops)
    for detour_s, position in sorted(_detours(problem, who, calls, now))[:_RETURNS]:
        order = (*calls[:position], call_of(problem, visit), *calls[position:])
        tried = timed(problem, van, order)
        stop = next(stop for stop in tried.stops if stop.visit == visit)
        others = moved_on(problem, van, tried.stops) - is_moved(problem.visits[visit], van, stop)
        if not tried.breaches and others <= moved and not delays_help(problem, table, tried):
            yield int(in_nap(problem.visits[visit], stop.begins_s)), detour_s, van, order, tried


def _detours(
    problem: Problem, who: tuple[int, int], calls: Sequence[Call], now: tuple[Timetable, Sequence[int]]
) -> Iterator[tuple[int, int]]:
    """Extra driving at the positions where a visit fits into the slack of what follows."""
    (van, visit), (table, latest_s) = who, now
    asked, first = problem.visits[visit], locked(problem, van, calls)
    position = -1
    for k in range(len(table.stops) - 1):
        a, b = table.stops[k], table.stops[k + 1]
        position += a.kind != "break"
        there_s = problem.drive_s(a.site, asked.site, a.leaves_s)
        on_s = problem.drive_s(asked.site, b.site, a.leaves_s)
        if position < first or min(there_s, on_s) < 0:
            continue
        begins_s = max(a.leaves_s + there_s, asked.windows[0].opens_s)
        if begins_s > asked.windows[-1].closes_s:
            return
        if begins_s + asked.service_on(van) + on_s <= latest_s[k + 1]:
            yield there_s + on_s - max(0, problem.drive_s(a.site, b.site, a.leaves_s)), position

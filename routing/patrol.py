"""Fills the slack of a day's routes with passes through the vans' own beats, until no patrol is owed.

Visits come first: a pass never moves a visit out of its window and is the first thing to give way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.place import Orders, locked
from routing.plan import Stop
from routing.problem import IntMatrix, Problem
from routing.slack import latest_arrivals
from routing.timetable import Call, Timetable, patrol_s, timed, timetable
from routing.units import over_units

Seconds: TypeAlias = npt.NDArray[np.int64]
_NOWHERE = 10**12
_UNSEEN_PER_DRIVE = 20
"""Seconds between two looks at a cell that are worth one second of driving."""


def fill(problem: Problem, orders: Orders) -> Orders:
    """Add beat passes, the van with the largest shortfall first, while any of them fits.

    A van stops when its patrol target is met and its cells have had their passes.
    """
    lists = [list(calls) for calls in orders]
    tables = [timed(problem, van, calls) for van, calls in enumerate(orders)]
    passed = Counter(call.index for calls in lists for call in calls if call.kind == "pass")
    open_vans = {van for van in range(len(lists)) if any(van in cell.vans for cell in problem.cells)}
    while open_vans:
        van = min(open_vans, key=lambda each: (patrol_s(problem, each, tables[each].stops), each))
        found = _next_pass(problem, van, lists[van], (tables, passed))
        if found is None:
            open_vans.discard(van)
            continue
        position, cell, tables[van] = found
        lists[van].insert(position, Call("pass", cell))
        passed[cell] += 1
    return tuple(tuple(calls) for calls in lists)


def _next_pass(
    problem: Problem, van: int, calls: Sequence[Call], now: tuple[Sequence[Timetable], Counter[int]]
) -> tuple[int, int, Timetable] | None:
    """The cell least seen, at the cheapest place that leaves every later limit kept.

    A pass that a cell does not ask for must bring patrol.
    """
    tables, passed = now
    table = tables[van]
    owed = patrol_s(problem, van, table.stops) < problem.patrol_target_s - problem.vans[van].patrolled_s
    latest_s = latest_arrivals(problem, van, table.stops)
    first = locked(problem, van, calls)
    wanted = [n for n, c in enumerate(problem.cells) if van in c.vans and (owed or passed[n] < c.passes)]
    found = [
        (passed[n], *place, n) for n, place in _cheapest(problem, table.stops, latest_s, (wanted, first))
    ]
    for _, _, position, n in sorted(found):
        order = (*calls[:position], Call("pass", n), *calls[position:])
        tried = timetable(problem, van, order)
        gains = patrol_s(problem, van, tried.stops) > patrol_s(problem, van, table.stops)
        wins = gains or passed[n] < problem.cells[n].passes
        if wins and not tried.breaches and keeps_units(problem, tables, van, tried):
            return position, n, tried
    return None


def keeps_units(problem: Problem, tables: Sequence[Timetable], van: int, tried: Timetable) -> bool:
    """Whether a van's new times keep what is handed over at noon in time, if anything is."""
    stops = {n: tried.stops if n == van else table.stops for n, table in enumerate(tables)}
    handed = any(stop.kind == "handover" for own in stops.values() for stop in own)
    return not handed or not over_units(problem, stops)


def _cheapest(
    problem: Problem, stops: Sequence[Stop], latest_s: Sequence[int], which: tuple[Sequence[int], int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """For each cell where one pass fits best: extra driving less what it gains in looks at it, and where.

    `which` is the cells and the first position that is not locked. Rows are gaps of stops, columns cells.
    """
    cells, first = which
    room = room_for(problem, stops, latest_s, cells)
    fits = room.fits & (room.position >= first)[:, np.newaxis]
    price = room.detour_s - _unseen_s(stops, room.leaves_s, cells) // _UNSEEN_PER_DRIVE
    price = np.where(fits, price, _NOWHERE)
    for column, gap in enumerate(price.argmin(axis=0).tolist()):
        if fits[gap, column]:
            yield cells[column], (int(price[gap, column]), int(room.position[gap]))


class Room(NamedTuple):
    """Where passes could go. Rows are gaps between stops, columns cells.

    Parameters
    ----------
    fits : whether all later limits are kept
    position : the position among the calls, for each gap
    leaves_s : when the stop before each gap is left
    arrives_s : when the cell would be reached
    detour_s : extra seconds of driving
    """

    fits: npt.NDArray[np.bool_]
    position: Seconds
    leaves_s: Seconds
    arrives_s: Seconds
    detour_s: Seconds


def room_for(problem: Problem, stops: Sequence[Stop], latest_s: Sequence[int], cells: Sequence[int]) -> Room:
    """The room for one pass of each cell between a timetable's stops, given their latest arrivals."""
    kinds = np.array([stop.kind == "break" for stop in stops[:-1]])
    # The break is no call: it has no position of its own.
    position = np.cumsum(~kinds) - 1
    leaves_s = np.array([stop.leaves_s for stop in stops[:-1]])
    sites = np.array([stop.site for stop in stops])
    there = np.array([problem.cells[n].site for n in cells], dtype=np.int64)
    tour_s = np.array([problem.cells[n].tour_s for n in cells], dtype=np.int64)
    to_s = _paced(problem, problem.seconds[np.ix_(sites[:-1], there)], leaves_s)
    on_s = _paced(problem, problem.seconds[np.ix_(there, sites[1:])].T, leaves_s)
    direct_s = np.maximum(0, _paced(problem, problem.seconds[sites[:-1], sites[1:]][:, np.newaxis], leaves_s))
    arrives_s = leaves_s[:, np.newaxis] + to_s
    fits = (to_s >= 0) & (on_s >= 0) & (arrives_s + tour_s + on_s <= np.array(latest_s[1:])[:, np.newaxis])
    return Room(fits, position, leaves_s, arrives_s, to_s + on_s - direct_s)


def _paced(problem: Problem, seconds: IntMatrix, leaves_s: Seconds) -> Seconds:
    """Drives at the pace of the hour in which each row is left; -1 stays where no road leads."""
    long = seconds.astype(np.int64)
    if not problem.pace:
        return long
    pace = np.array(problem.pace)[leaves_s // 3600 % 24][:, np.newaxis]
    return np.where(long > 0, -(-long * pace // 100), long)


def _unseen_s(stops: Sequence[Stop], leaves_s: Seconds, cells: Sequence[int]) -> Seconds:
    """For each gap and cell the seconds to the nearest look at the cell, or to an end of the day."""
    ends_s = [abs(leaves_s - stop.begins_s) for stop in stops if stop.kind in ("start", "end")]
    gap_s = np.repeat(np.minimum.reduce(ends_s)[:, np.newaxis], len(cells), axis=1)
    column = {n: k for k, n in enumerate(cells)}
    for stop in stops:
        if stop.cell in column:
            k = column[stop.cell]
            gap_s[:, k] = np.minimum(gap_s[:, k], abs(leaves_s - stop.begins_s))
    return gap_s

"""Fills the slack of a day's routes with passes through the vans' own beats, until no patrol is owed.

Visits come first: a pass never moves a visit out of its window and is the first thing to give way.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from routing.place import Orders
from routing.plan import Stop
from routing.problem import Problem
from routing.timetable import Call, Timetable, patrol_s, timetable

_TRIES = 24
"""Places looked at by the full timetable for one pass; least seen cells and cheapest detours come first."""
_UNSEEN_PER_DRIVE = 20
"""Seconds between two looks at a cell that are worth one second of driving."""
_POSITIONS = 3
"""Places tried on a route for each cell."""


def fill(problem: Problem, orders: Orders) -> Orders:
    """Add beat passes, the van with the largest shortfall first, while any of them fits.

    A van stops when its patrol target is met and its cells have had their passes.
    """
    lists = [list(calls) for calls in orders]
    tables = [timetable(problem, van, calls) for van, calls in enumerate(lists)]
    passed: Counter[int] = Counter()
    open_vans = {van for van in range(len(lists)) if any(van in cell.vans for cell in problem.cells)}
    while open_vans:
        van = min(open_vans, key=lambda each: (patrol_s(problem, each, tables[each].stops), each))
        found = _next_pass(problem, van, lists[van], (tables[van], passed))
        if found is None:
            open_vans.discard(van)
            continue
        position, cell, tables[van] = found
        lists[van].insert(position, Call("pass", cell))
        passed[cell] += 1
    return tuple(tuple(calls) for calls in lists)


def _next_pass(
    problem: Problem, van: int, calls: Sequence[Call], now: tuple[Timetable, Counter[int]]
) -> tuple[int, int, Timetable] | None:
    """The cell least seen with the smallest detour that fits, where the timetable takes it best."""
    table, passed = now
    owed = patrol_s(problem, van, table.stops) < problem.patrol_target_s
    cells = [
        n for n, cell in enumerate(problem.cells) if van in cell.vans and (owed or passed[n] < cell.passes)
    ]
    stops = [stop for stop in table.stops if stop.kind != "break"]
    ranked = sorted(
        (passed[n], price, place, n) for n in cells for price, place in _prices(problem, stops, n)
    )
    for _, _, position, n in ranked[:_TRIES]:
        order = (*calls[:position], Call("pass", n), *calls[position:])
        tried = timetable(problem, van, order)
        if not tried.breaches:
            return position, n, tried
    return None


def _prices(problem: Problem, stops: Sequence[Stop], cell: int) -> list[tuple[int, int]]:
    """The cheapest positions for one pass: extra driving, less what it gains in looks at the cell."""
    site = problem.cells[cell].site
    seen_s = [stop.begins_s for stop in stops if stop.cell == cell or stop.kind in ("start", "end")]
    found: list[tuple[int, int]] = []
    for position, (a, b) in enumerate(itertools.pairwise(stops)):
        there, on = int(problem.seconds[a.site, site]), int(problem.seconds[site, b.site])
        if min(there, on) >= 0:
            extra_s = there + on - max(0, int(problem.seconds[a.site, b.site]))
            gap_s = min(abs(a.leaves_s - each) for each in seen_s)
            found.append((extra_s - gap_s // _UNSEEN_PER_DRIVE, position))
    return sorted(found)[:_POSITIONS]

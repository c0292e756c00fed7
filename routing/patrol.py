"""Fills the slack of a day's routes with passes through the vans' own beats, until no patrol is owed.

Visits come first: a pass never moves a visit out of its window and is the first thing to give way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from routing.place import Orders, locked
from routing.plan import Stop
from routing.problem import Problem
from routing.slack import latest_arrivals
from routing.timetable import Call, Timetable, patrol_s, timetable

_UNSEEN_PER_DRIVE = 20
"""Seconds between two looks at a cell that are worth one second of driving."""


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
    """The cell least seen, at the cheapest place that leaves every later limit kept.

    A pass that a cell does not ask for must bring patrol.
    """
    table, passed = now
    owed = patrol_s(problem, van, table.stops) < problem.patrol_target_s - problem.vans[van].patrolled_s
    latest_s = latest_arrivals(problem, van, table.stops)
    first = locked(problem, van, calls)
    found: list[tuple[int, int, int, int]] = []
    for n, cell in enumerate(problem.cells):
        if van in cell.vans and (owed or passed[n] < cell.passes):
            best = _cheapest(problem, table.stops, latest_s, (n, first))
            if best is not None:
                found.append((passed[n], *best, n))
    for _, _, position, n in sorted(found):
        order = (*calls[:position], Call("pass", n), *calls[position:])
        tried = timetable(problem, van, order)
        gains = patrol_s(problem, van, tried.stops) > patrol_s(problem, van, table.stops)
        if not tried.breaches and (gains or passed[n] < problem.cells[n].passes):
            return position, n, tried
    return None


def _cheapest(
    problem: Problem, stops: Sequence[Stop], latest_s: Sequence[int], which: tuple[int, int]
) -> tuple[int, int] | None:
    """Where one pass fits best: extra driving less what it gains in looks at the cell, and its position.

    `which` is the cell and the first position that is not locked.
    """
    cell, first = which
    site, tour_s = problem.cells[cell].site, problem.cells[cell].tour_s
    seen_s = [stop.begins_s for stop in stops if stop.cell == cell or stop.kind in ("start", "end")]
    best: tuple[int, int] | None = None
    position = -1
    for n, (a, b) in enumerate(pairwise(stops)):
        position += a.kind != "break"  # the break is no call: it has no position of its own
        if position < first:
            continue
        there_s = problem.drive_s(a.site, site, a.leaves_s)
        on_s = problem.drive_s(site, b.site, a.leaves_s)
        if min(there_s, on_s) < 0 or a.leaves_s + there_s + tour_s + on_s > latest_s[n + 1]:
            continue
        extra_s = there_s + on_s - max(0, problem.drive_s(a.site, b.site, a.leaves_s))
        gap_s = min(abs(a.leaves_s - each) for each in seen_s)
        price = (extra_s - gap_s // _UNSEEN_PER_DRIVE, position)
        best = price if best is None else min(best, price)
    return best

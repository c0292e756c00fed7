"""Moves beat passes to where cells stay unseen the longest. Visits keep their vans and their order.

It is a covering tour with the routes' calls given: a pass of the cell that is unseen the longest is put into
that time, or another pass gives way to it, while the plan's levels down to the unseen time get better or
the cells' looks lie more evenly. Prior art: covering tour, Gendreau et al. 1997; minimal idleness in
patrolling, Machado et al. 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.levels import seen_from
from routing.patrol import keeps_units, room_for
from routing.place import Orders, locked
from routing.plan import Stop
from routing.problem import Problem
from routing.slack import latest_arrivals
from routing.timetable import Call, Timetable, patrol_s, timetable

Key: TypeAlias = tuple[int, int, int]
"""Patrol minutes missing, the longest unseen seconds, and the sum of squares of all times without a look."""
_MOVES = 120
_CELLS = 4
"""Cells that are tried before no move is left, those unseen the longest first."""
_TIMED = 8
"""Moves that are timed whole for a cell, those that leave the shortest time unseen by a guess."""


_REMOVED = 20
"""Passes of a van that are tried without: a day of small cells has hundreds, and each is timed whole."""


class _Base(NamedTuple):
    """A van's calls with at most one pass taken out, their limits, and what is looked at from them."""

    calls: tuple[Call, ...]
    table: Timetable
    latest_s: list[int]
    looks: npt.NDArray[np.int64]


def spread(
    problem: Problem, orders: Orders, moves: int = _MOVES, halted: Callable[[], bool] | None = None
) -> Orders:
    """Move, swap, add and drop passes so that no cell stays unseen for long; `moves` of them at most.

    No call but a pass changes its place. What patrol is met stays met. Once `halted`, what there is counts.
    """
    if not any(cell.vans for cell in problem.cells) or problem.legs is not None:
        return orders
    day = _Day(problem, orders)
    over = halted or (lambda: False)
    for _ in range(moves):
        if over() or not day.move():
            break
    day.trim(over)
    return tuple(day.lists)


class _Day:
    """The routes as they stand, and when each cell is looked at."""

    def __init__(self, problem: Problem, orders: Orders) -> None:
        self.problem = problem
        self.lists = [tuple(calls) for calls in orders]
        self.tables = [timetable(problem, van, calls) for van, calls in enumerate(self.lists)]
        self.cells = [n for n, cell in enumerate(problem.cells) if cell.vans]
        vans = problem.vans
        self.first_s = np.array([min(vans[v].starts_s for v in problem.cells[n].vans) for n in self.cells])
        self.last_s = np.array([max(vans[v].ends_s for v in problem.cells[n].vans) for n in self.cells])
        self.seen: dict[int, list[int]] = {}
        for row, n in enumerate(self.cells):
            for site in seen_from(problem, n):
                self.seen.setdefault(site, []).append(row)
        self.looks = [self.looks_of(table.stops) for table in self.tables]
        self.short = [self.short_min(van, table.stops) for van, table in enumerate(self.tables)]
        self.bases: dict[int, list[_Base]] = {}
        self.key = self.key_with(0, self.tables[0])

    def looks_of(self, stops: Sequence[Stop]) -> npt.NDArray[np.int64]:
        """Rows of cell and time, one for each look from these stops."""
        found = [(row, s.begins_s) for s in stops[1:-1] for row in self.seen.get(s.site, ())]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def gaps(self, van: int, looks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Rows of cell, begin and end of each time without a look, with a van's looks in place of its own."""
        every = np.concatenate([*(own for n, own in enumerate(self.looks) if n != van), looks])
        inside = (every[:, 1] >= self.first_s[every[:, 0]]) & (every[:, 1] <= self.last_s[every[:, 0]])
        rows = np.arange(len(self.cells))
        ends = [np.column_stack([rows, at]) for at in (self.first_s, self.last_s)]
        every = np.concatenate([every[inside], *ends])
        every = every[np.lexsort((every[:, 1], every[:, 0]))]
        same = every[1:, 0] == every[:-1, 0]
        spans: npt.NDArray[np.int64] = np.column_stack([every[:-1], every[1:, 1]])[same]
        return spans

    def key_with(self, van: int, table: Timetable) -> Key:
        """What the day comes to with a van's timetable in place of its own."""
        gaps = self.gaps(van, self.looks_of(table.stops))
        length = gaps[:, 2] - gaps[:, 1]
        short = sum(self.short) - self.short[van] + self.short_min(van, table.stops)
        return short, int(length.max()), int((length**2).sum())

    def short_min(self, van: int, stops: Sequence[Stop]) -> int:
        """Patrol minutes that a van is short of."""
        one = self.problem.vans[van]
        if one.inside is None:
            return 0
        owed_s = self.problem.patrol_target_s - one.patrolled_s - patrol_s(self.problem, van, stops)
        return -(-max(0, owed_s) // 60)

    def move(self) -> bool:
        """Make the best move for one of the cells that are unseen the longest; False when there is none."""
        gaps = self.gaps(0, self.looks[0])
        tried: set[int] = set()
        for n in np.argsort(gaps[:, 1] - gaps[:, 2], kind="stable").tolist():
            row, begins_s, ends_s = (int(each) for each in gaps[n])
            if row in tried:
                continue
            tried.add(row)
            if self.look(row, begins_s, ends_s):
                return True
            if len(tried) >= _CELLS:
                break
        return False

    def look(self, row: int, begins_s: int, ends_s: int) -> bool:
        """Have a cell looked at within some time, if that makes the day better."""
        found = [
            (*place, van, base)
            for van in sorted(self.problem.cells[self.cells[row]].vans)
            for base in self.bases_of(van)
            for place in self.places(base, van, self.cells[row], (begins_s, ends_s))
        ]
        found.sort(key=lambda each: each[:4])
        best: tuple[Key, int, tuple[Call, ...], Timetable] | None = None
        for _, _, position, van, base in found[:_TIMED]:
            calls = (*base.calls[:position], Call("pass", self.cells[row]), *base.calls[position:])
            table = timetable(self.problem, van, calls)
            if table.breaches or not keeps_units(self.problem, self.tables, van, table):
                continue
            key = self.key_with(van, table)
            if key < (self.key if best is None else best[0]):
                best = key, van, calls, table
        if best is not None:
            self.take(*best)
        return best is not None

    def places(
        self, base: _Base, van: int, cell: int, unseen: tuple[int, int]
    ) -> Iterator[tuple[int, int, int]]:
        """The places of one pass on a route: the longest time unseen then, by a guess; detour, position."""
        begins_s, ends_s = unseen
        gaps = self.gaps(van, base.looks)
        hole_s = int((gaps[:, 2] - gaps[:, 1]).max())
        if hole_s > max(self.key[1], ends_s - begins_s):
            return
        room = room_for(self.problem, base.table.stops, base.latest_s, [cell])
        at_s = room.arrives_s[:, 0]
        fits = room.fits[:, 0] & (at_s > begins_s) & (at_s < ends_s)
        fits &= room.position >= locked(self.problem, van, base.calls)
        left_s = np.maximum(np.maximum(at_s - begins_s, ends_s - at_s), min(hole_s, self.key[1]))
        for gap in np.flatnonzero(fits).tolist():
            yield int(left_s[gap]), int(room.detour_s[gap, 0]), int(room.position[gap])

    def bases_of(self, van: int) -> list[_Base]:
        """The van's calls as they are, and without each of the passes that are missed least."""
        if van not in self.bases:
            calls = self.lists[van]
            removed = [
                n for n in range(locked(self.problem, van, calls), len(calls)) if calls[n].kind == "pass"
            ]
            tried = [calls, *((*calls[:n], *calls[n + 1 :]) for n in self.least_missed(van, removed))]
            self.bases[van] = [self.base(van, each) for each in tried]
        return self.bases[van]

    def least_missed(self, van: int, passes: Sequence[int]) -> list[int]:
        """Of a van's passes, by their positions, those without which their cell stays unseen the shortest."""
        if len(passes) <= _REMOVED:
            return list(passes)
        stops = [stop for stop in self.tables[van].stops[1:-1] if stop.kind != "break"]
        looks = np.concatenate(self.looks)

        def hole_s(position: int) -> int:
            row, at_s = self.cells.index(self.lists[van][position].index), stops[position].begins_s
            others = looks[(looks[:, 0] == row) & (looks[:, 1] != at_s), 1]
            before = others[others < at_s].max(initial=self.first_s[row])
            return int(others[others > at_s].min(initial=self.last_s[row]) - before)

        return sorted(sorted(passes, key=hole_s)[:_REMOVED])

    def base(self, van: int, calls: tuple[Call, ...]) -> _Base:
        table = timetable(self.problem, van, calls)
        latest_s = latest_arrivals(self.problem, van, table.stops)
        return _Base(calls, table, latest_s, self.looks_of(table.stops))

    def take(self, key: Key, van: int, calls: tuple[Call, ...], table: Timetable) -> None:
        self.key, self.lists[van], self.tables[van] = key, calls, table
        self.looks[van] = self.looks_of(table.stops)
        self.short[van] = self.short_min(van, table.stops)
        self.bases.pop(van, None)

    def trim(self, halted: Callable[[], bool]) -> None:
        """Drop the passes that no level asks for: patrol is met and no cell is unseen for longer without."""
        for van in range(len(self.lists)):
            for n in reversed(range(locked(self.problem, van, self.lists[van]), len(self.lists[van]))):
                if halted():
                    return
                if self.spare(self.lists[van][n]):
                    calls = (*self.lists[van][:n], *self.lists[van][n + 1 :])
                    table = timetable(self.problem, van, calls)
                    key = self.key_with(van, table)
                    if key[:2] <= self.key[:2] and self.is_leaner(van, table):
                        self.take(key, van, calls, table)

    def spare(self, call: Call) -> bool:
        """Whether it is a pass of a cell that has more of them than it asks for."""
        passes = sum(call == each for calls in self.lists for each in calls)
        return call.kind == "pass" and passes > self.problem.cells[call.index].passes

    def is_leaner(self, van: int, table: Timetable) -> bool:
        if table.breaches or not keeps_units(self.problem, self.tables, van, table):
            return False
        return table.stops[-1].leaves_s < self.tables[van].stops[-1].leaves_s

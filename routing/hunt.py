"""The compiled search, from the outside: orders in, better orders out, and the good routes met on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing import anneal, ruin
from routing.gap import put, take
from routing.grid import LEVEL, LOCKED, NAP_FROM, NAP_TO, OWING, PENALTY, Grid, grid_of
from routing.place import Orders, beginning, locked
from routing.problem import Problem
from routing.ruin import BEST, Board
from routing.timetable import Call, timetable
from routing.tours import BEGIN, COUNT, Walks, empty_walks
from routing.walk import walk

_POOL = 30_000
_FEW, _MANY = 24, 512
_COLD = 10.0
"""The temperature at which annealing ends, in seconds of driving."""
_WARM = 4_000.0
"""Where it begins when nobody is left out: a detour of an hour is then tried now and then."""


@dataclass(frozen=True, slots=True)
class Column:
    """A route that was good somewhere: whom it serves, what it costs beside an empty one."""

    van: int
    nodes: tuple[int, ...]
    visits: frozenset[int]
    saves: int


class Hunt:
    """One search from a seed. The same steps from the same seed find the same."""

    def __init__(self, problem: Problem, seed: int, grid: Grid | None = None) -> None:
        self.problem = problem
        grid = grid_of(problem) if grid is None else grid
        # How much of a route is locked depends on the orders that it begins with.
        self.grid = grid._replace(van=grid.van.copy(), pair=grid.pair.copy())
        self.closed = frozenset(van for van in range(len(problem.vans)) if self._close(van))
        longest = min(_MANY, max(_FEW, _longest(problem)))
        self.walks: Walks = empty_walks(self.grid, longest)
        self.board: Board = ruin.empty_board(self.grid, longest, _POOL)
        self.dice = np.array([(seed * 0x9E3779B97F4A7C15 + 1) % 2**64], dtype=np.uint64)
        self.steps = 0
        self.begin(tuple(() for _ in problem.vans))

    def begin(self, orders: Orders) -> None:
        """Take these orders over, keep the locked ones, put in whoever fits, and make that the incumbent."""
        grid, walks = self.grid, self.walks
        self.board.known[:] = 0
        for van in range(len(self.problem.vans)):
            while walks.tour[van, COUNT] > 0:
                take(grid, walks, van, int(walks.tour[van, COUNT]) - 1)
        for van, calls in enumerate(orders):
            if van in self.closed:
                continue
            begun = calls if calls else beginning(self.problem, van)
            grid.van[van, LOCKED] = len(self._nodes(begun[: locked(self.problem, van, begun)]))
            for k, node in enumerate(self._nodes(begun)[: walks.stop.shape[1] - 1]):
                put(grid, walks, van, k, node)
        anneal.construct(grid, walks, self.board, self.dice)

    def _close(self, van: int) -> bool:
        """Keep locked visits on their van; a van whose locked ones cannot keep their limits takes no more."""
        prefix = list(self.problem.vans[van].prefix)
        others = [other for other in range(len(self.problem.vans)) if other != van]
        self.grid.pair[np.ix_(others, prefix)] = -1
        closed = bool(timetable(self.problem, van, beginning(self.problem, van)).breaches)
        if closed:
            self.grid.pair[van] = -1
        return closed

    def go(self, steps: int, heat: tuple[float, float]) -> None:
        """So many steps, cooling from one temperature to the other."""
        anneal.anneal(self.grid, self.walks, self.board, self.dice, steps, heat)
        self.steps += steps

    def heat(self) -> tuple[float, float]:
        """Where annealing begins and ends: what an absent call is worth, or a long detour without any."""
        left = self.grid.visit[self.walks.at[:, 0] < 0]
        worth = left[:, PENALTY][left[:, LEVEL : LEVEL + 2].sum(axis=1) == 0]
        return (float(worth.mean()) if len(worth) else _WARM), _COLD

    @property
    def levels(self) -> tuple[int, ...]:
        """What the incumbent misses: SOS, mandatory, prize, patrol minutes as guessed, cups, cost."""
        return tuple(int(each) for each in self.board.level[BEST])

    def nodes(self) -> list[tuple[int, ...]]:
        """The incumbent as the search numbers it: visits, then reloads as `visits + kitchen`."""
        return [tuple(row[1 : 1 + int(row[0])].tolist()) for row in self.board.best]

    def orders(self) -> Orders:
        """The incumbent."""
        return tuple(
            beginning(self.problem, van) if van in self.closed else self._calls(van, nodes)
            for van, nodes in enumerate(self.nodes())
        )

    def columns(self) -> list[Column]:
        """The incumbent's routes, then the newest good ones: each set of visits of a van at its cheapest."""
        board, visits = self.board, len(self.grid.visit)
        size, count = len(board.pool), int(board.counter[0])
        newest = (np.arange(count - 1, count - 1 - min(count, size), -1)) % size
        pool = np.concatenate([self._incumbent(), board.pool[newest]])
        told = np.zeros((len(pool), 4), np.int64)
        anneal.measure(self.grid, self._scratch(), pool, told)
        empty = np.zeros((len(board.best), pool.shape[1]), np.int32)
        empty[:, 0] = np.arange(len(empty))
        nothing = np.zeros((len(empty), 4), np.int64)
        anneal.measure(self.grid, self._scratch(), empty, nothing)
        van, owing = pool[:, 0], int(self.grid.rate[OWING])
        saves = told[:, 2] - (told[:, 0] - nothing[van, 0]) - owing * (told[:, 1] - nothing[van, 1])
        best: dict[tuple[int, int], int] = {}
        for n in np.flatnonzero((told[:, 1] >= 0) & (pool[:, 1] > 0)).tolist():
            key = int(van[n]), int(told[n, 3])
            if key not in best or saves[n] > saves[best[key]]:
                best[key] = n
        return [_column(pool[n], int(saves[n]), visits) for n in best.values()]

    def adopt(self, routes: Sequence[Sequence[int]], other: Hunt) -> None:
        """Go on from these nodes, what fits put in; or from another's incumbent if it is better."""
        before, levels = other.orders(), other.levels
        self.begin(tuple(self._calls(van, nodes) for van, nodes in enumerate(routes)))
        if self.levels > levels:
            self.begin(before)

    def _incumbent(self) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        best = self.board.best
        return np.column_stack([np.arange(len(best)), best]).astype(np.int32)

    def _scratch(self) -> Walks:
        return empty_walks(self.grid, self.walks.stop.shape[1] - 1)

    def _nodes(self, calls: Sequence[Call]) -> list[int]:
        visits = len(self.problem.visits)
        return [
            visits + call.index if call.kind == "reload" else call.index
            for call in calls
            if call.kind in ("visit", "dropoff", "reload")
        ]

    def _calls(self, van: int, nodes: Sequence[int]) -> tuple[Call, ...]:
        """Nodes as calls; who is reached in their nap is called on at once."""
        scratch = self._scratch()
        for k, node in enumerate(nodes):
            put(self.grid, scratch, van, k, node)
        walk(self.grid, scratch, van)
        visits = len(self.problem.visits)
        calls = []
        for k, node in enumerate(nodes):
            if node >= visits:
                calls.append(Call("reload", node - visits))
                continue
            nap = self.grid.visit[node, [NAP_FROM, NAP_TO]]
            napping = bool(nap[0] <= scratch.stop[van, k, BEGIN] < nap[1])
            calls.append(Call(self.problem.visits[node].kind, node, napping))
        return tuple(calls)


def _column(row: np.ndarray[tuple[int], np.dtype[np.int32]], saves: int, visits: int) -> Column:
    nodes = tuple(row[2 : 2 + int(row[1])].tolist())
    return Column(int(row[0]), nodes, frozenset(node for node in nodes if node < visits), saves)


def _longest(problem: Problem) -> int:
    """Nodes that a route may hold: as many visits as the longest shift has time for, with room to spare."""
    shifts = [van.ends_s + van.overtime_s - van.starts_s for van in problem.vans]
    least = sorted(max(60, visit.service_s) for visit in problem.visits)
    total, count = 0, 0
    for service_s in least:
        total += service_s
        count += total <= max(shifts, default=0)
    return count + 8


def cooling(heat: tuple[float, float], cooler: int, spans: Sequence[float]) -> tuple[float, float]:
    """The temperatures at two shares of an annealing."""
    hot, cold = max(heat[0] / cooler, heat[1]), heat[1]
    begins, ends = (hot * (cold / hot) ** span for span in spans)
    return begins, ends

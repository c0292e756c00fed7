"""Tear and mend while it cools, compiled: what is kept, what is undone, and the incumbent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.compiling import array_kernel, kernel, small_kernel
from routing.dice import Dice, below, uniform
from routing.gap import count, put, take
from routing.grid import BALANCE, BIG, HOLD, LEVEL, OWING, PENALTY, WORKED, Grid
from routing.recreate import line_up, put_back
from routing.ruin import BEST, LEVELS, NOW, THEN, Board, copy_route, invite, tear, turn_reload
from routing.tours import COST, COUNT, NODE, OWED, WORK, Ints, Walks
from routing.walk import walk


@kernel
def tally(g: Grid, w: Walks, now: Ints) -> None:
    """What the routes as they stand come to on each level."""
    now[:] = 0
    for j in range(g.visit.shape[0]):
        if w.at[j, 0] < 0:
            now[0] += g.visit[j, LEVEL + 0]
            now[1] += g.visit[j, LEVEL + 1]
            now[2] += g.visit[j, LEVEL + 2]
            now[4] += g.visit[j, LEVEL + 3]
    _sum_up(g, w, now)


@kernel
def _sum_up(g: Grid, w: Walks, now: Ints) -> None:
    """What the routes owe and cost together, with what the weeks are out of balance."""
    now[3] = now[5] = 0
    vans, weeks = g.van.shape[0], 0
    for v in range(vans):
        now[3] += owed_min(w, v)
        now[5] += w.tour[v, COST]
        weeks += w.tour[v, WORK] + g.van[v, WORKED]
    if g.rate[BALANCE] > 0:
        above = 0
        for v in range(vans):
            above += max(0, w.tour[v, WORK] + g.van[v, WORKED] - weeks // vans)
        now[5] += g.rate[BALANCE] * above // 1000


@small_kernel
def owed_min(w: Walks, v: int) -> int:
    return max(0, (w.tour[v, OWED] + 59) // 60)


@small_kernel
def is_less(a: Ints, b: Ints) -> bool:
    """Whether a tuple of levels is better."""
    for n in range(LEVELS):
        if a[n] != b[n]:
            return bool(a[n] < b[n])
    return False


@kernel
def undo(g: Grid, w: Walks, b: Board, torn: int) -> None:
    """Let the torn routes be as they were kept."""
    for n in range(torn):
        v = b.marks[n, 0]
        for k in range(w.tour[v, COUNT]):
            count(g, w, v, w.stop[v, k, NODE], -1)
    for n in range(torn):
        v = b.marks[n, 0]
        copy_route(b.tour, b.stop, w.tour, w.stop, v)
        for k in range(w.tour[v, COUNT]):
            node = w.stop[v, k, NODE]
            count(g, w, v, node, 1)
            if node < g.visit.shape[0]:
                w.at[node, 0], w.at[node, 1] = v, k
        b.marks[v, 1] = 0


@small_kernel
def _copy_level(b: Board, origin: int, to: int) -> None:
    for n in range(LEVELS):
        b.level[to, n] = b.level[origin, n]


@small_kernel
def _price_of(g: Grid, now: Ints, missed: int) -> int:
    return missed + g.rate[OWING] * now[3] + now[5]


@small_kernel
def _remember(w: Walks, b: Board, v: int) -> None:
    slot = b.counter[0] % b.pool.shape[0]
    b.pool[slot, 0], b.pool[slot, 1] = v, w.tour[v, COUNT]
    for k in range(w.tour[v, COUNT]):
        b.pool[slot, k + 2] = w.stop[v, k, NODE]
    b.counter[0] += 1


@kernel
def _turning(g: Grid) -> bool:
    """Whether a reload may help: some food grows old and there is a kitchen."""
    for j in range(g.visit.shape[0]):
        if g.visit[j, HOLD] < BIG:
            return g.kitchen.shape[0] > 0
    return False


@kernel
def anneal(g: Grid, w: Walks, b: Board, rng: Dice, iterations: int, heat: tuple[float, float]) -> int:
    """Tear and mend so many times while it cools from one temperature to the other; how often it improved."""
    vans, visits = g.van.shape[0], g.visit.shape[0]
    turning = _turning(g)
    tally(g, w, b.level[NOW])
    missed = 0
    for j in range(visits):
        if w.at[j, 0] < 0:
            missed += g.visit[j, PENALTY]
    price = _price_of(g, b.level[NOW], missed)
    improved = 0
    for step in range(iterations):
        heat_now = heat[0] * (heat[1] / heat[0]) ** (step / iterations)
        seed = below(rng, visits)
        _copy_level(b, NOW, THEN)
        missed_then = missed
        torn, waiting = tear(g, w, b, rng, seed)
        if waiting >= 0 and turning and uniform(rng) < 0.05:
            torn, waiting = turn_reload(g, w, b, rng, (seed, torn, waiting))
        if waiting < 0:
            undo(g, w, b, torn)
            continue
        waiting = invite(g, w, b, rng, seed, waiting)
        line_up(g, b, rng, waiting, visits + g.kitchen.shape[0] + (b.marks[0, 0] if torn > 0 else 0))
        torn = put_back(g, w, b, rng, torn, waiting)
        missed = _settle(g, w, b, torn, missed)
        new = _price_of(g, b.level[NOW], missed)
        better = is_less(b.level[NOW], b.level[BEST])
        if better or new <= price or uniform(rng) < np.exp((price - new) / heat_now):
            for n in range(torn):
                if better or new < price:
                    _remember(w, b, b.marks[n, 0])
                b.marks[b.marks[n, 0], 1] = 0
            price = new
            if better:
                improved += 1
                _copy_level(b, NOW, BEST)
                for v in range(vans):
                    b.best[v, 0] = w.tour[v, COUNT]
                    for k in range(w.tour[v, COUNT]):
                        b.best[v, k + 1] = w.stop[v, k, NODE]
        else:
            undo(g, w, b, torn)
            _copy_level(b, THEN, NOW)
            missed = missed_then
    return improved


@kernel
def measure(g: Grid, w: Walks, pool: npt.NDArray[np.int32], told: Ints) -> None:
    """For each route of a pool: its cost, minutes of patrol owed (-1: it cannot be), penalties of its calls,
    and a number that stands for its set of visits. The scratch routes must be empty and are so afterwards.
    """
    visits = g.visit.shape[0]
    for n in range(pool.shape[0]):
        v = pool[n, 0]
        told[n, 2] = told[n, 3] = 0
        for k in range(pool[n, 1]):
            j = pool[n, k + 2]
            put(g, w, v, k, j)
            if j < visits:
                told[n, 2] += g.visit[j, PENALTY]
                told[n, 3] += _hash(j)
        told[n, 1] = owed_min(w, v) if walk(g, w, v) else -1
        told[n, 0] = w.tour[v, COST]
        while w.tour[v, COUNT] > 0:
            take(g, w, v, w.tour[v, COUNT] - 1)


@kernel
def _hash(j: int) -> int:
    """A number of 61 bits for a visit; those of a set add up. Source: splitmix64, Steele and others 2014."""
    z = np.uint64(j) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int((z ^ (z >> np.uint64(31))) >> np.uint64(3))


@array_kernel
def construct(g: Grid, w: Walks, b: Board, rng: Dice) -> None:
    """Put whoever is absent where it is cheapest, the worthiest first, and make that the incumbent."""
    vans, visits = g.van.shape[0], g.visit.shape[0]
    for v in range(vans):
        walk(g, w, v)
    waiting = 0
    for j in range(visits):
        if w.at[j, 0] < 0:
            b.waiting[waiting], b.key[waiting] = j, -g.visit[j, PENALTY]
            waiting += 1
    order = np.argsort(b.key[:waiting])
    b.waiting[:waiting] = b.waiting[:waiting][order]
    b.marks[:, 1] = 1
    put_back(g, w, b, rng, 0, waiting)
    b.marks[:, 1] = 0
    tally(g, w, b.level[BEST])
    b.best[:, 0] = w.tour[:, COUNT]
    b.best[:, 1:] = w.stop[:, :-1, NODE]


@kernel
def _settle(g: Grid, w: Walks, b: Board, torn: int, missed: int) -> int:
    """Bring the levels up to date after routes were touched; the new price of all who are left out."""
    visits = g.visit.shape[0]
    for n in range(torn):
        v = b.marks[n, 0]
        for k in range(b.tour[v, COUNT]):
            j = b.stop[v, k, NODE]
            if j < visits:
                missed += g.visit[j, PENALTY]
                for level in range(3):
                    b.level[NOW, level] += g.visit[j, LEVEL + level]
                b.level[NOW, 4] += g.visit[j, LEVEL + 3]
        for k in range(w.tour[v, COUNT]):
            j = w.stop[v, k, NODE]
            if j < visits:
                missed -= g.visit[j, PENALTY]
                for level in range(3):
                    b.level[NOW, level] -= g.visit[j, LEVEL + level]
                b.level[NOW, 4] -= g.visit[j, LEVEL + 3]
    _sum_up(g, w, b.level[NOW])
    return missed

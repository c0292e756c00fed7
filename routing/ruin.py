"""Ruin and recreate, compiled: strings of calls torn out of neighbouring routes and put back, annealed.

Source: SISR, Christiaens and Vanden Berghe 2020; widened by optional calls, by reloads put in and taken out,
and by incumbents that compare as the tuples of the objective's levels while the walk goes by one number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.compiling import kernel
from routing.grid import (
    ALIKE,
    BIG,
    CLOSES,
    HOLD,
    LAST_CLOSE,
    LEVEL,
    LOCKED,
    OPENS,
    OWING,
    PENALTY,
    READY_FROM,
    STARTS,
    TAKES,
    Grid,
)
from routing.walk import (
    COST,
    COUNT,
    LATEST,
    LEAVE,
    NODE,
    OWED,
    REST_AT,
    SEGMENT,
    SEGMENTS,
    Dice,
    Ints,
    Walks,
    below,
    cheapest,
    drive,
    fits,
    put,
    take,
    uniform,
    walk,
)

BEST, NOW, THEN = 0, 1, 2
LEVELS = 6
"""Of the tuple kept here: SOS, mandatory, prize, patrol minutes, cups, cost."""
_ABSENT = 15
_STRING = 10
_TORN = 10.0
_BLINK = 0.01
_CROWD = 10
"""With more vans than this a call is tried on the routes of its neighbours and on one empty van of a kind."""
_NEIGHBOURS = 40
_ROUTES = 6


class Desk(NamedTuple):
    """What a search has on its desk beside the routes.

    Parameters
    ----------
    best, old : the incumbent's routes, and torn ones as they were: how many nodes, then the nodes
    level : the levels of the incumbent, of now, and of before this step
    marks : touched routes in a list, whether a route is touched, when it was last looked at
    waiting, key : calls to be put back, and their order
    pool : good routes as they came: van, how many nodes, the nodes; the oldest are overwritten
    counter : routes pooled so far, looks so far
    """

    best: Ints
    old: Ints
    level: Ints
    marks: Ints
    waiting: Ints
    key: npt.NDArray[np.float64]
    pool: npt.NDArray[np.int32]
    counter: Ints


def empty_desk(grid: Grid, longest: int, pool: int) -> Desk:
    """A desk for routes of at most `longest` nodes, remembering the last `pool` routes that were good."""
    vans, visits = len(grid.van), len(grid.visit)
    return Desk(
        best=np.zeros((vans, longest + 1), np.int64),
        old=np.zeros((vans, longest + 1), np.int64),
        level=np.full((3, LEVELS), BIG, np.int64),
        marks=np.zeros((vans, 3), np.int64),
        waiting=np.zeros(visits + 1, np.int64),
        key=np.zeros(visits + 1, np.float64),
        pool=np.zeros((pool, longest + 2), np.int32),
        counter=np.zeros(2, np.int64),
    )


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
    for v in range(g.van.shape[0]):
        now[3] += _owed(w, v)
        now[5] += w.tour[v, COST]


@kernel
def _owed(w: Walks, v: int) -> int:
    return max(0, (w.tour[v, OWED] + 59) // 60)


@kernel
def is_less(a: Ints, b: Ints) -> bool:
    """Whether a tuple of levels is better."""
    for n in range(LEVELS):
        if a[n] != b[n]:
            return bool(a[n] < b[n])
    return False


@kernel
def _keep(w: Walks, d: Desk, v: int) -> None:
    """Copy a route before it is changed, once."""
    if d.marks[v, 1] == 0:
        d.marks[v, 1] = 1
        d.old[v, 0] = w.tour[v, COUNT]
        for k in range(w.tour[v, COUNT]):
            d.old[v, k + 1] = w.stop[v, k, NODE]


@kernel
def _tear(g: Grid, w: Walks, d: Desk, rng: Dice, seed: int) -> tuple[int, int]:
    """Tear strings out of the routes near a call; how many routes and calls."""
    visits = g.visit.shape[0]
    served = routes = 0
    for v in range(g.van.shape[0]):
        served += w.tour[v, COUNT]
        routes += w.tour[v, COUNT] > 0
    longest = min(float(_STRING), served / max(1, routes))
    strings = int(uniform(rng) * (4.0 * _TORN / (1.0 + longest) - 1.0) + 1.0)
    torn = waiting = 0
    for near in range(g.near.shape[1]):
        if torn >= strings:
            break
        c = g.near[seed, near]
        v = w.at[c, 0]
        if v < 0 or d.marks[v, 1] == 1:
            continue
        n, locked = w.tour[v, COUNT] - g.van[v, LOCKED], g.van[v, LOCKED]
        at = w.at[c, 1] - locked
        if at < 0:
            continue
        _keep(w, d, v)
        d.marks[torn, 0] = v
        torn += 1
        long = min(n, int(uniform(rng) * min(float(n), longest) + 1.0))
        kept = 0
        if 1 < long < n and uniform(rng) < 0.5:
            kept = 1
            while long + kept < n and uniform(rng) > 0.01:
                kept += 1
            if uniform(rng) < 0.5:
                kept = 1 + below(rng, max(1, min(kept, n - long)))
        span = long + kept
        first = max(0, at - span + 1)
        last = min(at, n - span)
        start = first + (below(rng, last - first + 1) if last > first else 0)
        hole = start + (below(rng, long + 1) if kept > 0 else span)
        for k in range(start + span - 1, start - 1, -1):
            if kept > 0 and hole <= k < hole + kept:
                continue
            if w.stop[v, k + locked, NODE] < visits:
                d.waiting[waiting] = take(g, w, v, k + locked)
                waiting += 1
        if not walk(g, w, v):
            return torn, -1
    return torn, waiting


@kernel
def _turn_reload(g: Grid, w: Walks, d: Desk, rng: Dice, state: tuple[int, int, int]) -> tuple[int, int]:
    """Take a reload off a route or put one in; routes and calls torn then, -1 if it went wrong."""
    seed, torn, waiting = state
    visits = g.visit.shape[0]
    v = w.at[seed, 0]
    if v < 0:
        v = below(rng, g.van.shape[0])
    if d.marks[v, 1] == 0:
        _keep(w, d, v)
        d.marks[torn, 0] = v
        torn += 1
    reloads = w.stop[v, w.tour[v, COUNT], SEGMENT]
    if reloads > 0 and (reloads >= SEGMENTS - 2 or uniform(rng) < 0.5):
        k = w.tour[v, COUNT] - 1
        while k >= g.van[v, LOCKED] and w.stop[v, k, NODE] < visits:
            k -= 1
        if k < g.van[v, LOCKED]:
            return torn, waiting
        take(g, w, v, k)
        if not walk(g, w, v):
            for q in range(w.tour[v, COUNT] - 1, max(k, g.van[v, LOCKED]) - 1, -1):
                j = w.stop[v, q, NODE]
                if j < visits and g.visit[j, HOLD] < BIG:
                    d.waiting[waiting] = take(g, w, v, q)
                    waiting += 1
            if not walk(g, w, v):
                return torn, -1
        return torn, waiting
    least, best_k, best_r = BIG, -1, -1
    for r in range(g.kitchen.shape[0]):
        for k in range(g.van[v, LOCKED], w.tour[v, COUNT] + 1):
            price = _reload_price(g, w, v, k, r)
            if price < BIG:
                price = int(price * (0.5 + uniform(rng))) + 1
                if price < least:
                    least, best_k, best_r = price, k, r
    if best_k >= 0 and w.tour[v, COUNT] < w.stop.shape[1] - 1:
        put(g, w, v, best_k, visits + best_r)
        if not walk(g, w, v):
            take(g, w, v, best_k)
            walk(g, w, v)
    return torn, waiting


@kernel
def _reload_price(g: Grid, w: Walks, v: int, k: int, r: int) -> int:
    """Driving and waiting that a reload adds in a gap; `BIG` where it does not fit."""
    visits, kitchens = g.visit.shape[0], g.kitchen.shape[0]
    if w.tour[v, REST_AT] == k:
        return BIG
    a = visits + kitchens + v if k == 0 else w.stop[v, k - 1, NODE]
    b = w.stop[v, k, NODE] if k < w.tour[v, COUNT] else visits + kitchens + g.van.shape[0] + v
    left = g.van[v, STARTS] if k == 0 else w.stop[v, k - 1, LEAVE]
    arrives = left + drive(g, a, visits + r, left)
    begin = max(arrives, g.kitchen[r, READY_FROM])
    leaves = begin + g.kitchen[r, TAKES]
    if begin > g.kitchen[r, CLOSES] or leaves + drive(g, visits + r, b, leaves) > w.stop[v, k, LATEST]:
        return BIG
    return int(g.time[a, visits + r] + g.time[visits + r, b] - g.time[a, b] + begin - arrives)


@kernel
def _invite(g: Grid, w: Walks, d: Desk, rng: Dice, seed: int, waiting: int) -> int:
    """Let absent calls near the torn ones wait with them; how many wait then."""
    for n in range(waiting):
        d.key[n] = 0.0
    torn = waiting
    invited = 0
    for near in range(g.near.shape[1]):
        if invited >= _ABSENT:
            break
        c = g.near[seed, near]
        if w.at[c, 0] >= 0:
            continue
        known = False
        for n in range(torn):
            known = known or d.waiting[n] == c
        if not known and uniform(rng) < 0.8:
            d.waiting[waiting] = c
            waiting += 1
            invited += 1
    return waiting


@kernel
def _line_up(g: Grid, d: Desk, rng: Dice, waiting: int, origin: int) -> None:
    """Put those who wait in the order in which they are put back."""
    way = uniform(rng)
    for n in range(waiting):
        j = d.waiting[n]
        if way < 0.25:
            key = uniform(rng)
        elif way < 0.5:
            key = -g.visit[j, PENALTY] * (0.7 + 0.6 * uniform(rng))
        elif way < 0.8:
            near = g.near[j, min(1, g.near.shape[1] - 1)]
            key = (
                -g.visit[j, PENALTY]
                / ((g.pair[0, j] >> 2) + g.time[near, j] + 60.0)
                * (0.7 + 0.6 * uniform(rng))
            )
        elif way < 0.9:
            key = (g.visit[j, LAST_CLOSE] - g.visit[j, OPENS + 2 * 0]) * (0.8 + 0.4 * uniform(rng))
        else:
            key = -float(g.time[origin, j])
        d.key[n] = key
    for n in range(1, waiting):
        j, key, m = d.waiting[n], d.key[n], n - 1
        while m >= 0 and d.key[m] > key:
            d.waiting[m + 1], d.key[m + 1] = d.waiting[m], d.key[m]
            m -= 1
        d.waiting[m + 1], d.key[m + 1] = j, key


@kernel
def _where(g: Grid, w: Walks, d: Desk, rng: Dice, j: int) -> tuple[int, int]:
    """The van and position where a call is cheapest; -1 where it fits nowhere."""
    vans = g.van.shape[0]
    least, best_v, best_k = g.visit[j, PENALTY] + g.visit[j, PENALTY] // 2 + 1, -1, -1
    longest = w.stop.shape[1] - 1
    if vans <= _CROWD:
        for v in range(vans):
            if w.tour[v, COUNT] < longest and fits(g, w, v, j):
                price, k = cheapest(g, w, v, j, least, _BLINK, rng)
                if k >= 0:
                    least, best_v, best_k = price, v, k
        return best_v, best_k
    d.counter[1] += 1
    stamp, tried = d.counter[1], 0
    for near in range(min(_NEIGHBOURS, g.near.shape[1])):
        v = w.at[g.near[j, near], 0]
        if v < 0 or d.marks[v, 2] == stamp:
            continue
        d.marks[v, 2] = stamp
        tried += 1
        if w.tour[v, COUNT] < longest and fits(g, w, v, j):
            price, k = cheapest(g, w, v, j, least, _BLINK, rng)
            if k >= 0:
                least, best_v, best_k = price, v, k
        if tried >= _ROUTES:
            break
    kind = -1
    for v in range(vans):
        if w.tour[v, COUNT] == 0 and g.van[v, ALIKE] != kind:
            kind = g.van[v, ALIKE]
            if fits(g, w, v, j):
                price, k = cheapest(g, w, v, j, least, 0.0, rng)
                if k >= 0:
                    least, best_v, best_k = price, v, k
    return best_v, best_k


@kernel
def _put_back(g: Grid, w: Walks, d: Desk, rng: Dice, torn: int, waiting: int) -> int:
    """Put those who wait where they are cheapest; how many routes are touched then."""
    for n in range(waiting):
        j = d.waiting[n]
        v, k = _where(g, w, d, rng, j)
        if v < 0:
            continue
        if d.marks[v, 1] == 0:
            _keep(w, d, v)
            d.marks[torn, 0] = v
            torn += 1
        put(g, w, v, k, j)
        if not walk(g, w, v):
            take(g, w, v, k)
            walk(g, w, v)
    return torn


@kernel
def _undo(g: Grid, w: Walks, d: Desk, torn: int) -> None:
    for n in range(torn):
        v = d.marks[n, 0]
        while w.tour[v, COUNT] > 0:
            take(g, w, v, w.tour[v, COUNT] - 1)
    for n in range(torn):
        v = d.marks[n, 0]
        for k in range(d.old[v, 0]):
            put(g, w, v, k, d.old[v, k + 1])
        walk(g, w, v)
        d.marks[v, 1] = 0


@kernel
def _price_of(g: Grid, now: Ints, missed: int) -> int:
    return missed + g.rate[OWING] * now[3] + now[5]


@kernel
def _remember(w: Walks, d: Desk, v: int) -> None:
    slot = d.counter[0] % d.pool.shape[0]
    d.pool[slot, 0], d.pool[slot, 1] = v, w.tour[v, COUNT]
    for k in range(w.tour[v, COUNT]):
        d.pool[slot, k + 2] = w.stop[v, k, NODE]
    d.counter[0] += 1


@kernel
def anneal(g: Grid, w: Walks, d: Desk, rng: Dice, iterations: int, heat: tuple[float, float]) -> int:
    """Tear and mend so many times while it cools from one temperature to the other; how often it improved."""
    vans, visits = g.van.shape[0], g.visit.shape[0]
    turning = g.kitchen.shape[0] > 0 and g.visit[:, HOLD].min() < BIG
    tally(g, w, d.level[NOW])
    missed = 0
    for j in range(visits):
        if w.at[j, 0] < 0:
            missed += g.visit[j, PENALTY]
    price = _price_of(g, d.level[NOW], missed)
    improved = 0
    for step in range(iterations):
        heat_now = heat[0] * (heat[1] / heat[0]) ** (step / iterations)
        seed = below(rng, visits)
        d.level[THEN] = d.level[NOW]
        missed_then = missed
        torn, waiting = _tear(g, w, d, rng, seed)
        if waiting >= 0 and turning and uniform(rng) < 0.05:
            torn, waiting = _turn_reload(g, w, d, rng, (seed, torn, waiting))
        if waiting < 0:
            _undo(g, w, d, torn)
            tally(g, w, d.level[NOW])
            continue
        waiting = _invite(g, w, d, rng, seed, waiting)
        _line_up(g, d, rng, waiting, visits + g.kitchen.shape[0] + (d.marks[0, 0] if torn > 0 else 0))
        torn = _put_back(g, w, d, rng, torn, waiting)
        missed = _settle(g, w, d, torn, missed)
        new = _price_of(g, d.level[NOW], missed)
        better = is_less(d.level[NOW], d.level[BEST])
        if better or new <= price or uniform(rng) < np.exp((price - new) / heat_now):
            for n in range(torn):
                if better or new < price:
                    _remember(w, d, d.marks[n, 0])
                d.marks[d.marks[n, 0], 1] = 0
            price = new
            if better:
                improved += 1
                d.level[BEST] = d.level[NOW]
                d.best[:, 0] = w.tour[:, COUNT]
                for v in range(vans):
                    for k in range(w.tour[v, COUNT]):
                        d.best[v, k + 1] = w.stop[v, k, NODE]
        else:
            _undo(g, w, d, torn)
            d.level[NOW] = d.level[THEN]
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
        told[n, 1] = _owed(w, v) if walk(g, w, v) else -1
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


@kernel
def construct(g: Grid, w: Walks, d: Desk, rng: Dice) -> None:
    """Put whoever is absent where it is cheapest, the worthiest first, and make that the incumbent."""
    vans, visits = g.van.shape[0], g.visit.shape[0]
    for v in range(vans):
        walk(g, w, v)
    waiting = 0
    for j in range(visits):
        if w.at[j, 0] < 0:
            d.waiting[waiting], d.key[waiting] = j, -g.visit[j, PENALTY]
            waiting += 1
    order = np.argsort(d.key[:waiting])
    d.waiting[:waiting] = d.waiting[:waiting][order]
    d.marks[:, 1] = 1
    _put_back(g, w, d, rng, 0, waiting)
    d.marks[:, 1] = 0
    tally(g, w, d.level[BEST])
    d.best[:, 0] = w.tour[:, COUNT]
    d.best[:, 1:] = w.stop[:, :-1, NODE]


@kernel
def _settle(g: Grid, w: Walks, d: Desk, torn: int, missed: int) -> int:
    """Bring the levels up to date after routes were touched; the new price of all who are left out."""
    visits = g.visit.shape[0]
    for n in range(torn):
        v = d.marks[n, 0]
        for k in range(d.old[v, 0]):
            j = d.old[v, k + 1]
            if j < visits:
                missed += g.visit[j, PENALTY]
                for level in range(3):
                    d.level[NOW, level] += g.visit[j, LEVEL + level]
                d.level[NOW, 4] += g.visit[j, LEVEL + 3]
        for k in range(w.tour[v, COUNT]):
            j = w.stop[v, k, NODE]
            if j < visits:
                missed -= g.visit[j, PENALTY]
                for level in range(3):
                    d.level[NOW, level] -= g.visit[j, LEVEL + level]
                d.level[NOW, 4] -= g.visit[j, LEVEL + 3]
    d.level[NOW, 3] = d.level[NOW, 5] = 0
    for v in range(g.van.shape[0]):
        d.level[NOW, 3] += _owed(w, v)
        d.level[NOW, 5] += w.tour[v, COST]
    return missed

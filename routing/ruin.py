"""Ruin and recreate, compiled: strings of calls torn out of neighbouring routes and put back, annealed.

Source: SISR, Christiaens and Vanden Berghe 2020; widened by optional calls, by reloads put in and taken out,
and by incumbents that compare as the tuples of the objective's levels while the walk goes by one number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from routing.compiling import kernel, small_kernel
from routing.dice import Dice, below, uniform
from routing.gap import put, take
from routing.grid import BIG, CLOSES, HOLD, LOCKED, READY_FROM, STARTS, TAKES, Grid
from routing.tours import COUNT, LATEST, LEAVE, NODE, REST_AT, SEGMENT, SEGMENTS, Ints, Walks, empty_walks
from routing.walk import drive, walk

BEST, NOW, THEN = 0, 1, 2
LEVELS = 6
"""Of the tuple kept here: SOS, mandatory, prize, patrol minutes, cups, cost."""
_ABSENT = 15
_STRING = 10
_TORN = 10.0


class Board(NamedTuple):
    """What a search keeps beside the routes.

    Parameters
    ----------
    best : the incumbent's routes: how many nodes, then the nodes
    tour, stop : torn routes as they were, see `Walks`
    level : the levels of the incumbent, of now, and of before this step
    marks : touched routes in a list, whether a route is touched, when it was last looked at
    waiting, key : calls to be put back, and their order
    pool : good routes as they came: van, how many nodes, the nodes; the oldest are overwritten
    counter : routes pooled so far, looks so far
    known : for each visit and van what putting it in cost when it was last asked: the mark of the route then,
        the price and the position; without a position (-1) none was cheaper than the price
    """

    best: Ints
    tour: Ints
    stop: Ints
    level: Ints
    marks: Ints
    waiting: Ints
    key: npt.NDArray[np.float64]
    pool: npt.NDArray[np.int32]
    counter: Ints
    known: Ints


def empty_board(grid: Grid, longest: int, pool: int) -> Board:
    """A desk for routes of at most `longest` nodes, remembering the last `pool` routes that were good."""
    vans, visits = len(grid.van), len(grid.visit)
    walks = empty_walks(grid, longest)
    return Board(
        best=np.zeros((vans, longest + 1), np.int64),
        tour=walks.tour,
        stop=walks.stop,
        level=np.full((3, LEVELS), BIG, np.int64),
        marks=np.zeros((vans, 3), np.int64),
        waiting=np.zeros(visits + 1, np.int64),
        key=np.zeros(visits + 1, np.float64),
        pool=np.zeros((pool, longest + 2), np.int32),
        counter=np.zeros(2, np.int64),
        known=np.zeros((visits, vans, 3), np.int64),
    )


@small_kernel
def copy_route(tour: Ints, stop: Ints, to_tour: Ints, to_stop: Ints, v: int) -> None:
    """All that is known of a route, up to its end."""
    for n in range(tour.shape[1]):
        to_tour[v, n] = tour[v, n]
    for k in range(tour[v, COUNT] + 1):
        for n in range(stop.shape[2]):
            to_stop[v, k, n] = stop[v, k, n]


@small_kernel
def keep(w: Walks, b: Board, v: int) -> None:
    """Copy a route before it is changed, once."""
    if b.marks[v, 1] == 0:
        b.marks[v, 1] = 1
        copy_route(w.tour, w.stop, b.tour, b.stop, v)


@kernel
def tear(g: Grid, w: Walks, b: Board, rng: Dice, seed: int) -> tuple[int, int]:
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
        if v < 0 or b.marks[v, 1] == 1:
            continue
        n, locked = w.tour[v, COUNT] - g.van[v, LOCKED], g.van[v, LOCKED]
        at = w.at[c, 1] - locked
        if at < 0:
            continue
        keep(w, b, v)
        b.marks[torn, 0] = v
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
                b.waiting[waiting] = take(g, w, v, k + locked)
                waiting += 1
        if not walk(g, w, v):
            return torn, -1
    return torn, waiting


@kernel
def turn_reload(g: Grid, w: Walks, b: Board, rng: Dice, state: tuple[int, int, int]) -> tuple[int, int]:
    """Take a reload off a route or put one in; routes and calls torn then, -1 if it went wrong."""
    seed, torn, waiting = state
    visits = g.visit.shape[0]
    v = w.at[seed, 0]
    if v < 0:
        v = below(rng, g.van.shape[0])
    if b.marks[v, 1] == 0:
        keep(w, b, v)
        b.marks[torn, 0] = v
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
                    b.waiting[waiting] = take(g, w, v, q)
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
def invite(g: Grid, w: Walks, b: Board, rng: Dice, seed: int, waiting: int) -> int:
    """Let absent calls near the torn ones wait with them; how many wait then."""
    for n in range(waiting):
        b.key[n] = 0.0
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
            known = known or b.waiting[n] == c
        if not known and uniform(rng) < 0.8:
            b.waiting[waiting] = c
            waiting += 1
            invited += 1
    return waiting

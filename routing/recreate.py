"""Calls put back where they are cheapest, compiled."""

from __future__ import annotations

from routing.compiling import kernel, small_kernel
from routing.dice import Dice, uniform
from routing.gap import cheapest, fits, put, take
from routing.grid import ALIKE, LAST_CLOSE, OPENS, PENALTY, Grid
from routing.ruin import Board, keep
from routing.tours import COUNT, MARK, Walks
from routing.walk import walk

_BLINK = 0.01
_CROWD = 10
"""With more vans than this a call is tried on the routes of its neighbours and on one empty van of a kind."""
_NEIGHBOURS = 40
_ROUTES = 6


@kernel
def line_up(g: Grid, b: Board, rng: Dice, waiting: int, origin: int) -> None:
    """Put those who wait in the order in which they are put back."""
    way = uniform(rng)
    for n in range(waiting):
        j = b.waiting[n]
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
        b.key[n] = key
    for n in range(1, waiting):
        j, key, m = b.waiting[n], b.key[n], n - 1
        while m >= 0 and b.key[m] > key:
            b.waiting[m + 1], b.key[m + 1] = b.waiting[m], b.key[m]
            m -= 1
        b.waiting[m + 1], b.key[m + 1] = j, key


@small_kernel
def _asked(g: Grid, w: Walks, b: Board, v: int, j: int, least: int) -> tuple[int, int]:
    """`cheapest`, asked again only where the route is another than the last time."""
    mark = w.tour[v, MARK]
    if b.known[j, v, 0] != mark or (b.known[j, v, 2] < 0 and b.known[j, v, 1] < least):
        price, k = cheapest(g, w, v, j, least)
        b.known[j, v, 0], b.known[j, v, 1], b.known[j, v, 2] = mark, price, k
        return price, k
    if b.known[j, v, 2] >= 0 and b.known[j, v, 1] < least:
        return b.known[j, v, 1], b.known[j, v, 2]
    return least, -1


@kernel
def _where(g: Grid, w: Walks, b: Board, rng: Dice, j: int) -> tuple[int, int]:
    """The van and position where a call is cheapest; -1 where it fits nowhere."""
    vans = g.van.shape[0]
    least, best_v, best_k = g.visit[j, PENALTY] + g.visit[j, PENALTY] // 2 + 1, -1, -1
    longest = w.stop.shape[1] - 1
    if vans <= _CROWD:
        for v in range(vans):
            if w.tour[v, COUNT] < longest and fits(g, w, v, j):
                price, k = _asked(g, w, b, v, j, least)
                if k >= 0 and uniform(rng) >= _BLINK:
                    least, best_v, best_k = price, v, k
        return best_v, best_k
    b.counter[1] += 1
    stamp, tried = b.counter[1], 0
    for near in range(min(_NEIGHBOURS, g.near.shape[1])):
        v = w.at[g.near[j, near], 0]
        if v < 0 or b.marks[v, 2] == stamp:
            continue
        b.marks[v, 2] = stamp
        tried += 1
        if w.tour[v, COUNT] < longest and fits(g, w, v, j):
            price, k = _asked(g, w, b, v, j, least)
            if k >= 0 and uniform(rng) >= _BLINK:
                least, best_v, best_k = price, v, k
        if tried >= _ROUTES:
            break
    kind = -1
    for v in range(vans):
        if w.tour[v, COUNT] == 0 and g.van[v, ALIKE] != kind:
            kind = g.van[v, ALIKE]
            if fits(g, w, v, j):
                price, k = _asked(g, w, b, v, j, least)
                if k >= 0:
                    least, best_v, best_k = price, v, k
    return best_v, best_k


@kernel
def put_back(g: Grid, w: Walks, b: Board, rng: Dice, torn: int, waiting: int) -> int:
    """Put those who wait where they are cheapest; how many routes are touched then."""
    for n in range(waiting):
        j = b.waiting[n]
        v, k = _where(g, w, b, rng, j)
        if v < 0:
            continue
        if b.marks[v, 1] == 0:
            keep(w, b, v)
            b.marks[torn, 0] = v
            torn += 1
        put(g, w, v, k, j)
        if not walk(g, w, v):
            take(g, w, v, k)
            walk(g, w, v)
    return torn

"""Routes walked along in time, compiled: where one more call fits, and what it costs there.

The rules are those of `routing.timetable`, which has the last word: what is made here is timed again there.
Arrays are those of `Grid` (what never changes) and `Walks` (what does); nothing is allocated while it runs.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.compiling import kernel
from routing.grid import (
    BATCH,
    BATCHED,
    BEAT_OF,
    BIG,
    CLOSES,
    COLD,
    COLD_ABOARD,
    COLD_CUPS,
    ENDS,
    HOLD,
    HOT,
    HOT_ABOARD,
    HOT_CUPS,
    KITS,
    LAST_CLOSE,
    LATE,
    LEAVES_BY,
    LOCKED,
    MAY_MOVE,
    MOVED,
    NAP,
    NAP_FROM,
    NAP_TO,
    NEEDS,
    ONE_GROUP,
    OPENS,
    OVERTIME,
    OWING,
    PACE,
    PACED,
    PROMISED,
    PROMISED_AT,
    READY_FROM,
    REST_FOR,
    REST_FROM,
    REST_UNTIL,
    SAME_GROUP,
    SPAN,
    STARTS,
    STRANGE,
    TAKES,
    TARGET,
    UNITS,
    WINDOWS,
    Grid,
)

Ints: TypeAlias = npt.NDArray[np.int64]
Dice: TypeAlias = npt.NDArray[np.uint64]
"""The state of the generator of chance."""
SEGMENTS = 6
"""Loads a day at most: the first and one after each reload."""
USABLE = 85
"""Of a van's slack this percentage is guessed to become patrol."""


NODE, BEGIN, LEAVE, LATEST, SEGMENT = range(5)
"""Of a stop: a visit, or a reload as `visits + kitchen`; its times; the last arrival; reloads before it."""
COUNT, REST_AT, REST_AFTER, REST_LATEST, COST, OWED = range(6)
"""Of a tour: its nodes; the gap of its break (-1: none is needed), whether that is taken after the drive, the
last arrival behind it; its driving and extras; the seconds of patrol that it will owe."""
HOT_IN = 6
COLD_IN = HOT_IN + SEGMENTS
BATCH_IN = COLD_IN + SEGMENTS
SAME_VAN, SAME_COUNT, ONE_DAY, KIT = range(4)
"""Rows of what binds visits: the van and number of a same-van group, the number of a not-same-day group, then
for each kind of equipment how many visits of a van need it."""


class Walks(NamedTuple):
    """Routes and what walking along them tells.

    Parameters
    ----------
    stop, tour : vans by stops by what is known of a stop; vans by what is known of a route
    at : the van and position of each visit, -1 for none
    bond : what binds visits to each other, see `SAME_VAN`
    """

    stop: Ints
    tour: Ints
    at: Ints
    bond: Ints


def empty_walks(grid: Grid, longest: int) -> Walks:
    """Routes without a call."""
    vans, visits = len(grid.van), len(grid.visit)
    return Walks(
        stop=np.zeros((vans, longest + 1, 5), np.int64),
        tour=np.zeros((vans, BATCH_IN + SEGMENTS), np.int64),
        at=np.full((visits, 2), -1, np.int64),
        bond=np.zeros((KIT + int(grid.rate[KITS]), max(vans, visits)), np.int64),
    )


@kernel
def drive(g: Grid, a: int, b: int, t: int) -> int:
    """Seconds from place to place when it is left then."""
    s = g.time[a, b]
    if g.rate[PACED] == 0 or s <= 0:
        return s
    return -(-s * g.rate[PACE + t // 3600 % 24] // 100)


@kernel
def opening(g: Grid, j: int, t: int, until: int) -> int:
    """The earliest begin of a visit reached then, no later than `until`; -1 for none."""
    for w in range(g.visit[j, WINDOWS]):
        at = max(t, g.visit[j, OPENS + 2 * w])
        if at <= g.visit[j, OPENS + 2 * w + 1]:
            return at if at <= until else -1
    return -1


@kernel
def _food_until(g: Grid, w: Walks, v: int, j: int, segment: int) -> int:
    if g.visit[j, HOLD] >= BIG:
        return BIG
    return w.tour[v, BATCH_IN + segment] + g.visit[j, HOLD] - (g.pair[v, j] >> 2)


@kernel
def _before(g: Grid, w: Walks, v: int, k: int) -> int:
    """The place from which gap `k` of a route is driven."""
    if k > 0:
        return w.stop[v, k - 1, NODE]
    return g.visit.shape[0] + g.kitchen.shape[0] + v


@kernel
def _after(g: Grid, w: Walks, v: int, k: int) -> int:
    if k < w.tour[v, COUNT]:
        return w.stop[v, k, NODE]
    return g.visit.shape[0] + g.kitchen.shape[0] + g.van.shape[0] + v


@kernel
def _along(g: Grid, w: Walks, v: int, k0: int, t: int, rest: int, write: bool) -> int:
    """Walk from gap `k0`, left at `t`, to the end; `rest`: 1 the break before the drive there, 2 after it.

    Returns the end, -1 where a limit is missed. Loads are not looked at.
    """
    visits = g.visit.shape[0]
    segment, ready = 0, g.van[v, BATCH]
    for k in range(k0):
        if w.stop[v, k, NODE] >= visits:
            segment += 1
            ready = g.kitchen[w.stop[v, k, NODE] - visits, BATCHED]
    for k in range(k0, w.tour[v, COUNT] + 1):
        a, b = _before(g, w, v, k), _after(g, w, v, k)
        if k == k0 and rest == 1:
            t = max(t, g.van[v, REST_FROM]) + g.van[v, REST_FOR]
        t += drive(g, a, b, t)
        if k == k0 and rest == 2:
            t = max(t, g.van[v, REST_FROM]) + g.van[v, REST_FOR]
        if k == w.tour[v, COUNT]:
            return t if t <= g.van[v, ENDS] + g.van[v, OVERTIME] else -1
        if b >= visits:
            begin = max(t, g.kitchen[b - visits, READY_FROM])
            if begin > g.kitchen[b - visits, CLOSES]:
                return -1
            t = begin + g.kitchen[b - visits, TAKES]
            segment += 1
            ready = g.kitchen[b - visits, BATCHED]
            if write:
                w.tour[v, BATCH_IN + segment] = ready
        else:
            until = ready + g.visit[b, HOLD] - (g.pair[v, b] >> 2) if g.visit[b, HOLD] < BIG else BIG
            begin = opening(g, b, t, until)
            if begin < 0:
                return -1
            t = begin + (g.pair[v, b] >> 2)
        if write:
            w.stop[v, k, BEGIN], w.stop[v, k, LEAVE] = begin, t
    return t


@kernel
def _place_rest(g: Grid, w: Walks, v: int) -> int:
    """Take the break where the day ends earliest; the end, -1 where it cannot be taken."""
    start = g.van[v, STARTS]
    best, best_k, best_t, best_kind = -1, -1, 0, 0
    t = start
    visits = g.visit.shape[0]
    for k in range(w.tour[v, COUNT] + 1):
        if max(t, g.van[v, REST_FROM]) > g.van[v, REST_UNTIL]:
            break
        b = _after(g, w, v, k)
        arrives = t + drive(g, _before(g, w, v, k), b, t)
        if k == w.tour[v, COUNT]:
            leaves = arrives
        elif b >= visits:
            leaves = max(arrives, g.kitchen[b - visits, READY_FROM]) + g.kitchen[b - visits, TAKES]
        else:
            leaves = opening(g, b, arrives, BIG)
            if leaves < 0:
                break
            leaves += g.pair[v, b] >> 2
        if leaves > g.van[v, REST_FROM] or k == w.tour[v, COUNT]:
            kind = 2 if max(arrives, g.van[v, REST_FROM]) <= g.van[v, REST_UNTIL] else 1
            end = _along(g, w, v, k, t, kind, False)
            if end >= 0 and (best < 0 or end < best):
                best, best_k, best_t, best_kind = end, k, t, kind
        t = leaves
    if best >= 0:
        w.tour[v, REST_AT], w.tour[v, REST_AFTER] = best_k, best_kind == 2
        _along(g, w, v, best_k, best_t, best_kind, True)
    return best


@kernel
def walk(g: Grid, w: Walks, v: int) -> bool:
    """Time a route, place its break, tell its cost and how late each stop may be; False if it cannot be."""
    visits = g.visit.shape[0]
    n = w.tour[v, COUNT]
    w.tour[v, BATCH_IN + 0] = g.van[v, BATCH]
    w.tour[v, REST_AT] = -1
    end = _along(g, w, v, 0, g.van[v, STARTS], 0, True)
    if g.van[v, REST_FOR] > 0 and (end < 0 or end > g.van[v, REST_UNTIL]):
        end = _place_rest(g, w, v)
    if end < 0:
        return False
    segment = 0
    w.tour[v, HOT_IN + 0] = w.tour[v, COLD_IN + 0] = 0
    idle = g.van[v, REST_FOR] if w.tour[v, REST_AT] >= 0 else 0
    for k in range(n):
        j = w.stop[v, k, NODE]
        w.stop[v, k, SEGMENT] = segment
        if j >= visits:
            segment += 1
            idle += g.kitchen[j - visits, TAKES]
            w.tour[v, HOT_IN + segment] = w.tour[v, COLD_IN + segment] = 0
            continue
        w.at[j, 0], w.at[j, 1] = v, k
        w.tour[v, HOT_IN + segment] += g.visit[j, HOT]
        w.tour[v, COLD_IN + segment] += g.visit[j, COLD]
    w.stop[v, n, SEGMENT] = segment
    for q in range(segment + 1):
        if w.tour[v, HOT_IN + q] > _hot_cap(g, v, q) or w.tour[v, COLD_IN + q] > _cold_cap(g, v, q):
            return False
    start = _leaving(g, w, v)
    if end - start - idle > g.van[v, SPAN]:
        return False
    _look_back(g, w, v, min(g.van[v, ENDS] + g.van[v, OVERTIME], start + g.van[v, SPAN] + idle))
    _price(g, w, v, end)
    return True


@kernel
def _leaving(g: Grid, w: Walks, v: int) -> int:
    """When the van leaves, so as to reach its first call as it opens."""
    start = g.van[v, STARTS]
    if (
        g.van[v, LEAVES_BY] <= start
        or w.tour[v, COUNT] == 0
        or w.stop[v, 0, NODE] >= g.visit.shape[0]
        or w.tour[v, REST_AT] == 0
    ):
        return start
    a = _before(g, w, v, 0)
    later = min(g.van[v, LEAVES_BY], w.stop[v, 0, BEGIN] - drive(g, a, w.stop[v, 0, NODE], start))
    if later <= start or later + drive(g, a, w.stop[v, 0, NODE], later) > w.stop[v, 0, BEGIN]:
        return start
    return later


@kernel
def _hot_cap(g: Grid, v: int, segment: int) -> int:
    return g.van[v, HOT_ABOARD] if segment == 0 else g.van[v, HOT_CUPS]


@kernel
def _cold_cap(g: Grid, v: int, segment: int) -> int:
    return g.van[v, COLD_ABOARD] if segment == 0 else g.van[v, COLD_CUPS]


@kernel
def _look_back(g: Grid, w: Walks, v: int, back: int) -> None:
    """For each stop the last arrival that keeps all limits after it, the break staying where it is."""
    visits, n = g.visit.shape[0], w.tour[v, COUNT]
    until = back
    for k in range(n, -1, -1):
        if k < n:
            j = w.stop[v, k, NODE]
            if j >= visits:
                until = min(until - g.kitchen[j - visits, TAKES], g.kitchen[j - visits, CLOSES])
            else:
                until -= g.pair[v, j] >> 2
                until = min(until, _food_until(g, w, v, j, w.stop[v, k, SEGMENT]))
                until = _last_begin(g, j, until)
        if w.tour[v, REST_AT] == k:
            w.tour[v, REST_LATEST] = until
            if w.tour[v, REST_AFTER]:
                until = min(g.van[v, REST_UNTIL], until - g.van[v, REST_FOR])
        w.stop[v, k, LATEST] = until
        if k == 0:
            break
        a = w.stop[v, k - 1, NODE]
        until -= drive(g, a, _after(g, w, v, k), w.stop[v, k - 1, LEAVE])
        if w.tour[v, REST_AT] == k and not w.tour[v, REST_AFTER]:
            until = min(g.van[v, REST_UNTIL], until - g.van[v, REST_FOR])


@kernel
def _last_begin(g: Grid, j: int, until: int) -> int:
    for w in range(g.visit[j, WINDOWS] - 1, -1, -1):
        if g.visit[j, OPENS + 2 * w] <= until:
            return min(until, g.visit[j, OPENS + 2 * w + 1])
    return until


@kernel
def extras(g: Grid, v: int, j: int, begin: int) -> int:
    """What a visit costs there and then beside its driving: nap, promise, strange crew."""
    cost = 0
    if g.visit[j, NAP_FROM] <= begin < g.visit[j, NAP_TO]:
        cost += g.rate[NAP]
    if g.visit[j, PROMISED] >= 0 and (
        g.visit[j, PROMISED] != v or abs(begin - g.visit[j, PROMISED_AT]) > g.rate[MAY_MOVE]
    ):
        cost += g.rate[MOVED]
    if g.pair[v, j] & 1:
        cost += g.rate[STRANGE]
    return cost


@kernel
def _price(g: Grid, w: Walks, v: int, end: int) -> None:
    """The route's driving and extras; the patrol that it will owe, guessed from its slack."""
    visits = g.visit.shape[0]
    cost = patrol = busy = 0
    t = g.van[v, STARTS]
    m = g.van[v, BEAT_OF]
    for k in range(w.tour[v, COUNT] + 1):
        a, b = _before(g, w, v, k), _after(g, w, v, k)
        s = drive(g, a, b, t)
        cost += s
        busy += s
        if m >= 0:
            patrol += g.beat[m, a, b]
        if k == w.tour[v, COUNT]:
            break
        t = w.stop[v, k, LEAVE]
        busy += t - w.stop[v, k, BEGIN]
        if b < visits:
            cost += extras(g, v, b, w.stop[v, k, BEGIN])
            if m >= 0 and g.pair[v, b] & 2:
                patrol += g.pair[v, b] >> 2
    cost += g.rate[LATE] * max(0, end - g.van[v, ENDS])
    w.tour[v, COST] = cost
    if m >= 0:
        free = (
            min(g.van[v, ENDS], g.van[v, STARTS] + g.van[v, SPAN] + g.van[v, REST_FOR])
            - g.van[v, STARTS]
            - busy
            - g.van[v, REST_FOR]
        )
        w.tour[v, OWED] = g.van[v, TARGET] - patrol - USABLE * max(0, free) // 100
    else:
        w.tour[v, OWED] = -BIG


@kernel
def fits(g: Grid, w: Walks, v: int, j: int) -> bool:
    """Whether a van may serve a visit at all, as the other routes stand."""
    if not g.pair[v, j] >= 0:
        return False
    group = g.visit[j, SAME_GROUP]
    if group >= 0 and w.bond[SAME_COUNT, group] > 0 and w.bond[SAME_VAN, group] != v:
        return False
    group = g.visit[j, ONE_GROUP]
    if group >= 0 and w.bond[ONE_DAY, group] > 0:
        return False
    for e in range(g.rate[KITS]):
        if (g.visit[j, NEEDS] >> e) & 1 and w.bond[KIT + e, v] == 0:
            holders = 0
            for other in range(g.van.shape[0]):
                holders += w.bond[KIT + e, other] > 0
            if holders >= g.rate[UNITS + e]:
                return False
    return True


@kernel
def cheapest(g: Grid, w: Walks, v: int, j: int, least: int, blink: float, rng: Dice) -> tuple[int, int]:
    """The cheapest position of a visit on a route that beats `least`: its price and position, -1 for none."""
    best = -1
    n = w.tour[v, COUNT]
    place = g.visit.shape[0] + g.kitchen.shape[0] + v
    m = g.van[v, BEAT_OF]
    weight = g.rate[OWING]
    for k in range(g.van[v, LOCKED], n + 1):
        if blink > 0 and uniform(rng) < blink:
            continue
        a = place if k == 0 else w.stop[v, k - 1, NODE]
        left = g.van[v, STARTS] if k == 0 else w.stop[v, k - 1, LEAVE]
        if left > g.visit[j, LAST_CLOSE]:
            break
        b = _after(g, w, v, k)
        to, on = g.time[a, j], g.time[j, b]
        price = to + on - g.time[a, b]
        if price >= least:
            continue
        segment = w.stop[v, k, SEGMENT]
        if w.tour[v, HOT_IN + segment] + g.visit[j, HOT] > _hot_cap(g, v, segment):
            continue
        if w.tour[v, COLD_IN + segment] + g.visit[j, COLD] > _cold_cap(g, v, segment):
            continue
        until = _food_until(g, w, v, j, segment)
        if w.tour[v, REST_AT] != k:
            begin = opening(g, j, left + drive(g, a, j, left), until)
            if begin < 0:
                continue
            leaves = begin + (g.pair[v, j] >> 2)
            if leaves + drive(g, j, b, leaves) > w.stop[v, k, LATEST]:
                continue
        else:
            begin = _beside_rest(g, w, v, k, j, until)
            if begin < 0:
                continue
        price += extras(g, v, j, begin)
        if m >= 0 and weight > 0:
            more = USABLE * (to + on - g.time[a, b] + (g.pair[v, j] >> 2)) // 100
            more -= g.beat[m, a, j] + g.beat[m, j, b] - g.beat[m, a, b]
            if g.pair[v, j] & 2:
                more -= g.pair[v, j] >> 2
            price += weight * (max(0, w.tour[v, OWED] + more) - max(0, w.tour[v, OWED])) // 60
        if price < least:
            least, best = price, k
    return least, best


@kernel
def _beside_rest(g: Grid, w: Walks, v: int, k: int, j: int, until: int) -> int:
    """The begin of a visit put into the gap of the break, before or after it; -1 where neither goes."""
    a, b = _before(g, w, v, k), _after(g, w, v, k)
    left = g.van[v, STARTS] if k == 0 else w.stop[v, k - 1, LEAVE]
    begin = opening(g, j, left + drive(g, a, j, left), until)
    if begin >= 0:
        leaves = begin + (g.pair[v, j] >> 2)
        on = drive(g, j, b, leaves)
        rests = max(leaves + on, g.van[v, REST_FROM])
        if rests <= g.van[v, REST_UNTIL]:
            if rests + g.van[v, REST_FOR] <= w.tour[v, REST_LATEST]:
                return begin
        else:
            rests = max(leaves, g.van[v, REST_FROM])
            if rests <= g.van[v, REST_UNTIL] and rests + g.van[v, REST_FOR] + on <= w.tour[v, REST_LATEST]:
                return begin
    arrives = left + drive(g, a, j, left)
    rests = max(arrives, g.van[v, REST_FROM])
    if rests <= g.van[v, REST_UNTIL]:
        begin = opening(g, j, rests + g.van[v, REST_FOR], until)
    else:
        rests = max(left, g.van[v, REST_FROM]) + g.van[v, REST_FOR]
        if rests - g.van[v, REST_FOR] > g.van[v, REST_UNTIL]:
            return -1
        begin = opening(g, j, rests + drive(g, a, j, rests), until)
    if begin < 0:
        return -1
    leaves = begin + (g.pair[v, j] >> 2)
    return begin if leaves + drive(g, j, b, leaves) <= w.tour[v, REST_LATEST] else -1


@kernel
def uniform(rng: Dice) -> float:
    """A number in [0, 1). Source: xorshift64*, Vigna 2016."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@kernel
def below(rng: npt.NDArray[np.uint64], n: int) -> int:
    """A whole number in [0, n)."""
    return min(n - 1, int(uniform(rng) * n))


@kernel
def put(g: Grid, w: Walks, v: int, k: int, node: int) -> None:
    """Put a node into a route without timing it."""
    for q in range(w.tour[v, COUNT], k, -1):
        w.stop[v, q, NODE] = w.stop[v, q - 1, NODE]
    w.stop[v, k, NODE] = node
    w.tour[v, COUNT] += 1
    if node < g.visit.shape[0]:
        _count(g, w, v, node, 1)


@kernel
def _count(g: Grid, w: Walks, v: int, j: int, by: int) -> None:
    """Keep count of what binds visits to each other."""
    if g.visit[j, SAME_GROUP] >= 0:
        w.bond[SAME_COUNT, g.visit[j, SAME_GROUP]] += by
        w.bond[SAME_VAN, g.visit[j, SAME_GROUP]] = v
    if g.visit[j, ONE_GROUP] >= 0:
        w.bond[ONE_DAY, g.visit[j, ONE_GROUP]] += by
    for e in range(g.rate[KITS]):
        if (g.visit[j, NEEDS] >> e) & 1:
            w.bond[KIT + e, v] += by
    if by < 0:
        w.at[j, 0] = w.at[j, 1] = -1


@kernel
def take(g: Grid, w: Walks, v: int, k: int) -> int:
    """Take the node at a position out of a route without timing it."""
    node = w.stop[v, k, NODE]
    for q in range(k, w.tour[v, COUNT] - 1):
        w.stop[v, q, NODE] = w.stop[v, q + 1, NODE]
    w.tour[v, COUNT] -= 1
    if node < g.visit.shape[0]:
        _count(g, w, v, node, -1)
    return int(node)

"""Gaps between the calls of a route, compiled: who fits in, what it costs there, putting in, taking out."""

from __future__ import annotations

from routing.compiling import kernel, small_kernel
from routing.grid import (
    BEAT_OF,
    BOUND,
    COLD,
    HOT,
    KITS,
    LAST_CLOSE,
    LOCKED,
    NEEDS,
    ONE_GROUP,
    OPENS,
    OWING,
    REST_FOR,
    REST_FROM,
    REST_UNTIL,
    SAME_GROUP,
    STARTS,
    UNITS,
    Grid,
)
from routing.tours import (
    COLD_IN,
    COUNT,
    HOT_IN,
    KIT,
    LATEST,
    LEAVE,
    LEG,
    NODE,
    ONE_DAY,
    OWED,
    REST_AT,
    REST_LATEST,
    SAME_COUNT,
    SAME_VAN,
    SEGMENT,
    USABLE,
    Walks,
    place_after,
    place_before,
)
from routing.walk import (
    cold_cap,
    drive,
    extras,
    food_until,
    hot_cap,
    opening,
    paced,
)


@small_kernel
def fits(g: Grid, w: Walks, v: int, j: int) -> bool:
    """Whether a van may serve a visit at all, as the other routes stand."""
    if not g.pair[v, j] >= 0:
        return False
    if not g.rate[BOUND]:
        return True
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
def cheapest(g: Grid, w: Walks, v: int, j: int, least: int) -> tuple[int, int]:
    """The cheapest position of a visit on a route that beats `least`: its price and position, -1 for none."""
    best = -1
    n = w.tour[v, COUNT]
    place = g.visit.shape[0] + g.kitchen.shape[0] + v
    m = g.van[v, BEAT_OF]
    weight = g.rate[OWING]
    opens, takes = g.visit[j, OPENS], g.pair[v, j] >> 2
    for k in range(g.van[v, LOCKED], n + 1):
        a = place if k == 0 else w.stop[v, k - 1, NODE]
        left = g.van[v, STARTS] if k == 0 else w.stop[v, k - 1, LEAVE]
        if left > g.visit[j, LAST_CLOSE]:
            break
        # Most gaps of a full route are too short for the service alone: no road need be looked up.
        if max(left, opens) + takes > w.stop[v, k, LATEST] and w.tour[v, REST_AT] != k:
            continue
        b = place_after(g, w, v, k)
        to, on = g.reach[j, a, 0], g.reach[j, b, 1]
        price = to + on - w.stop[v, k, LEG]
        if price >= least:
            continue
        segment = w.stop[v, k, SEGMENT]
        if w.tour[v, HOT_IN + segment] + g.visit[j, HOT] > hot_cap(g, v, segment):
            continue
        if w.tour[v, COLD_IN + segment] + g.visit[j, COLD] > cold_cap(g, v, segment):
            continue
        until = food_until(g, w, v, j, segment)
        if w.tour[v, REST_AT] != k:
            begin = opening(g, j, left + paced(g, to, left), until)
            if begin < 0:
                continue
            leaves = begin + takes
            if leaves + paced(g, on, leaves) > w.stop[v, k, LATEST]:
                continue
        else:
            begin = _beside_rest(g, w, v, k, j, until)
            if begin < 0:
                continue
        price += extras(g, v, j, begin)
        if m >= 0 and weight > 0:
            more = USABLE * (to + on - w.stop[v, k, LEG] + takes) // 100
            more -= g.beat[m, a, j] + g.beat[m, j, b] - g.beat[m, a, b]
            if g.pair[v, j] & 2:
                more -= takes
            price += weight * (max(0, w.tour[v, OWED] + more) - max(0, w.tour[v, OWED])) // 60
        if price < least:
            least, best = price, k
    return least, best


@kernel
def _beside_rest(g: Grid, w: Walks, v: int, k: int, j: int, until: int) -> int:
    """The begin of a visit put into the gap of the break, before or after it; -1 where neither goes."""
    a, b = place_before(g, w, v, k), place_after(g, w, v, k)
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


@small_kernel
def put(g: Grid, w: Walks, v: int, k: int, node: int) -> None:
    """Put a node into a route without timing it."""
    for q in range(w.tour[v, COUNT], k, -1):
        w.stop[v, q, NODE] = w.stop[v, q - 1, NODE]
    w.stop[v, k, NODE] = node
    w.tour[v, COUNT] += 1
    count(g, w, v, node, 1)


@small_kernel
def count(g: Grid, w: Walks, v: int, j: int, by: int) -> None:
    """Keep count of what binds visits to each other, one more or one less of them on a route."""
    if j >= g.visit.shape[0]:
        return
    if by < 0:
        w.at[j, 0] = w.at[j, 1] = -1
    if not g.rate[BOUND]:
        return
    if g.visit[j, SAME_GROUP] >= 0:
        w.bond[SAME_COUNT, g.visit[j, SAME_GROUP]] += by
        w.bond[SAME_VAN, g.visit[j, SAME_GROUP]] = v
    if g.visit[j, ONE_GROUP] >= 0:
        w.bond[ONE_DAY, g.visit[j, ONE_GROUP]] += by
    for e in range(g.rate[KITS]):
        if (g.visit[j, NEEDS] >> e) & 1:
            w.bond[KIT + e, v] += by


@small_kernel
def take(g: Grid, w: Walks, v: int, k: int) -> int:
    """Take the node at a position out of a route without timing it."""
    node = w.stop[v, k, NODE]
    for q in range(k, w.tour[v, COUNT] - 1):
        w.stop[v, q, NODE] = w.stop[v, q + 1, NODE]
    w.tour[v, COUNT] -= 1
    count(g, w, v, node, -1)
    return int(node)

"""Routes walked along in time, compiled: where one more call fits, and what it costs there.

The rules are those of `routing.timetable`, which has the last word: what is made here is timed again there.
Arrays are those of `Grid` (what never changes) and `Walks` (what does); nothing is allocated while it runs.
"""

from __future__ import annotations

from routing.compiling import kernel, small_kernel
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
    LATE,
    LEAVES_BY,
    MAY_MOVE,
    MOVED,
    NAP,
    NAP_FROM,
    NAP_TO,
    OPENS,
    OVERTIME,
    PACE,
    PACED,
    PROMISED,
    PROMISED_AT,
    READY_FROM,
    REST_FOR,
    REST_FROM,
    REST_UNTIL,
    SPAN,
    STARTS,
    STRANGE,
    TAKES,
    TARGET,
    WINDOWS,
    Grid,
)
from routing.tours import (
    BATCH_IN,
    BEGIN,
    COLD_IN,
    COST,
    COUNT,
    HOT_IN,
    LATEST,
    LEAVE,
    LEG,
    MARK,
    NODE,
    OWED,
    REST_AFTER,
    REST_AT,
    REST_LATEST,
    SEGMENT,
    USABLE,
    WORK,
    Walks,
    place_after,
    place_before,
)


@small_kernel
def drive(g: Grid, a: int, b: int, t: int) -> int:
    """Seconds from place to place when it is left then."""
    return paced(g, g.time[a, b], t)


@small_kernel
def paced(g: Grid, s: int, t: int) -> int:
    """Seconds of a drive as the hour has it in which it begins."""
    if g.rate[PACED] == 0 or s <= 0:
        return s
    return -(-s * g.rate[PACE + t // 3600 % 24] // 100)


@small_kernel
def opening(g: Grid, j: int, t: int, until: int) -> int:
    """The earliest begin of a visit reached then, no later than `until`; -1 for none."""
    for w in range(g.visit[j, WINDOWS]):
        at = max(t, g.visit[j, OPENS + 2 * w])
        if at <= g.visit[j, OPENS + 2 * w + 1]:
            return at if at <= until else -1
    return -1


@small_kernel
def food_until(g: Grid, w: Walks, v: int, j: int, segment: int) -> int:
    if g.visit[j, HOLD] >= BIG:
        return BIG
    return w.tour[v, BATCH_IN + segment] + g.visit[j, HOLD] - (g.pair[v, j] >> 2)


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
        a, b = place_before(g, w, v, k), place_after(g, w, v, k)
        if k == k0 and rest == 1:
            t = max(t, g.van[v, REST_FROM]) + g.van[v, REST_FOR]
        leg = g.time[a, b]
        if write:
            w.stop[v, k, LEG] = leg
        t += paced(g, leg, t)
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
    t, segment = start, 0
    visits = g.visit.shape[0]
    for k in range(w.tour[v, COUNT] + 1):
        if max(t, g.van[v, REST_FROM]) > g.van[v, REST_UNTIL]:
            break
        b = place_after(g, w, v, k)
        arrives = t + drive(g, place_before(g, w, v, k), b, t)
        if k == w.tour[v, COUNT]:
            leaves = arrives
        elif b >= visits:
            leaves = max(arrives, g.kitchen[b - visits, READY_FROM])
            if leaves > g.kitchen[b - visits, CLOSES]:
                break
            leaves += g.kitchen[b - visits, TAKES]
            segment += 1
        else:
            # What is too late before the break is no better for it.
            leaves = opening(g, b, arrives, food_until(g, w, v, b, segment))
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
    w.tour[v, BATCH_IN + 0] = g.van[v, BATCH]
    w.tour[v, REST_AT] = -1
    end = _along(g, w, v, 0, g.van[v, STARTS], 0, True)
    if g.van[v, REST_FOR] > 0 and (end < 0 or end > g.van[v, REST_UNTIL]):
        end = _place_rest(g, w, v)
    if end < 0:
        return False
    idle = _load(g, w, v)
    if idle < 0:
        return False
    idle += g.van[v, REST_FOR] if w.tour[v, REST_AT] >= 0 else 0
    start = _leaving(g, w, v)
    if end - start - idle > g.van[v, SPAN]:
        return False
    _look_back(g, w, v, min(g.van[v, ENDS] + g.van[v, OVERTIME], start + g.van[v, SPAN] + idle))
    _price(g, w, v, end)
    w.tour[v, WORK] = end - start - (g.van[v, REST_FOR] if w.tour[v, REST_AT] >= 0 else 0)
    return True


@kernel
def _load(g: Grid, w: Walks, v: int) -> int:
    """Where each call stands, in which load, how full that is; the seconds of reloads, -1 if too full."""
    visits, idle, segment, hot, cold, mark = g.visit.shape[0], 0, 0, 0, 0, 1
    for k in range(w.tour[v, COUNT] + 1):
        w.stop[v, k, SEGMENT] = segment
        j = place_after(g, w, v, k)
        if j < visits:
            w.at[j, 0], w.at[j, 1] = v, k
            hot += g.visit[j, HOT]
            cold += g.visit[j, COLD]
        else:
            w.tour[v, HOT_IN + segment], w.tour[v, COLD_IN + segment] = hot, cold
            if hot > hot_cap(g, v, segment) or cold > cold_cap(g, v, segment):
                return -1
            if k < w.tour[v, COUNT]:
                idle += g.kitchen[j - visits, TAKES]
            segment += 1
            hot = cold = 0
        # Multiplier of Steele and Vigna 2021.
        mark = (mark + j) * -3372029247567499371
        mark ^= mark >> 29
    w.tour[v, MARK] = mark
    return idle


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
    a = place_before(g, w, v, 0)
    later = min(g.van[v, LEAVES_BY], w.stop[v, 0, BEGIN] - drive(g, a, w.stop[v, 0, NODE], start))
    if later <= start or later + drive(g, a, w.stop[v, 0, NODE], later) > w.stop[v, 0, BEGIN]:
        return start
    return later


@small_kernel
def hot_cap(g: Grid, v: int, segment: int) -> int:
    return g.van[v, HOT_ABOARD] if segment == 0 else g.van[v, HOT_CUPS]


@small_kernel
def cold_cap(g: Grid, v: int, segment: int) -> int:
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
                until = min(until, food_until(g, w, v, j, w.stop[v, k, SEGMENT]))
                until = _last_begin(g, j, until)
        if w.tour[v, REST_AT] == k:
            w.tour[v, REST_LATEST] = until
            if w.tour[v, REST_AFTER]:
                until = min(g.van[v, REST_UNTIL], until - g.van[v, REST_FOR])
        w.stop[v, k, LATEST] = until
        if k == 0:
            break
        a = w.stop[v, k - 1, NODE]
        until -= drive(g, a, place_after(g, w, v, k), w.stop[v, k - 1, LEAVE])
        if w.tour[v, REST_AT] == k and not w.tour[v, REST_AFTER]:
            until = min(g.van[v, REST_UNTIL], until - g.van[v, REST_FOR])


@small_kernel
def _last_begin(g: Grid, j: int, until: int) -> int:
    for w in range(g.visit[j, WINDOWS] - 1, -1, -1):
        if g.visit[j, OPENS + 2 * w] <= until:
            return min(until, g.visit[j, OPENS + 2 * w + 1])
    return until


@small_kernel
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
    a = place_before(g, w, v, 0)
    for k in range(w.tour[v, COUNT] + 1):
        b = place_after(g, w, v, k)
        s = paced(g, w.stop[v, k, LEG], t)
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
        a = b
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

"""Where on a route one more call, or a call and a reload, would need least, compiled.

Bounds come first: what they rule out is not tried.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.compiling import array_kernel
from routing.trial import (  # fmt: skip
    BATCH,
    CLOSES,
    COLD,
    COLD_ABOARD,
    COLD_CUPS,
    CUP_S,
    DECIDED,
    DEPOT,
    ENDS,
    HOLD,
    HOME,
    HOT,
    HOT_ABOARD,
    HOT_CUPS,
    KIND,
    NEVER,
    ONE_NEED,
    OPENS,
    READY,
    RELOAD,
    REST,
    REST_FOR,
    REST_FROM,
    REST_UNTIL,
    SITE,
    STARTS,
    TAKES,
    VISIT,
    WINDOWS,
    Ground,
    Ints,
    Work,
    go,
    hopeless,
    later_s_of,
    least_s,
    most_s,
    new_work,
    try_way,
)


class Slack(NamedTuple):
    """What one more call meets on a route as it is, by where the break lies: row 0 none, row g + 1 gap g.

    Parameters
    ----------
    leaves : by row and call, when the van sets off to the call at the earliest
    latest : by row and call, the arrival past which some limit from there on is missed, by no less; breaks up
        to that call are none of it. Its last row is for a van that has none: it is back before one is due
    """

    leaves: Ints
    latest: Ints


@array_kernel
def _site(ground: Ground, calls: int, n: int) -> int:
    """Where a van is before its first call (-1), at call n, and after its last."""
    if n < 0:
        return ground.van[DEPOT]
    return ground.van[HOME] if n == calls else ground.nodes[n, SITE]


@array_kernel
def _latest_begin(ground: Ground, n: int) -> int:
    node = ground.nodes[n]
    if node[KIND] == VISIT:
        return ground.windows[n, node[WINDOWS] - 1, 1]
    return node[CLOSES] if node[KIND] == RELOAD else NEVER


@array_kernel
def _latest(ground: Ground, calls: int, latest: Ints) -> None:
    van = ground.van
    for row in range(calls + 3):
        latest[row, calls] = van[ENDS]
        if row == calls + 2 and van[REST]:
            latest[row, calls] = min(van[ENDS], van[REST_UNTIL])
        for n in range(calls - 1, -1, -1):
            drive_s = least_s(ground, ground.nodes[n, SITE], _site(ground, calls, n + 1))
            leave_s = latest[row, n + 1] - drive_s
            if row - 1 == n + 1:
                leave_s = min(leave_s - van[REST_FOR], van[REST_UNTIL])
            latest[row, n] = min(leave_s - ground.nodes[n, TAKES], _latest_begin(ground, n))


@array_kernel
def slack(ground: Ground, calls: int) -> Slack:
    """The slack of a van's `calls`; it does not hang on the call that is to be put in."""
    found = Slack(np.zeros((calls + 2, calls + 1), np.int64), np.zeros((calls + 3, calls + 1), np.int64))
    order, work, way = np.arange(calls), new_work(calls), np.zeros(3, np.int64)
    for row in range(calls + 2):
        found.leaves[row] = NEVER
        for after in range(2):
            way[0], way[1] = row - 1, after
            go(ground, work, order, -1, way)
            found.leaves[row, 0] = ground.van[STARTS]
            for n in range(1, calls + 1):
                found.leaves[row, n] = min(found.leaves[row, n], work.leaves[n - 1])
    _latest(ground, calls, found.latest)
    return found


@array_kernel
def _late_s(ground: Ground, slack: Slack, new: int, position: int, gap: int) -> int:
    """Seconds by which some limit is missed at least, with `new` at the position and the break in the gap.

    A gap counts with `new` among the calls; -1 is no break.
    """
    van, node, calls = ground.van, ground.nodes[new], slack.leaves.shape[1] - 1
    leaves_s = slack.leaves[gap + 1 if gap < position else 0, position]
    reached_s = leaves_s + least_s(ground, _site(ground, calls, position - 1), node[SITE])
    late_s = 0
    if gap == position:
        late_s = max(leaves_s, van[REST_FROM]) - van[REST_UNTIL]
        reached_s = max(reached_s, van[REST_FROM]) + van[REST_FOR]
    opens_s = ground.windows[new, 0, 0] if node[KIND] == VISIT else node[OPENS]
    begins_s = max(reached_s, opens_s)
    late_s = max(late_s, begins_s - _latest_begin(ground, new))
    leaves_s = begins_s + node[TAKES]
    reached_s = leaves_s + least_s(ground, node[SITE], _site(ground, calls, position))
    if gap == position + 1:
        late_s = max(late_s, max(leaves_s, van[REST_FROM]) - van[REST_UNTIL])
        reached_s = max(reached_s, van[REST_FROM]) + van[REST_FOR]
    row = calls + 2 if gap < 0 else (gap if gap > position + 1 else 0)
    return max(0, late_s, reached_s - slack.latest[row, position])


@array_kernel
def _insert(order: Ints, into: Ints, position: int, node: int) -> None:
    into[:position] = order[:position]
    into[position] = node
    into[position + 1 :] = order[position:]


@array_kernel
def _try_gap(ground: Ground, work: Work, order: Ints, new: int, gap: int, best: Ints) -> None:
    """The ways with the break in one gap, -1 for none: before and after the drive, now and leaving later."""
    way = np.array((-1, 0, 0))
    go(ground, work, order, new, way)
    later_s = later_s_of(ground, work, order)
    if 0 <= gap < order.size and work.leaves[gap] <= ground.van[REST_FROM]:
        return  # a break before its time is no better than one in the next gap
    for later in range(2 if later_s > 0 else 1):
        for after in range(1 if gap < 0 else 2):
            way[0], way[1], way[2] = gap, after, later * later_s
            try_way(ground, work, order, new, way, best)


@array_kernel
def _least_rank(late_s: int) -> int:
    return ONE_NEED + late_s if late_s > 0 else 0


@array_kernel
def _cups_rank(ground: Ground, calls: int, new: int, position: int) -> int:
    """What a rank holds for cups, which do not hang on the time, with `new` at a position."""
    van, hot, cold, more_hot, more_cold = ground.van, 0, 0, 0, 0
    holds_hot, holds_cold = van[HOT_ABOARD], van[COLD_ABOARD]
    for n in range(calls + 1):
        which = new if n == position else (n if n < position else n - 1)
        hot += ground.nodes[which, HOT]
        cold += ground.nodes[which, COLD]
        if ground.nodes[which, KIND] == RELOAD:
            hot, cold, holds_hot, holds_cold = 0, 0, van[HOT_CUPS], van[COLD_CUPS]
        more_hot, more_cold = max(more_hot, hot - holds_hot), max(more_cold, cold - holds_cold)
    needs = int(more_hot > 0) + int(more_cold > 0)
    return needs * ONE_NEED + (more_hot + more_cold) * CUP_S


@array_kernel
def _food_rank(ground: Ground, slack: Slack, new: int, position: int) -> int:
    """What a rank holds at least for the food of `new` being too old."""
    node, batch_s = ground.nodes[new], ground.van[BATCH]
    if node[HOLD] < 0:
        return 0
    for n in range(position):
        if ground.nodes[n, KIND] == RELOAD:
            batch_s = ground.nodes[n, READY]
    site = _site(ground, slack.leaves.shape[1] - 1, position - 1)
    reached_s = slack.leaves[0, position] + least_s(ground, site, node[SITE])
    served_s = max(reached_s, ground.windows[new, 0, 0]) + node[TAKES]
    return _least_rank(served_s - batch_s - node[HOLD])


@array_kernel
def _bounds(ground: Ground, slack: Slack, new: int, first: int) -> Ints:
    """For each position and gap the least that its rank can be."""
    calls = slack.leaves.shape[1] - 1
    gaps = calls + 3 if ground.van[REST] else 1
    found = np.zeros((calls + 1, gaps), np.int64)
    for position in range(calls + 1):
        fixed = _cups_rank(ground, calls, new, position) + _food_rank(ground, slack, new, position)
        for n in range(gaps):
            found[position, n] = fixed + _least_rank(_late_s(ground, slack, new, position, n - 1))
            if 0 < n <= position and slack.leaves[0, n] <= ground.van[REST_FROM]:
                found[position, n] = NEVER  # a break before its time is no better than one in the next gap
            if position < first:
                found[position, n] += ONE_NEED + DECIDED
    return found


@array_kernel
def nearest(ground: Ground, slack: Slack, new: int, first: int, every: bool) -> Ints:
    """For each position of a van's calls the nearest way to put in the call `new`.

    Before position `first` the route is locked. Where not `every` position is asked for, those that are
    surely no nearer than the nearest of all may be left at `NEVER`.

    Returns
    -------
    (calls + 1, 5): rank (0 where nothing is needed), the break's gap or -1, whether it is taken after the
    drive, how much later the van leaves, when it is back.
    """
    calls = slack.leaves.shape[1] - 1
    order, longer, work = np.arange(calls), np.zeros(calls + 1, np.int64), new_work(calls)
    found, best = np.full((calls + 1, 5), NEVER), NEVER
    bounds = _bounds(ground, slack, new, first)
    for each in np.argsort(bounds.ravel(), kind="mergesort"):
        position, gap = each // bounds.shape[1], each % bounds.shape[1] - 1
        limit = found[position, 0] if every else best
        if bounds[position, gap + 1] > limit or found[position, 0] in (0, bounds[position, gap + 1]):
            continue
        lock = ONE_NEED + DECIDED if position < first else 0
        found[position, 0] -= lock
        _insert(order, longer, position, new)
        _try_gap(ground, work, longer, new, gap, found[position])
        found[position, 0] += lock
        best = min(best, found[position, 0])
    return found


@array_kernel
def _fits(ground: Ground, work: Work, order: Ints, new: int, best: Ints) -> bool:
    """Whether an order needs nothing with the break somewhere; `best` has the way."""
    best[0] = NEVER
    if hopeless(ground, work, order, new):
        return False
    for gap in range(-1, order.size + 1 if ground.van[REST] else 0):
        _try_gap(ground, work, order, new, gap, best)
        if best[0] == 0:
            return True
    return False


@array_kernel
def _with_reload(ground: Ground, work: Work, order: Ints, new: int, open_at: Ints) -> int:
    """The first of the positions at which `new` needs nothing in an order that has its reload, or -1."""
    longer, best = np.zeros(order.size + 1, np.int64), np.zeros(5, np.int64)
    for position in open_at:
        _insert(order, longer, position, new)
        if _fits(ground, work, longer, new, best):
            return position
    return -1


@array_kernel
def reload_for(ground: Ground, slack: Slack, new: int, first: int) -> Ints:
    """The reload that alone lets the call `new` in, the earliest on the route.

    Kitchens are the nodes after `new`.

    Returns
    -------
    The kitchen's node (-1: none will do), the reload's position in the calls, and the call's in the calls
    with the reload.
    """
    calls = slack.leaves.shape[1] - 1
    order, longer, work = np.arange(calls), np.zeros(calls + 1, np.int64), new_work(calls + 1)
    room, spare_s = _room(ground, slack, new, first), _spare_s(ground, calls)
    extra_s = np.array([_extra_s(ground, calls, new, position) for position in room], np.int64)
    for at in range(first, calls + 1):
        for kitchen in range(new + 1, ground.nodes.shape[0]):
            if room.size == 0 or _bounds_at(ground, slack, kitchen, at) > 0:
                continue
            left_s = spare_s - _extra_s(ground, calls, kitchen, at)
            open_at = _shifted(room[(extra_s <= left_s) | (room == at)], at)
            _insert(order, longer, at, kitchen)
            position = _with_reload(ground, work, longer, new, open_at)
            if position >= 0:
                return np.array((kitchen, at, position))
    return np.array((-1, 0, 0))


@array_kernel
def _extra_s(ground: Ground, calls: int, new: int, position: int) -> int:
    """What a call adds at least to the seconds that a van drives and serves."""
    before, behind = _site(ground, calls, position - 1), _site(ground, calls, position)
    there_s = least_s(ground, before, ground.nodes[new, SITE])
    on_s = least_s(ground, ground.nodes[new, SITE], behind)
    return there_s + on_s + ground.nodes[new, TAKES] - most_s(ground, before, behind)


@array_kernel
def _spare_s(ground: Ground, calls: int) -> int:
    """What a van's shift leaves at most beside driving, serving, and its break where that is due anyway."""
    now_s = ground.van[STARTS] + least_s(ground, _site(ground, calls, -1), _site(ground, calls, 0))
    for n in range(calls):
        now_s += ground.nodes[n, TAKES] + least_s(ground, ground.nodes[n, SITE], _site(ground, calls, n + 1))
    if ground.van[REST] and now_s > ground.van[REST_UNTIL]:
        now_s += ground.van[REST_FOR]
    return ground.van[ENDS] - now_s


@array_kernel
def _bounds_at(ground: Ground, slack: Slack, new: int, position: int) -> int:
    calls = slack.leaves.shape[1] - 1
    least = NEVER
    for gap in range(-1, calls + 2 if ground.van[REST] else 0):
        least = min(least, _late_s(ground, slack, new, position, gap))
    return least


@array_kernel
def _room(ground: Ground, slack: Slack, new: int, first: int) -> Ints:
    """Positions at which nothing is surely late."""
    calls = slack.leaves.shape[1] - 1
    found = [
        position for position in range(first, calls + 1) if _bounds_at(ground, slack, new, position) == 0
    ]
    return np.array(found, np.int64)


@array_kernel
def _shifted(room: Ints, at: int) -> Ints:
    """Positions of the calls as positions of the calls with a reload: beside it, before and after it."""
    before, after = room[room <= at], room[room >= at] + 1
    return np.concatenate((before, after))

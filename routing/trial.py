"""Every way to put one more call on a van's route, tried at once, compiled.

The rules are those of `routing.timetable`, which has the last word: what is found here is walked again there.
A way is a position, the break's place or none, and whether the van leaves later for its first call's window.
Beat passes and naps are no part of it: they give way.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from routing.compiling import array_kernel

Ints = npt.NDArray[np.int64]

VISIT, RELOAD, OTHER = 0, 1, 2
KIND, SITE, TAKES, WINDOWS, HOT, COLD, HOLD, OPENS, CLOSES, READY = range(10)
NODE_COLUMNS: Final = 10
"""Of a call. `HOLD` is from a batch's being ready to the last end of service, -1 without food."""
(DEPOT, HOME, STARTS, ENDS, SPAN, LATEST_START, BATCH, HOT_CUPS, COLD_CUPS, HOT_ABOARD, COLD_ABOARD, REST,
 REST_FROM, REST_UNTIL, REST_FOR) = range(15)  # fmt: skip
VAN_COLUMNS: Final = 15
"""Of a van. `ENDS` holds its overtime, `SPAN` is -1 where the shift alone limits it, `REST` is 1 or 0."""

_NOW, _AT, _BATCH, _LOAD_HOT, _LOAD_COLD, _HOLD_HOT, _HOLD_COLD, _IDLE = range(8)
(_NEED_HOT, _NEED_COLD, _NEED_FOOD, _NEED_OWN, _NEED_LATER, _NEED_BREAK, _NEED_KITCHEN, _NEED_SHIFT,
 _NEED_SPAN, _LATER, _ROADS) = range(11)  # fmt: skip

CUP_S: Final = 60
"""A cup more counts as much as a minute more where changes of both kinds are compared."""
ONE_NEED: Final = 10**13
DECIDED: Final = 10**12
"""Added where somebody's decision has to give way: a locked beginning."""
NO_ROAD: Final = 10**16
NEVER: Final = 10**18


class Ground(NamedTuple):
    """One van, its calls and those that could be put in, as arrays.

    Parameters
    ----------
    nodes : (calls, `NODE_COLUMNS`)
    windows : (calls, most windows, 2)
    seconds : the road table; `pace` the hours' percentages, or none
    van : `VAN_COLUMNS`
    """

    nodes: Ints
    windows: Ints
    seconds: npt.NDArray[np.int32]
    pace: Ints
    van: Ints


class Work(NamedTuple):
    """What a walk writes: its state, what it needs, when each call is left, the first call's wait."""

    state: Ints
    needs: Ints
    leaves: Ints
    waits: Ints


@array_kernel
def _more(needs: Ints, which: int, short: int) -> None:
    needs[which] = max(needs[which], short)


@array_kernel
def _drive(ground: Ground, work: Work, to: int) -> None:
    state = work.state
    seconds = np.int64(ground.seconds[state[_AT], to])
    state[_AT] = to
    if seconds < 0:
        work.needs[_ROADS] += 1
        return
    if seconds > 0 and ground.pace.size > 0:
        seconds = -(-seconds * ground.pace[state[_NOW] // 3600 % 24] // 100)
    state[_NOW] += seconds


@array_kernel
def _rest(ground: Ground, work: Work) -> None:
    state, van = work.state, ground.van
    begins_s = max(state[_NOW], van[REST_FROM])
    _more(work.needs, _NEED_BREAK, begins_s - van[REST_UNTIL])
    state[_NOW] = begins_s + van[REST_FOR]
    state[_IDLE] += van[REST_FOR]


@array_kernel
def _unload(work: Work) -> None:
    state = work.state
    _more(work.needs, _NEED_HOT, state[_LOAD_HOT] - state[_HOLD_HOT])
    _more(work.needs, _NEED_COLD, state[_LOAD_COLD] - state[_HOLD_COLD])
    state[_LOAD_HOT] = state[_LOAD_COLD] = 0


@array_kernel
def _reload(ground: Ground, work: Work, node: Ints) -> None:
    state = work.state
    begins_s = max(state[_NOW], node[OPENS])
    _more(work.needs, _NEED_KITCHEN, begins_s - node[CLOSES])
    state[_NOW] = begins_s + node[TAKES]
    state[_IDLE] += node[TAKES]
    _unload(work)
    state[_HOLD_HOT], state[_HOLD_COLD] = ground.van[HOT_CUPS], ground.van[COLD_CUPS]
    state[_BATCH] = node[READY]


@array_kernel
def _begins(ground: Ground, which: int, arrives_s: int) -> int:
    begins_s = arrives_s
    for n in range(ground.nodes[which, WINDOWS]):
        begins_s = max(arrives_s, ground.windows[which, n, 0])
        if begins_s <= ground.windows[which, n, 1]:
            break
    return begins_s


@array_kernel
def _visit(ground: Ground, work: Work, which: int, new: int) -> None:
    state, node = work.state, ground.nodes[which]
    begins_s = _begins(ground, which, state[_NOW])
    late_s = begins_s - ground.windows[which, node[WINDOWS] - 1, 1]
    if late_s > 0 and which == new:
        work.needs[_NEED_OWN] = late_s
    elif late_s > 0:
        work.needs[_NEED_LATER] += late_s
        work.needs[_LATER] += 1
    state[_NOW] = begins_s + node[TAKES]
    state[_LOAD_HOT] += node[HOT]
    state[_LOAD_COLD] += node[COLD]
    if node[HOLD] >= 0:
        _more(work.needs, _NEED_FOOD, state[_NOW] - state[_BATCH] - node[HOLD])


@array_kernel
def _serve(ground: Ground, work: Work, which: int, new: int) -> None:
    node = ground.nodes[which]
    if node[KIND] == VISIT:
        _visit(ground, work, which, new)
    elif node[KIND] == RELOAD:
        _reload(ground, work, node)
    else:
        work.state[_NOW] += node[TAKES]


@array_kernel
def _set_out(ground: Ground, work: Work, later_s: int) -> None:
    state, van = work.state, ground.van
    state[:] = 0
    work.needs[:] = 0
    state[_NOW] = van[STARTS] + later_s
    state[_AT], state[_BATCH] = van[DEPOT], van[BATCH]
    state[_HOLD_HOT], state[_HOLD_COLD] = van[HOT_ABOARD], van[COLD_ABOARD]


@array_kernel
def _come_home(ground: Ground, work: Work, out_s: int, rested: bool) -> None:
    """The limits of the whole route. Out when the break's window closes, a van must have had its break."""
    state, van, needs = work.state, ground.van, work.needs
    _unload(work)
    _more(needs, _NEED_SHIFT, state[_NOW] - van[ENDS])
    if van[SPAN] >= 0:
        _more(needs, _NEED_SPAN, state[_NOW] - out_s - state[_IDLE] - van[SPAN])
    if van[REST] and not rested:
        _more(needs, _NEED_BREAK, state[_NOW] - van[REST_UNTIL])


@array_kernel
def go(ground: Ground, work: Work, order: Ints, new: int, way: Ints) -> None:
    """Walk along an order. `way` is the gap of the break (-1: none), whether after the drive, and how much
    later the van leaves."""
    gap, after, later_s = way
    _set_out(ground, work, later_s)
    for n in range(order.size + 1):
        if n == gap and not after:
            _rest(ground, work)
        at_end = n == order.size
        _drive(ground, work, ground.van[HOME] if at_end else ground.nodes[order[n], SITE])
        if n == gap and after:
            _rest(ground, work)
        if n == 0:
            work.waits[0] = work.state[_NOW]
        if not at_end:
            _serve(ground, work, order[n], new)
        work.leaves[n] = work.state[_NOW]
    _come_home(ground, work, ground.van[STARTS] + later_s, gap >= 0)


@array_kernel
def rank_of(needs: Ints) -> int:
    """How far from sound a walk was: by roads missing, then changes needed, then their size."""
    rank = needs[_ROADS] * NO_ROAD + needs[_LATER] * ONE_NEED
    for which in range(_NEED_SPAN + 1):
        size = needs[which]
        if size > 0:
            rank += size * CUP_S if which <= _NEED_COLD else size
            rank += 0 if which == _NEED_LATER else ONE_NEED
    return rank


@array_kernel
def later_s_of(ground: Ground, work: Work, order: Ints) -> int:
    """As much later as the van may leave without being later at its first call; after a plain walk."""
    van = ground.van
    room_s = van[LATEST_START] - van[STARTS]
    if room_s <= 0 or order.size == 0 or ground.nodes[order[0], KIND] != VISIT:
        return 0
    begins_s = _begins(ground, order[0], work.waits[0])
    later_s = min(room_s, begins_s - work.waits[0])
    leaves_s = van[STARTS] + later_s
    seconds = np.int64(ground.seconds[van[DEPOT], ground.nodes[order[0], SITE]])
    if seconds > 0 and ground.pace.size > 0:
        seconds = -(-seconds * ground.pace[leaves_s // 3600 % 24] // 100)
    return later_s if leaves_s + seconds <= begins_s else 0


@array_kernel
def try_way(ground: Ground, work: Work, order: Ints, new: int, way: Ints, best: Ints) -> None:
    """Walk one way and keep it in `best` (rank, gap, after, later, return) where it is the nearest."""
    go(ground, work, order, new, way)
    rank = rank_of(work.needs)
    if rank < best[0] or (rank == best[0] and work.state[_NOW] < best[4]):
        best[0] = rank
        best[1:4] = way
        best[4] = work.state[_NOW]


@array_kernel
def new_work(calls: int) -> Work:
    return Work(
        np.zeros(8, np.int64), np.zeros(11, np.int64), np.zeros(calls + 4, np.int64), np.zeros(1, np.int64)
    )


@array_kernel
def hopeless(ground: Ground, work: Work, order: Ints, new: int) -> bool:
    """Whether the order breaks a limit even if no break is taken and no span counts."""
    go(ground, work, order, new, np.array((-1, 0, 0)))
    work.needs[_NEED_BREAK] = work.needs[_NEED_SPAN] = 0
    return rank_of(work.needs) > 0


@array_kernel
def least_s(ground: Ground, origin: int, to: int) -> int:
    """A drive in the best hour; 0 where no road leads, so that a bound stays one."""
    seconds = np.int64(max(0, ground.seconds[origin, to]))
    if seconds > 0 and ground.pace.size > 0:
        seconds = -(-seconds * ground.pace.min() // 100)
    return int(seconds)


@array_kernel
def most_s(ground: Ground, origin: int, to: int) -> int:
    """A drive in the worst hour."""
    seconds = np.int64(max(0, ground.seconds[origin, to]))
    if seconds > 0 and ground.pace.size > 0:
        seconds = -(-seconds * ground.pace.max() // 100)
    return int(seconds)

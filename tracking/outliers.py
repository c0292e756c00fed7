"""What is odd about a fix beside its neighbours: a jump, or a receiver that froze. Pure, never stored."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracking.track import Ints, Track, Truths, apart_m, steps_m, steps_s

FLAG_JUMP: Final = 16
"""No van gets there and back in that time."""
FLAG_FROZEN: Final = 32
"""The receiver repeats one place while it tells a speed."""

FASTEST_MPS: Final = 150 / 3.6
"""No van goes faster."""
LEAST_S: Final = 1.0
"""A shorter step, such as between two terminals' fixes, counts as this: what it is long by is noise."""
SLACK_M: Final = 40.0
"""A step longer by this than the fastest van's is impossible; one between the two is doubtful."""
BELIEVED_FIXES: Final = 14.0
"""What an impossible step costs: it is believed where disbelief would cost more fixes than this."""
DOUBTFUL_FIXES: Final = 6.2
"""What a doubtful step costs: more than one fix left out by itself, less than two in a row."""
LEAVING_OUT_FIXES: Final = 5.0
"""What a row of jumps costs besides its fixes: without it, sound fixes left out would buy a jump its time."""
FROZEN_REPEATS: Final = 4
"""So often is the place repeated at least, and for as long as the next two say."""
FROZEN_S: Final = 10.0
FROZEN_TOLD_M: Final = 50.0
"""What the told speeds add up to at least."""
FROZEN_TOLD_MPS: Final = 2.0
"""A told speed under this is a standing van's noise."""

CROWD: Final = 8
"""Where more of the twenty steps around are too fast, the receiver is bad or two vans share a terminal: there
nobody can say which fix is a jump, and none is flagged."""

_NEAR_FIXES: Final = 10
_LOOK_BACK: Final = 40


def flags_of(track: Track) -> Ints:
    """Of each fix the flags that it earns beside its neighbours, 0 for a sound one.

    A frozen receiver's repeats are found first, all but the first, which was true once. Of the others the
    largest part is kept that a van can have driven: what is left over are jumps, whether one fix or some in a
    row, at the track's ends and after gaps too.
    """
    flags = np.zeros(len(track), np.int64)
    is_frozen = _frozen(track)
    flags[is_frozen] = FLAG_FROZEN
    moving = np.flatnonzero(~is_frozen)
    flags[moving[_jumps(track.take(moving))]] = FLAG_JUMP
    return flags


def sound(track: Track) -> Track:
    """The track without what is odd."""
    return track.take(flags_of(track) == 0)


def _frozen(track: Track) -> Truths:
    count = len(track)
    is_frozen = np.zeros(count, bool)
    if count <= FROZEN_REPEATS:
        return is_frozen
    told_mps = np.nan_to_num(track.speed_mps)
    tells = told_mps >= FROZEN_TOLD_MPS
    repeats = (np.diff(track.lon) == 0) & (np.diff(track.lat) == 0) & tells[1:] & tells[:-1]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], repeats, [False]]).astype(np.int8)))
    firsts, lasts = edges[::2], edges[1::2]
    told_m = np.concatenate([[0.0], np.cumsum(told_mps[:-1] * steps_s(track))])
    is_long = (
        (lasts - firsts >= FROZEN_REPEATS)
        & (track.t_ms[lasts] - track.t_ms[firsts] >= FROZEN_S * 1000)
        & (told_m[lasts] - told_m[firsts] >= FROZEN_TOLD_M)
    )
    for first, last in zip(firsts[is_long].tolist(), lasts[is_long].tolist(), strict=True):
        is_frozen[first + 1 : last + 1] = True
    return is_frozen


def _jumps(track: Track) -> Ints:
    """The places in the track of fixes to which no van gets.

    The track is cut where a step is too fast and beside it, and near there after every silence, as beyond a
    silence far is near. Of the pieces the best chain is kept: a fix is worth one, a step between two kept
    pieces costs nothing, or `DOUBTFUL_FIXES`, or `BELIEVED_FIXES`, and one over pieces left out
    `LEAVING_OUT_FIXES` more.
    """
    starts = _pieces(track)
    if len(starts) == 1:
        return np.zeros(0, np.int64)
    lasts = np.append(starts[1:], len(track)) - 1
    kept = _best_chain(track, starts, lasts)
    is_jump = np.ones(len(track), bool)
    for piece in kept:
        is_jump[starts[piece] : lasts[piece] + 1] = False
    return np.flatnonzero(is_jump)


def _pieces(track: Track) -> Ints:
    """Where pieces begin, the first at 0."""
    seconds = steps_s(track)
    is_too_fast = steps_m(track) > FASTEST_MPS * np.maximum(LEAST_S, seconds)
    too_fast = np.flatnonzero(is_too_fast & (_around(is_too_fast, _NEAR_FIXES) <= CROWD))
    if not len(too_fast):
        return np.zeros(1, np.int64)
    is_cut = np.zeros(len(seconds), bool)
    is_cut[too_fast] = True
    is_silence = seconds > 1.5 * float(np.median(seconds))
    cuts = (_around(is_cut, _NEAR_FIXES) > 0) & is_silence | (_around(is_cut, 1) > 0)
    return np.concatenate([[0], np.flatnonzero(cuts) + 1])


def _around(is_one: Truths, reach: int) -> Ints:
    """How many are within reach of each."""
    count = len(is_one)
    sums = np.concatenate([[0], np.cumsum(is_one)])
    places = np.arange(count)
    many: Ints = sums[np.minimum(count, places + reach + 1)] - sums[np.maximum(0, places - reach)]
    return many


def _best_chain(track: Track, starts: Ints, lasts: Ints) -> list[int]:
    """The pieces that a van drove, in order."""
    count = len(starts)
    worth = np.zeros(count)
    came_from = np.full(count, -1, np.int64)
    for piece in range(count):
        start = starts[piece]
        before = slice(max(0, piece - _LOOK_BACK), piece)
        ends = lasts[before]
        far_m = apart_m(track.lon[ends], track.lat[ends], float(track.lon[start]), float(track.lat[start]))
        over_m = far_m - FASTEST_MPS * np.maximum(LEAST_S, (track.t_ms[start] - track.t_ms[ends]) / 1000)
        gained = worth[before] - np.where(over_m > SLACK_M, BELIEVED_FIXES, DOUBTFUL_FIXES * (over_m > 0))
        gained[:-1] -= LEAVING_OUT_FIXES
        best = len(gained) - 1 - int(np.argmax(gained[::-1])) if piece else 0
        # What lies before a chain's first piece, or behind its last, is left out as well.
        worth[piece] = lasts[piece] - start + 1 - (LEAVING_OUT_FIXES if piece else 0.0)
        if piece and gained[best] + LEAVING_OUT_FIXES > 0:
            worth[piece] += gained[best] + LEAVING_OUT_FIXES
            came_from[piece] = before.start + best
    worth[:-1] -= LEAVING_OUT_FIXES
    chain = [int(np.argmax(worth))]
    while came_from[chain[-1]] >= 0:
        chain.append(int(came_from[chain[-1]]))
    return chain[::-1]

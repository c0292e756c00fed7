"""How fast a van went, seen through a receiver's noise. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from fleet.geo import M_PER_DEG
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track, steps_m, steps_s

WINDOW_S: Final = 10.0
"""Fixes of so long before and behind tell a speed by their middles: over that noise of some metres fades."""

SMOOTHING_S: Final = 5.0
"""A way is measured along the middles of so many seconds' fixes."""


def steps_mps(track: Track) -> Floats:
    """Speed from each fix to the next, by great circle: n - 1 values, noise and all."""
    return steps_m(track) / steps_s(track)


def net_mps(track: Track, *, window_s: float = WINDOW_S, gap_s: float = LONGEST_GAP_S) -> Floats:
    """Speed at each fix, by the way from the middle of those before it to the middle of those behind.

    Taken are the fixes less than `window_s` off, or the nearest where there is none, on this side of every
    silence longer than `gap_s`; a side that has none is the fix itself. On a bend the value is too low, never
    too high. 0 where a fix stands alone.
    """
    count = len(track)
    if not count:
        return np.zeros(0)
    starts, ends = _between_gaps(track, gap_s)
    places, window_ms = np.arange(count), round(window_s * 1000)
    first = np.searchsorted(track.t_ms, track.t_ms - window_ms)
    until = np.searchsorted(track.t_ms, track.t_ms + window_ms, side="right")
    first = np.maximum(np.minimum(first, places - 1), starts)
    until = np.minimum(np.maximum(until, places + 2), ends)
    x, y = plane(track)
    seconds = (track.t_ms - track.t_ms[0]) / 1000
    # A side without a fix is the fix itself.
    before = first, np.maximum(places, first + 1)
    after = np.minimum(places + 1, until - 1), until
    went_x, went_y, took_s = (_middle(each, *after) - _middle(each, *before) for each in (x, y, seconds))
    mps: Floats = np.hypot(went_x, went_y) / np.where(took_s > 0, took_s, 1.0)
    return mps


def driven_mps(track: Track, *, window_s: float = WINDOW_S) -> Floats:
    """The speed that each fix tells, else the one that its neighbours tell."""
    return np.where(np.isnan(track.speed_mps), net_mps(track, window_s=window_s), track.speed_mps)


def gone_m(track: Track, *, window_s: float = SMOOTHING_S) -> Floats:
    """How far the van had gone at each fix since the first, in metres; over silences by the straight line.

    Each fix is put into the middle of those around it first, half the window to either side: at a fix a
    second a receiver's noise is as long a way as the drive. Standing it adds up all the same: leave that out.
    """
    if not len(track):
        return np.zeros(0)
    half_ms = round(window_s * 500)
    first = np.searchsorted(track.t_ms, track.t_ms - half_ms)
    until = np.searchsorted(track.t_ms, track.t_ms + half_ms, side="right")
    # As many fixes on either side, so that the track's ends stay where they are.
    places = np.arange(len(track))
    many = np.minimum(places - first, until - 1 - places)
    x, y = (_middle(each, places - many, places + many + 1) for each in plane(track))
    return np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])


def plane(track: Track) -> tuple[Floats, Floats]:
    """Metres east and north of the track's middle, on a plane: good to 1 % within a hundred kilometres."""
    if not len(track):
        return np.zeros(0), np.zeros(0)
    lon, lat = float(np.median(track.lon)), float(np.median(track.lat))
    scale = M_PER_DEG * np.cos(np.radians(lat))
    return (track.lon - lon) * scale, (track.lat - lat) * M_PER_DEG


def _between_gaps(track: Track, gap_s: float) -> tuple[Ints, Ints]:
    """For each fix the first of its unbroken row, and the place behind the last."""
    is_first = np.concatenate([[True], np.diff(track.t_ms) > gap_s * 1000])
    rows = np.cumsum(is_first) - 1
    starts = np.flatnonzero(is_first)
    return starts[rows], np.append(starts[1:], len(track))[rows]


def _middle(values: Floats, first: Ints, until: Ints) -> Floats:
    """Means of the values from `first` up to `until`."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Floats = (sums[until] - sums[first]) / (until - first)
    return means

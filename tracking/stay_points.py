"""Stay points by the textbook's definition, to compare with others: `stays` finds doors. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracking.stays import Stay
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track, Truths, apart_m

_FIRST_LOOK: Final = 64
_TRIES: Final = 512
"""So many fixes ahead are compared for all at once; what is left is looked at one by one."""


def find_stay_points(
    track: Track, *, radius_m: float, min_dwell_s: float, gap_s: float = LONGEST_GAP_S
) -> tuple[Stay, ...]:
    """Find rows of fixes that lie within a radius of their first, for a time.

    From a fix on, the row ends before the first fix that is farther off than the radius, or behind a silence.
    Long enough, it is a stay, and the search goes on behind it; else from the next fix.

    Parameters
    ----------
    track : n >= 0
    radius_m : metres, > 0; how far a stay's fixes may lie from its first
    min_dwell_s : the shortest stay that counts, seconds, >= 0
    gap_s : a silence longer than this ends a stay

    Returns
    -------
    Disjoint stays in time order, each at the mean of its fixes; empty when n < 2.

    Raises
    ------
    ValueError : radius_m <= 0 or min_dwell_s < 0.

    Source: stay points, Li et al. 2008.
    """
    if radius_m <= 0 or min_dwell_s < 0:
        raise ValueError(f"radius {radius_m} m and dwell {min_dwell_s} s must be above zero")
    rows = np.concatenate([[0], np.cumsum(np.diff(track.t_ms) > gap_s * 1000)]) if len(track) else track.t_ms
    untils = np.searchsorted(rows, rows, side="right")
    begins = np.flatnonzero(_may_begin(track, untils, radius_m, min_dwell_s))
    found: list[Stay] = []
    free = 0
    while (at := int(np.searchsorted(begins, free))) < len(begins):
        first = int(begins[at])
        last = _last_within(track, first, int(untils[first]), radius_m)
        free = first + 1
        if last > first and track.t_ms[last] - track.t_ms[first] >= min_dwell_s * 1000:
            which = slice(first, last + 1)
            lon, lat = float(np.mean(track.lon[which])), float(np.mean(track.lat[which]))
            found.append(Stay(int(track.t_ms[first]), int(track.t_ms[last]), lon, lat, first, last))
            free = last + 1
    return tuple(found)


def _may_begin(track: Track, untils: Ints, radius_m: float, min_dwell_s: float) -> Truths:
    """Fixes of which nothing says yet that a stay cannot begin there: all at once, a look ahead at a time.

    In a row of fixes one lies outside the radius before the dwell is over: then it is no beginning. Most of a
    drive falls out within some looks.
    """
    count = len(track)
    may = np.ones(count, bool)
    enough = np.searchsorted(track.t_ms, track.t_ms + round(min_dwell_s * 1000))
    may &= enough < untils
    places = np.flatnonzero(may)
    for ahead in range(1, _TRIES):
        places = places[enough[places] >= places + ahead]
        if not len(places):
            break
        other = places + ahead
        is_far = _apart(track, places, other) > radius_m
        may[places[is_far]] = False
        places = places[~is_far]
    return may


def _apart(track: Track, places: Ints, others: Ints) -> Floats:
    return apart_m(track.lon[places], track.lat[places], track.lon[others], track.lat[others])


def _last_within(track: Track, first: int, until: int, radius_m: float) -> int:
    """The last of the row, in looks of growing length: no fix is looked at much more often than once."""
    lon, lat, look, at = float(track.lon[first]), float(track.lat[first]), _FIRST_LOOK, first + 1
    while at < until:
        which = slice(at, min(until, at + look))
        is_far = apart_m(track.lon[which], track.lat[which], lon, lat) > radius_m
        if is_far.any():
            return at + int(np.argmax(is_far)) - 1
        at, look = which.stop, look * 2
    return until - 1

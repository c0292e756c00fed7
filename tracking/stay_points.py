"""Stay points by the textbook's rule, to compare with others: `stays` finds doors. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fleet.geo import M_PER_DEG
from tracking.stays import Stay
from tracking.track import LONGEST_GAP_S, Track


def find_stay_points(
    track: Track, *, radius_m: float, min_dwell_s: float, gap_s: float = LONGEST_GAP_S
) -> tuple[Stay, ...]:
    """Find rows of fixes that lie within a radius of their first, for a time.

    A row ends before the first fix that is farther off than the radius, or behind a silence, and there the
    next begins; a row that is long enough is a stay.

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

    Source: stay points, Li et al. 2008, as trackintel's sliding window reads them.
    """
    if radius_m <= 0 or min_dwell_s < 0:
        raise ValueError(f"radius {radius_m} m and dwell {min_dwell_s} s must be above zero")
    found = []
    for first, until in _rows(track, radius_m, gap_s):
        last = until - 1
        if last > first and track.t_ms[last] - track.t_ms[first] >= min_dwell_s * 1000:
            which = slice(first, until)
            lon, lat = float(np.mean(track.lon[which])), float(np.mean(track.lat[which]))
            found.append(Stay(int(track.t_ms[first]), int(track.t_ms[last]), lon, lat, first, last))
    return tuple(found)


def _rows(track: Track, radius_m: float, gap_s: float) -> Iterator[tuple[int, int]]:
    """First places of rows, and the places behind their last.

    Each fix is looked at once, on a plane laid at its row's first: within a radius as flat as it gets.
    Plain numbers are quicker here than columns, as rows on the road have two or three fixes.
    """
    lat = (track.lat * M_PER_DEG).tolist()
    lon = (track.lon * M_PER_DEG).tolist()
    narrows = np.cos(np.radians(track.lat)).tolist()
    silences = (np.flatnonzero(np.diff(track.t_ms) > gap_s * 1000) + 1).tolist()
    reach = radius_m * radius_m
    first = 0
    for end in [*silences, len(track)]:
        if first >= end:
            continue
        lon0, lat0, narrow = lon[first], lat[first], narrows[first]
        for at, its_lon, its_lat in zip(range(first, end), lon[first:end], lat[first:end], strict=True):
            east, north = (its_lon - lon0) * narrow, its_lat - lat0
            if east * east + north * north > reach:
                yield first, at
                first, lon0, lat0, narrow = at, its_lon, its_lat, narrows[at]
        yield first, end
        first = end

"""A track for drawing: fewer fixes, off by no more than is said. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from tracking.speeds import plane
from tracking.track import LONGEST_GAP_S, Ints, Track

DRAWN_ERROR_M: Final = 5.0


def simplify(
    track: Track, *, error_m: float = DRAWN_ERROR_M, gap_s: float = LONGEST_GAP_S
) -> tuple[Ints, ...]:
    """The fixes to draw, a line for each unbroken row of fixes.

    Parameters
    ----------
    track : n >= 0
    error_m : metres, > 0; how far any fix that is left out may lie from the line drawn past it
    gap_s : over a silence longer than this no line is drawn

    Returns
    -------
    For each line the places in the track of its fixes, rising, with the row's first and last; one place for a
    fix alone.

    Raises
    ------
    ValueError : error_m <= 0.

    Source: Douglas and Peucker 1973, on the plane of `speeds.plane`.
    """
    if error_m <= 0:
        raise ValueError(f"an error of {error_m} m is not above zero")
    breaks = np.flatnonzero(np.diff(track.t_ms) > gap_s * 1000) + 1
    lines = []
    for places in np.split(np.arange(len(track)), breaks):
        if len(places) > 2:
            x, y = plane(track.take(places))
            # The third coordinate, each fix's place, is carried along and counts for no distance.
            row = shapely.LineString(np.column_stack([x, y, places]))
            kept = shapely.get_coordinates(row.simplify(error_m, preserve_topology=False), include_z=True)
            lines.append(kept[:, 2].astype(np.int64))
        elif len(places):
            lines.append(places)
    return tuple(lines)

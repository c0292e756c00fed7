"""Which sites lie in a van's beats, and how much of each leg is driven inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from fleet.geo import LonLat
from fleet.registry import Beat
from routing.problem import frozen_matrix

Seconds: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Patrol:
    """For each site whether it is inside; for each leg the seconds driven inside."""

    inside: npt.NDArray[np.bool_]
    in_beat_s: Seconds


def patrol(own: Sequence[Beat], points: Sequence[LonLat], seconds: Seconds) -> Patrol:
    """Measure a van's beats against a road table.

    The share of a leg inside is looked at in its two ends and its straight middle, weighed 1, 2, 1: the true
    lines of all legs would be some hundred thousand routes. What was patrolled is measured on the track.
    """
    area = shapely.union_all([_shape(beat) for beat in own])
    shapely.prepare(area)
    lonlat = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    inside = np.asarray(shapely.contains_xy(area, lonlat[:, 0], lonlat[:, 1]), dtype=np.bool_)
    middle = (lonlat[:, np.newaxis, :] + lonlat[np.newaxis, :, :]) / 2
    between = np.asarray(shapely.contains_xy(area, middle[..., 0], middle[..., 1]), dtype=np.bool_)
    quarters = 2 * between.astype(np.int32) + inside[:, np.newaxis] + inside[np.newaxis, :]
    inside.flags.writeable = False
    return Patrol(inside, frozen_matrix(np.maximum(seconds, 0) * quarters // 4))


def _shape(beat: Beat) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(rings[0], list(rings[1:])) for rings in beat.polygons])

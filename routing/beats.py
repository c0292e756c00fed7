"""Which sites lie in a van's beats, and how much of each leg is driven inside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from fleet.geo import LonLat
from fleet.registry import Beat
from routing.problem import IntMatrix, frozen_matrix

_Bools: TypeAlias = npt.NDArray[np.bool_]


def inside(own: Sequence[Beat], points: Sequence[LonLat]) -> _Bools:
    """For each point whether it lies in one of the beats."""
    found = _contains(_area(own), _array(points))
    found.flags.writeable = False
    return found


def in_beat_s(own: Sequence[Beat], points: Sequence[LonLat], seconds: npt.NDArray[np.int32]) -> IntMatrix:
    """Of each leg of a road table the seconds driven inside the beats.

    The share of a leg inside is looked at in its two ends and its straight middle, weighed 1, 2, 1: the true
    lines of all legs would be some hundred thousand routes. What was patrolled is measured on the track.
    """
    area, lonlat = _area(own), _array(points)
    ends = _contains(area, lonlat)
    between = _contains(area, (lonlat[:, np.newaxis, :] + lonlat[np.newaxis, :, :]) / 2)
    quarters = 2 * between.astype(np.int32) + ends[:, np.newaxis] + ends[np.newaxis, :]
    return frozen_matrix(np.maximum(seconds, 0) * quarters // 4)


def _area(own: Sequence[Beat]) -> shapely.Geometry:
    area = shapely.union_all([_shape(beat) for beat in own])
    shapely.prepare(area)
    return area


def _array(points: Sequence[LonLat]) -> npt.NDArray[np.float64]:
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def _contains(area: shapely.Geometry, lonlat: npt.NDArray[np.float64]) -> _Bools:
    return np.asarray(shapely.contains_xy(area, lonlat[..., 0], lonlat[..., 1]), dtype=np.bool_)


def _shape(beat: Beat) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(rings[0], list(rings[1:])) for rings in beat.polygons])

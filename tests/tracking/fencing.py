"""Tracks and fences for tests, in metres about a middle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from tracking.fence import Fence, Kind, Outline
from tracking.plane import Plane
from tracking.track import Floats, Track

MIDDLE: Final = Plane(116.0, 36.45)
T0_MS: Final = 1_784_692_800_000  # 2026-07-22 12:00 in Shanghai


def track_of(rows: Sequence[tuple[float, float, float]]) -> Track:
    """Fixes as seconds since noon and metres east and north of the middle."""
    table = np.array(rows, np.float64).reshape(-1, 3)
    lonlat = table[:, 1:] / (MIDDLE.east_m, MIDDLE.metres(np.zeros(1), np.array([MIDDLE.lat + 1]))[1][0])
    unknown = np.full(len(table), np.nan)
    t_ms = T0_MS + np.round(table[:, 0] * 1000).astype(np.int64)
    return Track(t_ms, MIDDLE.lon + lonlat[:, 0], MIDDLE.lat + lonlat[:, 1], unknown, unknown, unknown)


def fence_of(shape: BaseGeometry, radius_m: float = 0.0) -> Fence:
    """A fence of a shape in metres about the middle, which tells all, a dwell after two minutes."""
    kind: Kind = "area"
    if radius_m:
        kind = "circle" if shape.geom_type == "Point" else "corridor"
    return Fence(1, kind, MIDDLE.round(shape), radius_m, dwell_s=120)


def outside_m(outline: Outline, lon: Floats, lat: Floats) -> Floats:
    """How far outside a fence's border places lie, degrees; 0 inside."""
    places = shapely.points(*outline.plane.metres(lon, lat))
    outside: Floats = np.maximum(0.0, shapely.distance(outline.core, places) - outline.reach_m)
    return outside


def square(half_m: float, east_m: float = 0.0, north_m: float = 0.0) -> shapely.Polygon:
    """A square about a place, metres."""
    return shapely.box(east_m - half_m, north_m - half_m, east_m + half_m, north_m + half_m)


def _holed(half_m: int, east_m: int, north_m: int) -> BaseGeometry:
    ring = square(half_m, east_m, north_m) - square(half_m * 0.6, east_m, north_m)
    return shapely.union_all([ring, square(half_m * 0.3, east_m, north_m)])


_spot = st.integers(-400, 400)
_areas = st.builds(_holed, st.integers(40, 300), _spot, _spot)
_spots = st.tuples(_spot, _spot)
_lines = st.lists(_spots, min_size=2, max_size=5, unique=True).map(shapely.LineString)
fences = st.one_of(
    st.lists(_areas, min_size=1, max_size=2).map(lambda parts: fence_of(shapely.union_all(parts))),
    st.builds(lambda spot, radius: fence_of(shapely.Point(spot), radius), _spots, st.integers(20, 200)),
    st.builds(fence_of, _lines, st.integers(15, 80)),
)
"""Areas with holes, islands in them and several parts, circles, corridors."""


def _rows(steps: list[tuple[int, int, int]]) -> list[tuple[float, float, float]]:
    rows, t, east, north = [], 0.0, 0.0, 0.0
    for seconds, d_east, d_north in steps:
        t, east, north = t + seconds, east + d_east, north + d_north
        rows.append((t, east, north))
    return rows


_seconds = st.one_of(st.integers(1, 60), st.sampled_from((299, 300, 301, 900)))
_move = st.one_of(st.integers(-8, 8), st.integers(-300, 300))
rows = st.lists(st.tuples(_seconds, _move, _move), min_size=0, max_size=30).map(_rows)
"""Drives about the middle with jitter, leaps over fences and gaps."""

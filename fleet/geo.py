"""Distances, directions, rings, grid cells and datum shifts. Pure; every point is (lon, lat) in degrees.

The earth is a sphere of mean radius here: over a district the error stays under 0.3 %, less than any fix has.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

LonLat: TypeAlias = tuple[float, float]
Ring: TypeAlias = Sequence[LonLat]
Datum: TypeAlias = Literal["wgs84", "gcj02", "bd09"]

EARTH_RADIUS_M = 6_371_008.8
M_PER_DEG = math.pi * EARTH_RADIUS_M / 180


def haversine_m(a: LonLat, b: LonLat) -> float:
    """Great-circle distance between two points, in metres."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b[0] - a[0]) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def bearing_deg(a: LonLat, b: LonLat) -> float:
    """Initial direction from `a` to `b`: degrees clockwise from north, 0 <= x < 360; 0 when they coincide."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    d_lon = math.radians(b[0] - a[0])
    y = math.sin(d_lon) * math.cos(lat_b)
    x = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(d_lon)
    return _turn_deg(math.degrees(math.atan2(y, x)))


def destination(start: LonLat, heading_deg: float, distance_m: float) -> LonLat:
    """The point `distance_m` metres from `start` along the great circle that leaves at `heading_deg`."""
    lat, heading, reach = math.radians(start[1]), math.radians(heading_deg), distance_m / EARTH_RADIUS_M
    sin_lat = math.sin(lat) * math.cos(reach) + math.cos(lat) * math.sin(reach) * math.cos(heading)
    to_lat = math.asin(max(-1.0, min(1.0, sin_lat)))
    d_lon = math.atan2(
        math.sin(heading) * math.sin(reach) * math.cos(lat), math.cos(reach) - math.sin(lat) * sin_lat
    )
    lon = (start[0] + math.degrees(d_lon) + 540) % 360 - 180
    return lon, math.degrees(to_lat)


def path_length_m(path: Sequence[LonLat]) -> float:
    """Length of a polyline in metres; 0 for fewer than two points."""
    return math.fsum(haversine_m(a, b) for a, b in itertools.pairwise(path))


def point_along(path: Sequence[LonLat], distance_m: float) -> LonLat:
    """The point `distance_m` metres along a polyline, held to its ends.

    Raises
    ------
    ValueError : the path is empty.
    """
    if not path:
        raise ValueError("a path needs at least one point")
    left = distance_m
    for a, b in itertools.pairwise(path):
        length = haversine_m(a, b)
        if left < length:
            share = max(0.0, left) / length
            return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
        left -= length
    return path[-1]


def point_in_ring(point: LonLat, ring: Ring) -> bool:
    """Whether the point lies inside a simple ring (closed or not); on the edge either answer may come.

    Source: even-odd rule, the crossings of a ray to the east.
    """
    x, y = point
    inside = False
    x0, y0 = ring[-1] if ring else (0.0, 0.0)
    for x1, y1 in ring:
        if (y1 > y) != (y0 > y) and x < x1 + (x0 - x1) * (y - y1) / (y0 - y1):
            inside = not inside
        x0, y0 = x1, y1
    return inside


def in_any_ring(point: LonLat, rings: Sequence[Ring]) -> bool:
    """Whether the point lies inside at least one of the rings."""
    return any(point_in_ring(point, ring) for ring in rings)


def snap_to_cell(point: LonLat, cell_m: float) -> LonLat:
    """Centre of the fixed grid cell, about `cell_m` metres on a side, that holds the point.

    The grid depends on nothing but `cell_m`, so that equal places always give equal cells. Snapping a cell's
    centre gives the same centre.
    """
    lat_step = cell_m / M_PER_DEG
    row = math.floor(point[1] / lat_step)
    lat = (row + 0.5) * lat_step
    lon_step = lat_step / max(1e-6, math.cos(math.radians(lat)))
    lon = (math.floor(point[0] / lon_step) + 0.5) * lon_step
    return lon, lat


def cells_within(ring: Ring, spacing_m: float) -> list[LonLat]:
    """Centres of a square grid inside a ring, `spacing_m` metres apart, from the south-west, row by row.

    A ring too small to hold a centre still gives one cell: the mean of its corners.
    """
    west, south, east, north = bounds(ring)
    lat_step = spacing_m / M_PER_DEG
    lon_step = lat_step / math.cos(math.radians((south + north) / 2))
    cells = [
        (west + (i + 0.5) * lon_step, south + (j + 0.5) * lat_step)
        for j in range(math.ceil((north - south) / lat_step))
        for i in range(math.ceil((east - west) / lon_step))
    ]
    inside = [cell for cell in cells if point_in_ring(cell, ring)]
    return inside or [(sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring))]


def bounds(points: Sequence[LonLat]) -> tuple[float, float, float, float]:
    """West, south, east and north of some points, in degrees.

    Raises
    ------
    ValueError : no points.
    """
    if not points:
        raise ValueError("no points have no bounds")
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lons), min(lats), max(lons), max(lats)


# ---------------------------------------------------------------- datum shifts

# Krasovsky 1940, as used by the GCJ-02 shift.
_AXIS_M = 6_378_245.0
_ECC2 = 0.00669342162296594323
_BD_PI = math.pi * 3000 / 180


def shifted_by_law(point: LonLat) -> bool:
    """Whether GCJ-02 differs from WGS-84 here: inside the rectangle that the shift is defined on."""
    return 72.004 <= point[0] <= 137.8347 and 0.8293 <= point[1] <= 55.8271


def wgs84_to_gcj02(point: LonLat) -> LonLat:
    """The point as Chinese maps draw it; unchanged outside the shift's rectangle.

    Source: eviltransform and gcoord, whose vectors it reproduces to 1e-9 degrees.
    """
    if not shifted_by_law(point):
        return point
    lon, lat = point
    d_lon_m, d_lat_m = _law_shift_m(lon - 105, lat - 35)
    m = 1 - _ECC2 * math.sin(math.radians(lat)) ** 2
    lat_radius_m = _AXIS_M * (1 - _ECC2) / (m * math.sqrt(m))
    lon_radius_m = _AXIS_M / math.sqrt(m) * math.cos(math.radians(lat))
    return lon + math.degrees(d_lon_m / lon_radius_m), lat + math.degrees(d_lat_m / lat_radius_m)


def gcj02_to_wgs84(point: LonLat) -> LonLat:
    """The inverse of `wgs84_to_gcj02`, exact to 1e-9 degrees; unchanged outside the shift's rectangle."""
    if not shifted_by_law(point):
        return point
    return _invert(wgs84_to_gcj02, point, point)


def gcj02_to_bd09(point: LonLat) -> LonLat:
    """The point as Baidu's maps draw it. Source: gcoord."""
    x, y = point
    z = math.hypot(x, y) + 0.00002 * math.sin(y * _BD_PI)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * _BD_PI)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def bd09_to_gcj02(point: LonLat) -> LonLat:
    """The inverse of `gcj02_to_bd09`, exact to 1e-9 degrees."""
    return _invert(gcj02_to_bd09, point, (point[0] - 0.0065, point[1] - 0.006))


def to_wgs84(point: LonLat, datum: Datum) -> LonLat:
    """A point given in `datum` as WGS-84, the only datum stored."""
    return _TO_WGS84[datum](point)


def _law_shift_m(x: float, y: float) -> tuple[float, float]:
    """The shift east and north in metres, `x`, `y` degrees from 105 E 35 N."""
    root, pi = math.sqrt(abs(x)), math.pi
    ripple = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    return east, north


def _invert(shift: Callable[[LonLat], LonLat], target: LonLat, guess: LonLat) -> LonLat:
    """Fixed-point iteration; the shifts bend so little that each step gains two digits or more."""
    lon, lat = guess
    for _ in range(12):
        got_lon, got_lat = shift((lon, lat))
        d_lon, d_lat = got_lon - target[0], got_lat - target[1]
        lon, lat = lon - d_lon, lat - d_lat
        if abs(d_lon) < 1e-12 and abs(d_lat) < 1e-12:
            break
    return lon, lat


def _bd09_to_wgs84(point: LonLat) -> LonLat:
    return gcj02_to_wgs84(bd09_to_gcj02(point))


def _as_is(point: LonLat) -> LonLat:
    return point


def _turn_deg(angle_deg: float) -> float:
    """An angle as 0 <= x < 360; a tiny negative one must not round up to 360."""
    turned = angle_deg % 360
    return 0.0 if turned >= 360 else turned


_TO_WGS84: Mapping[Datum, Callable[[LonLat], LonLat]] = {
    "wgs84": _as_is,
    "gcj02": gcj02_to_wgs84,
    "bd09": _bd09_to_wgs84,
}

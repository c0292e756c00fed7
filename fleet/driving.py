"""What driving takes: matrices, lines and their legs, by road or by estimate. Pure; `roads` does the asking.

The estimate is a great circle x 1.35 at 25 km/h, and says so in its `basis`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from fleet import geo
from fleet.geo import LonLat
from fleet.units import mps_of_kmh

Basis: TypeAlias = Literal["road", "great-circle"]

DETOUR = 1.35
GUESSED_MPS = mps_of_kmh(25)
UNREACHABLE = -1


@dataclass(frozen=True, slots=True)
class Matrix:
    """Times and distances from each point (row) to each point (column); -1 where no road leads.

    seconds, metres : int32, n x n, zero diagonal, not symmetric
    basis : what they rest on
    """

    seconds: NDArray[np.int32]
    metres: NDArray[np.int32]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of a line, between two of the points asked for.

    first, last : its ends in the line's `points`
    seconds, metres : -1 when no road leads
    """

    first: int
    last: int
    seconds: int
    metres: int


@dataclass(frozen=True, slots=True)
class Line:
    """A driven line.

    points : its shape
    offsets_s : driven seconds since the start, one a point, never falling
    legs : one between each two points asked for
    seconds, metres : of the whole; -1 when some leg cannot be driven
    """

    points: tuple[LonLat, ...]
    offsets_s: tuple[float, ...]
    legs: tuple[Leg, ...]
    seconds: int
    metres: int
    basis: Basis

    def part(self, leg: Leg) -> tuple[LonLat, ...]:
        """The shape of one leg."""
        return self.points[leg.first : leg.last + 1]


@dataclass(frozen=True, slots=True)
class MatchedLeg:
    """The way by road between two fixes that fit it; those between them, if any, fit no road.

    first, last : the two, by their places in the track
    points : its shape, with both ends
    metres : its length by road
    """

    first: int
    last: int
    points: tuple[LonLat, ...]
    metres: float


@dataclass(frozen=True, slots=True)
class Matched:
    """A track laid onto the roads: one place a fix, None where a fix fits no road.

    legs : in the track's order; none where the track was taken up anew, and none without roads
    """

    points: tuple[LonLat | None, ...]
    basis: Basis
    legs: tuple[MatchedLeg, ...] = ()


def estimate_table(points: Sequence[LonLat]) -> Matrix:
    """The matrix without roads."""
    lon, lat = np.radians(np.asarray(points, np.float64).reshape(-1, 2)).T
    half_lat, half_lon = (lat[:, None] - lat) / 2, (lon[:, None] - lon) / 2
    h = np.sin(half_lat) ** 2 + np.cos(lat[:, None]) * np.cos(lat) * np.sin(half_lon) ** 2
    metres = 2 * geo.EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1.0))) * DETOUR
    return Matrix(
        np.rint(metres / GUESSED_MPS).astype(np.int32), np.rint(metres).astype(np.int32), "great-circle"
    )


def estimate_line(points: Sequence[LonLat]) -> Line:
    """The straight line through the points, with the estimate's times."""
    legs: list[Leg] = []
    offsets_s = [0.0]
    for n, (a, b) in enumerate(itertools.pairwise(points)):
        metres = geo.haversine_m(a, b) * DETOUR
        legs.append(Leg(n, n + 1, round(metres / GUESSED_MPS), round(metres)))
        offsets_s.append(offsets_s[-1] + metres / GUESSED_MPS)
    return _whole(tuple(points), offsets_s, legs, "great-circle")


def no_way(a: LonLat, b: LonLat) -> Line:
    """The straight line between two places that no road joins."""
    leg = Leg(0, 1, UNREACHABLE, UNREACHABLE)
    return Line((a, b), (0.0, 0.0), (leg,), UNREACHABLE, UNREACHABLE, "road")


def joined(lines: Sequence[Line]) -> Line:
    """Lines driven one after the other, as one.

    Raises
    ------
    ValueError : no lines.
    """
    if not lines:
        raise ValueError("no lines make no line")
    points: list[LonLat] = []
    offsets_s: list[float] = []
    legs: list[Leg] = []
    for line in lines:
        at, since = len(points), offsets_s[-1] if offsets_s else 0.0
        points += line.points
        offsets_s += [since + offset for offset in line.offsets_s]
        legs += [Leg(leg.first + at, leg.last + at, leg.seconds, leg.metres) for leg in line.legs]
    return _whole(tuple(points), offsets_s, legs, lines[0].basis)


def road_line(points: Sequence[LonLat], legs: Sequence[tuple[float, float, Sequence[float]]]) -> Line:
    """A line from a router's answer.

    Parameters
    ----------
    points : the whole shape; a leg begins at the point where the one before ends
    legs : seconds, metres, and the seconds of each step between neighbouring points

    Raises
    ------
    ValueError : the steps do not fit the shape.
    """
    if len(points) != 1 + sum(len(steps) for _, _, steps in legs):
        raise ValueError("the line's shape and its times do not fit each other")
    offsets_s = [0.0]
    made: list[Leg] = []
    for seconds, metres, steps in legs:
        first = len(offsets_s) - 1
        # The steps leave out what turns cost; spread it over the leg.
        scale = seconds / sum(steps) if sum(steps) > 0 else 0.0
        for step in steps:
            offsets_s.append(offsets_s[-1] + step * scale)
        made.append(Leg(first, len(offsets_s) - 1, round(seconds), round(metres)))
    return _whole(tuple(points), offsets_s, made, "road")


def seconds_inside(line: Line, leg: Leg, rings: Sequence[geo.Ring]) -> float:
    """How many of a leg's seconds are driven inside any of the rings, along its shape.

    Each step between two points counts by its middle: steps in a town are shorter than a block.
    """
    inside_s = 0.0
    for n in range(leg.first, leg.last):
        a, b = line.points[n], line.points[n + 1]
        if geo.in_any_ring(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), rings):
            inside_s += line.offsets_s[n + 1] - line.offsets_s[n]
    return inside_s


def shares_inside(
    points: Sequence[LonLat], rings: Sequence[geo.Ring], *, samples: int = 12
) -> NDArray[np.float64]:
    """Share of the way from each point to each point that lies inside any ring, 0 to 1, n x n.

    For a whole matrix the straight line stands for the way: routes of all pairs would take minutes. Multiply
    by the matrix' seconds. The diagonal says whether the point itself lies inside.
    """
    places = np.asarray(points, np.float64).reshape(-1, 2)
    at = (np.arange(samples) + 0.5) / samples
    way = places[:, None, None, :] + (places[None, :, None, :] - places[:, None, None, :]) * at[:, None]
    area = shapely.unary_union([shapely.Polygon(ring) for ring in rings if len(ring) >= 3])
    shapely.prepare(area)
    share: NDArray[np.float64] = shapely.contains_xy(area, way[..., 0], way[..., 1]).mean(axis=2)
    return share


def _whole(points: tuple[LonLat, ...], offsets_s: list[float], legs: list[Leg], basis: Basis) -> Line:
    broken = any(leg.seconds == UNREACHABLE for leg in legs)
    seconds = UNREACHABLE if broken else sum(leg.seconds for leg in legs)
    metres = UNREACHABLE if broken else sum(leg.metres for leg in legs)
    return Line(points, tuple(offsets_s), tuple(legs), seconds, metres, basis)

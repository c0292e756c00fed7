"""A closed place on the roads: which drives pass through it, and the way round by a place beside it. Pure.

Roads cannot be taken out of a running road server, so a table of driving times answers instead: the fastest
way from A to B passes through P where A to P and P to B take no longer than A to B. Such a drive goes by
another place W from then on, where neither A to W nor W to B passes through.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleet import geo
from fleet.driving import UNREACHABLE, Matrix
from fleet.geo import LonLat

_SAME_S = 3
"""Two rounded times may differ so much from one rounded once, and a little more."""
_NEVER_S = 10**8
_ROUND = 8
_BESIDE_M = (150.0, 600.0)
"""How far beyond the circle the places lie that drives may go round by."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A circle that nobody drives through. Who is called on inside it is still reached, up to the barrier."""

    lon: float
    lat: float
    radius_m: float

    def holds(self, point: LonLat) -> bool:
        """Whether a point lies in it."""
        return geo.haversine_m((self.lon, self.lat), point) <= self.radius_m

    def inside(self) -> tuple[LonLat, ...]:
        """Places in it from which its roads are found."""
        rings = (self._ring(self.radius_m / 2), self._ring(self.radius_m * 0.9))
        return ((self.lon, self.lat), *rings[0], *rings[1])

    def beside(self) -> tuple[LonLat, ...]:
        """Places round it, by which drives may go."""
        return tuple(point for far_m in _BESIDE_M for point in self._ring(self.radius_m + far_m))

    def _ring(self, far_m: float) -> tuple[LonLat, ...]:
        north = far_m / 111_195.0
        east = north / max(0.01, math.cos(math.radians(self.lat)))
        turns = (2 * math.pi * n / _ROUND for n in range(_ROUND))
        return tuple((self.lon + east * math.sin(a), self.lat + north * math.cos(a)) for a in turns)


@dataclass(frozen=True, slots=True)
class Ways:
    """What is driven while places are closed.

    Parameters
    ----------
    matrix : times and distances round what is closed; -1 where no way leads round
    points : the places of its rows
    via : for each drive, the row by which it goes round; -1 where it goes as ever
    """

    matrix: Matrix
    points: tuple[LonLat, ...]
    via: NDArray[np.int32]

    def line(self, places: Sequence[LonLat]) -> tuple[LonLat, ...]:
        """The places with those between them by which the drives go round, where the table knows them."""
        row = self._rows()
        found: list[LonLat] = list(places[:1])
        for a, b in itertools.pairwise(places):
            at, to = row.get(_key(a)), row.get(_key(b))
            by = -1 if at is None or to is None else int(self.via[at, to])
            found += [self.points[by], b] if by >= 0 else [b]
        return tuple(found)

    def _rows(self) -> Mapping[tuple[int, int], int]:
        return {_key(point): n for n, point in reversed(list(enumerate(self.points)))}


def _key(point: LonLat) -> tuple[int, int]:
    return round(point[0] * 1e6), round(point[1] * 1e6)


def avoid(matrix: Matrix, points: Sequence[LonLat], closures: Mapping[Closure, Sequence[int]]) -> Ways:
    """The table of driving times with what is closed driven round.

    Parameters
    ----------
    closures : for each, the rows of places on its roads; without roads the straight line counts and none are
        needed
    """
    seconds = matrix.seconds
    barred = np.zeros(seconds.shape, bool)
    within = np.zeros(len(points), bool)
    for closure, rows in closures.items():
        inner = np.array([closure.holds(point) for point in points], bool)
        through = _by_road(seconds, rows) if matrix.basis == "road" else _straight(points, closure)
        # Whoever starts or ends inside drives up to the barrier, and nobody goes round by such a place.
        through[inner, :] = through[:, inner] = False
        barred |= through
        within |= inner
    np.fill_diagonal(barred, val=False)
    return _round(matrix, tuple(points), barred, within)


def _by_road(seconds: NDArray[np.int32], rows: Sequence[int]) -> NDArray[np.bool_]:
    found = np.zeros(seconds.shape, bool)
    for row in rows:
        to, on = seconds[:, row].astype(np.int64), seconds[row, :].astype(np.int64)
        reached = (to >= 0)[:, None] & (on >= 0)[None, :] & (seconds >= 0)
        found |= reached & (to[:, None] + on[None, :] <= seconds + _SAME_S)
    return found


def _straight(points: Sequence[LonLat], closure: Closure) -> NDArray[np.bool_]:
    """Whose straight line crosses the circle, on a flat earth round its middle."""
    east = 111_195.0 * math.cos(math.radians(closure.lat))
    at = (np.asarray(points, np.float64) - (closure.lon, closure.lat)) * (east, 111_195.0)
    way = at[None, :, :] - at[:, None, :]
    length = np.maximum((way**2).sum(axis=2), 1e-9)
    share = np.clip(-(at[:, None, :] * way).sum(axis=2) / length, 0.0, 1.0)
    nearest = at[:, None, :] + share[:, :, None] * way
    crosses: NDArray[np.bool_] = np.hypot(nearest[:, :, 0], nearest[:, :, 1]) <= closure.radius_m
    return crosses


def _round(
    matrix: Matrix, points: tuple[LonLat, ...], barred: NDArray[np.bool_], within: NDArray[np.bool_]
) -> Ways:
    """Each barred drive by the place over which it takes least; -1 where there is none."""
    free = np.where(barred | (matrix.seconds < 0), _NEVER_S, matrix.seconds).astype(np.int64)
    via = np.full(barred.shape, -1, np.int32)
    seconds, metres = matrix.seconds.copy(), matrix.metres.copy()
    for a, b in np.argwhere(barred):
        over = free[a, :] + free[:, b]
        over[within] = _NEVER_S
        over[[a, b]] = _NEVER_S
        by = int(np.argmin(over))
        if over[by] >= _NEVER_S:
            seconds[a, b] = metres[a, b] = UNREACHABLE
        else:
            via[a, b] = by
            # Rounded twice, a way round could seem shorter than the way itself.
            seconds[a, b] = max(int(over[by]), int(matrix.seconds[a, b]))
            metres[a, b] = max(matrix.metres[a, by] + matrix.metres[by, b], matrix.metres[a, b])
    return Ways(Matrix(seconds, metres, matrix.basis), points, via)

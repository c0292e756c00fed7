"""Where a van stood and how it went between: stays and trips, both functions of a track. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from tracking.speeds import WINDOW_S, gone_m, net_mps, plane
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track

DOOR_RADIUS_M: Final = 30.0
DOOR_DWELL_S: Final = 60.0

LAPSE_S: Final = 70.0
"""Multipath is over by then."""
STRAY_M: Final = 100.0
"""So far it may lead off in between."""
END_MS: Final = 30_000
"""So much of a piece has its middle held against its neighbour's; whole numbers are found the quicker."""
SAME_SHARE: Final = 0.6
"""Of the radius: middles closer than this are one place."""
EDGE_SHARE: Final = 0.4
"""Of the radius: a fix this near the middle still belongs to the stay."""
EDGE_FIXES: Final = 60
"""So many are looked at."""
NEAR_SHARE: Final = 0.8
"""Of a stay's fixes so many lie within the radius of its middle; else the van crept."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A dwell seen in a track, at the middle of its fixes.

    Parameters
    ----------
    starts_ms, ends_ms : epoch milliseconds of its first and last fix
    first, last : their places in the track, both included
    """

    starts_ms: int
    ends_ms: int
    lon: float
    lat: float
    first: int
    last: int

    @property
    def dwell_s(self) -> float:
        """How long."""
        return (self.ends_ms - self.starts_ms) / 1000


@dataclass(frozen=True, slots=True)
class Trip:
    """Movement between two stays, or between a stay and the track's end.

    Parameters
    ----------
    starts_ms, ends_ms : epoch milliseconds
    first, last : places in the track, both included
    distance_m : along its fixes, noise smoothed (`speeds.gone_m`)
    """

    starts_ms: int
    ends_ms: int
    first: int
    last: int
    distance_m: float


def find_stays(
    track: Track,
    *,
    radius_m: float = DOOR_RADIUS_M,
    min_dwell_s: float = DOOR_DWELL_S,
    gap_s: float = LONGEST_GAP_S,
) -> tuple[Stay, ...]:
    """Find the doors at which the van stood, through a receiver's drift and multipath.

    A fix stands where the net speed of its surroundings (`speeds.net_mps`) would not carry it half the radius
    in the window. Standing fixes in a row are a piece of a stay. Two pieces less than `LAPSE_S` apart are one
    where the last of the one and the first of the other have their middles closer than `SAME_SHARE` of the
    radius. What lies just before and behind belongs to it as far as it is near its middle.

    Parameters
    ----------
    track : n >= 0, without its jumps (`outliers.sound`)
    radius_m : metres, > 0; doors at least so far from each other are told apart
    min_dwell_s : the shortest stay that counts, seconds, >= 0
    gap_s : a silence longer than this ends a stay

    Returns
    -------
    Disjoint stays in time order; empty when n < 2.

    Raises
    ------
    ValueError : radius_m <= 0 or min_dwell_s < 0.
    """
    if radius_m <= 0 or min_dwell_s < 0:
        raise ValueError(f"radius {radius_m} m and dwell {min_dwell_s} s must be above zero")
    if len(track) < 2:
        return ()
    rows = np.concatenate([[0], np.cumsum(np.diff(track.t_ms) > gap_s * 1000)])
    ground = _Ground(track, *plane(track), rows, radius_m)
    found = []
    for first, last, middle in ground.widened(_merged(ground, _standing(ground, gap_s))):
        dwell_ms = track.t_ms[last] - track.t_ms[first]
        if dwell_ms >= min_dwell_s * 1000 and (stay := ground.stay(first, last, middle)):
            found.append(stay)
    return tuple(found)


_Piece: TypeAlias = tuple[int, int]
"""Places of the first and the last fix."""
_Place: TypeAlias = tuple[float, float]
"""Metres east and north, on the plane."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """The track on a plane, its rows without a long silence numbered, and what is near there."""

    track: Track
    x: Floats
    y: Floats
    rows: Ints
    radius_m: float

    def lapse_s(self, one: _Piece, other: _Piece) -> float:
        """Seconds between two pieces."""
        return float(self.track.t_ms[other[0]] - self.track.t_ms[one[1]]) / 1000

    def is_one(self, one: _Piece, other: _Piece) -> bool:
        """Whether two pieces in a row are one stay, broken by noise."""
        if self.rows[one[1]] != self.rows[other[0]]:
            return False
        t_ms = self.track.t_ms
        ends = int(np.searchsorted(t_ms, t_ms[one[1]] - END_MS)), one[1]
        begins = other[0], int(np.searchsorted(t_ms, t_ms[other[0]] + END_MS, side="right")) - 1
        from_x, from_y = self.middle((max(one[0], ends[0]), one[1]))
        to_x, to_y = self.middle((other[0], min(other[1], begins[1])))
        if math.hypot(to_x - from_x, to_y - from_y) > SAME_SHARE * self.radius_m:
            return False
        between = slice(one[1], other[0] + 1)
        away = np.hypot(self.x[between] - from_x, self.y[between] - from_y)
        return _median(away) <= STRAY_M

    def middle(self, piece: _Piece) -> _Place:
        """The median place."""
        which = slice(piece[0], piece[1] + 1)
        return _median(self.x[which]), _median(self.y[which])

    def widened(self, pieces: list[_Piece]) -> Iterator[tuple[int, int, _Place]]:
        """The pieces with what is near just before and behind, up to each other, and their middles."""
        reached = -1
        for n, (first, last) in enumerate(pieces):
            until = pieces[n + 1][0] if n + 1 < len(pieces) else len(self.track)
            row_first = int(np.searchsorted(self.rows, self.rows[first]))
            row_until = int(np.searchsorted(self.rows, self.rows[last], side="right"))
            before = slice(max(reached + 1, row_first, first - EDGE_FIXES), first)
            behind = slice(last + 1, min(until, row_until, last + 1 + EDGE_FIXES))
            middle = self.middle((first, last))
            first -= self._near_by(before, -1, middle)
            last += self._near_by(behind, 1, middle)
            reached = last
            yield first, last, middle

    def _near_by(self, which: slice, step: int, middle: _Place) -> int:
        """How many of them, in their order or against it, are near before one is not."""
        away = np.hypot(self.x[which] - middle[0], self.y[which] - middle[1])[::step]
        is_far = away > EDGE_SHARE * self.radius_m
        return int(np.argmax(is_far)) if is_far.any() else len(away)

    def stay(self, first: int, last: int, middle: _Place) -> Stay | None:
        """The stay; None where the van crept on, as in a jam."""
        which = slice(first, last + 1)
        near = np.hypot(self.x[which] - middle[0], self.y[which] - middle[1]) <= self.radius_m
        if np.count_nonzero(near) < NEAR_SHARE * len(near):
            return None
        lon, lat = _median(self.track.lon[which]), _median(self.track.lat[which])
        return Stay(int(self.track.t_ms[first]), int(self.track.t_ms[last]), lon, lat, first, last)


def _median(values: Floats) -> float:
    """As numpy's, which takes several times as long for a few values."""
    half = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, half)[half])
    low, high = np.partition(values, (half - 1, half))[half - 1 : half + 1].tolist()
    return float(low + high) / 2


def _merged(ground: _Ground, pieces: list[_Piece]) -> list[_Piece]:
    """Pieces, those of one stay made one; what stood elsewhere meanwhile was noise as well."""
    merged: list[_Piece] = []
    for piece in pieces:
        whole = piece
        for back in range(len(merged) - 1, -1, -1):
            if ground.lapse_s(merged[back], piece) > LAPSE_S:
                break
            if ground.is_one(merged[back], piece):
                whole = merged[back][0], piece[1]
                del merged[back:]
        merged.append(whole)
    return merged


def _standing(ground: _Ground, gap_s: float) -> list[_Piece]:
    """Rows of standing fixes without a long silence."""
    slow_mps = ground.radius_m / 2 / WINDOW_S
    stands = net_mps(ground.track, gap_s=gap_s) <= slow_mps
    joins = stands[1:] & stands[:-1] & (np.diff(ground.rows) == 0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], joins, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def find_trips(track: Track, stays: tuple[Stay, ...]) -> tuple[Trip, ...]:
    """The movement between stays, in time order; the track's ends count as stays of no length."""
    metres = gone_m(track)
    borders = [0, *(border for stay in stays for border in (stay.first, stay.last)), len(track) - 1]
    trips = []
    for first, last in zip(borders[::2], borders[1::2], strict=True):
        if last > first:
            driven_m = float(metres[last] - metres[first])
            trips.append(Trip(int(track.t_ms[first]), int(track.t_ms[last]), first, last, driven_m))
    return tuple(trips)

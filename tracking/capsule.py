"""Places and ways beside pieces of a line, in metres on a plane, columns at a time. Pure.

A circle is a piece of no length, a corridor some pieces in a row: all that lies within the reach of one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tracking.track import Floats, Ints, Truths

_GRAZE_SQ_M = 1e-6
"""By what square a way may miss a circle that it was found to graze."""
_NOWHERE = (math.inf, -math.inf)
Piece: TypeAlias = tuple[float, float, float, float]
"""A straight piece from x, y to x, y, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Straight pieces from (ax, ay) to (bx, by), metres: columns of one length."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats

    def __len__(self) -> int:
        return len(self.ax)

    def take(self, which: Ints | Truths) -> Pieces:
        """Some of them."""
        return Pieces(self.ax[which], self.ay[which], self.bx[which], self.by[which])

    def one_by_one(self) -> list[Piece]:
        """As plain numbers."""
        return list(zip(*(each.tolist() for each in (self.ax, self.ay, self.bx, self.by)), strict=True))

    def apart_sq(self, x: Floats, y: Floats) -> Floats:
        """Squared metres from places."""
        dx, dy = self.bx - self.ax, self.by - self.ay
        squared = dx * dx + dy * dy
        share = ((x - self.ax) * dx + (y - self.ay) * dy) / np.where(squared > 0, squared, 1.0)
        share = np.minimum(1.0, np.maximum(0.0, share))
        off_x, off_y = x - self.ax - share * dx, y - self.ay - share * dy
        apart: Floats = off_x * off_x + off_y * off_y
        return apart

    def ways_apart_sq(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Floats:
        """Squared metres from straight ways."""
        ways = Pieces(x, y, to_x, to_y)
        apart = np.minimum(self.apart_sq(x, y), self.apart_sq(to_x, to_y))
        apart = np.minimum(apart, ways.apart_sq(self.ax, self.ay))
        apart = np.minimum(apart, ways.apart_sq(self.bx, self.by))
        return np.where(self._cut(x, y, to_x, to_y), 0.0, apart)

    def _cut(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Truths:
        """Whether ways and pieces cross, each with its ends on both sides of the other."""
        dx, dy, way_x, way_y = self.bx - self.ax, self.by - self.ay, to_x - x, to_y - y
        start = dx * (y - self.ay) - dy * (x - self.ax)
        end = dx * (to_y - self.ay) - dy * (to_x - self.ax)
        first = way_x * (self.ay - y) - way_y * (self.ax - x)
        last = way_x * (self.by - y) - way_y * (self.bx - x)
        crosses: Truths = (start * end < 0) & (first * last < 0)
        return crosses


def pieces_of(core: BaseGeometry, longest_m: float | None = None) -> Pieces:
    """The pieces of a point or of (multi)lines, none longer than so many metres."""
    if core.geom_type == "Point":
        spot = shapely.get_coordinates(core)
        return Pieces(spot[:, 0], spot[:, 1], spot[:, 0], spot[:, 1])
    if longest_m is not None:
        core = shapely.segmentize(core, longest_m)
    lines, which = shapely.get_coordinates(shapely.get_parts(core), return_index=True)
    same = which[1:] == which[:-1]
    return Pieces(lines[:-1, 0][same], lines[:-1, 1][same], lines[1:, 0][same], lines[1:, 1][same])


def contact(pieces: Sequence[Piece], way: Piece, reach_m: float) -> tuple[float, float]:
    """Where a way comes into the reach of some pieces first and last: shares of it, 0 to 1.

    Plain numbers: it is asked of one way at a time, and mostly of a circle.

    Parameters
    ----------
    way : of some length, and within reach somewhere
    """
    x, y, to_x, to_y = way
    west, east = min(x, to_x) - reach_m, max(x, to_x) + reach_m
    south, north = min(y, to_y) - reach_m, max(y, to_y) + reach_m
    low, high = math.inf, -math.inf
    for piece in pieces:
        ax, ay, bx, by = piece
        if (ax < west and bx < west) or (ax > east and bx > east):
            continue
        if (ay < south and by < south) or (ay > north and by > north):
            continue
        for some in _spans(piece, way, reach_m):
            low, high = min(low, some[0]), max(high, some[1])
    return (low, high) if low <= high else (0.0, 1.0)


def _spans(piece: Piece, way: Piece, reach_m: float) -> Iterator[tuple[float, float]]:
    ax, ay, bx, by = piece
    yield _in_disc(ax, ay, way, reach_m)
    if (ax, ay) != (bx, by):
        yield _in_disc(bx, by, way, reach_m)
        yield _in_oblong(piece, way, reach_m)


def _in_disc(cx: float, cy: float, way: Piece, reach_m: float) -> tuple[float, float]:
    """From where to where a way lies in a circle; nowhere: from inf."""
    x, y, to_x, to_y = way
    dx, dy, off_x, off_y = to_x - x, to_y - y, cx - x, cy - y
    squared = dx * dx + dy * dy
    missed = off_x * dy - off_y * dx
    half_sq = reach_m * reach_m - missed * missed / squared
    if half_sq < -_GRAZE_SQ_M:
        return _NOWHERE
    nearest, half = (off_x * dx + off_y * dy) / squared, math.sqrt(max(0.0, half_sq) / squared)
    low, high = max(0.0, nearest - half), min(1.0, nearest + half)
    return (low, high) if low <= high else _NOWHERE


def _in_oblong(piece: Piece, way: Piece, reach_m: float) -> tuple[float, float]:
    """From where to where a way lies beside a piece, between its ends; nowhere: from inf."""
    (ax, ay, bx, by), (x, y, to_x, to_y) = piece, way
    length = math.hypot(bx - ax, by - ay)
    unit_x, unit_y = (bx - ax) / length, (by - ay) / length
    off_x, off_y, dx, dy = x - ax, y - ay, to_x - x, to_y - y
    low, high = 0.0, 1.0
    for value, slope, least, most in (
        (off_x * unit_x + off_y * unit_y, dx * unit_x + dy * unit_y, 0.0, length),
        (off_y * unit_x - off_x * unit_y, dy * unit_x - dx * unit_y, -reach_m, reach_m),
    ):
        if slope:
            one, two = (least - value) / slope, (most - value) / slope
            low, high = max(low, min(one, two)), min(high, max(one, two))
        elif not least <= value <= most:
            return _NOWHERE
    return (low, high) if low <= high else _NOWHERE

"""Places and ways beside pieces of a line, in metres on a plane, columns at a time. Pure.

A circle is a piece of no length, a corridor some pieces in a row: all that lies within the reach of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tracking.track import Floats, Ints, Truths

_GRAZE_SQ_M = 1e-6
"""By what square a way may miss a circle that it was found to graze."""


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

    def contact(self, way: Floats, reach_m: float) -> tuple[float, float]:
        """Where one way, of two places, comes into their reach first and last: shares of it, 0 to 1.

        Parameters
        ----------
        way : 2 x 2, metres; not of no length, and within reach somewhere
        """
        start, along = way[0], way[1] - way[0]
        low, high = self._along_discs(start, along, reach_m)
        flat_low, flat_high = self._along_flanks(start, along, reach_m)
        lows, highs = np.minimum(low, flat_low), np.maximum(high, flat_high)
        meets = lows <= highs
        if not meets.any():
            return 0.0, 1.0
        return float(lows[meets].min()), float(highs[meets].max())

    def _along_discs(self, start: Floats, along: Floats, reach_m: float) -> tuple[Floats, Floats]:
        """From where to where a way lies in the circles about the ends of each piece; inf, -inf: nowhere."""
        squared = float(along @ along)
        lows, highs = [], []
        for x, y in ((self.ax, self.ay), (self.bx, self.by)):
            off_x, off_y = x - start[0], y - start[1]
            nearest = (off_x * along[0] + off_y * along[1]) / squared
            missed = off_x * along[1] - off_y * along[0]
            half_sq = reach_m * reach_m - missed * missed / squared
            half = np.sqrt(np.maximum(0.0, half_sq) / squared)
            low, high = np.maximum(0.0, nearest - half), np.minimum(1.0, nearest + half)
            meets = (half_sq >= -_GRAZE_SQ_M) & (low <= high)
            lows.append(np.where(meets, low, np.inf))
            highs.append(np.where(meets, high, -np.inf))
        return np.minimum(*lows), np.maximum(*highs)

    def _along_flanks(self, start: Floats, along: Floats, reach_m: float) -> tuple[Floats, Floats]:
        """From where to where a way lies in the oblong beside each piece; inf, -inf: nowhere."""
        dx, dy = self.bx - self.ax, self.by - self.ay
        length = np.hypot(dx, dy)
        is_long = length > 0
        unit_x, unit_y = dx / np.where(is_long, length, 1.0), dy / np.where(is_long, length, 1.0)
        off_x, off_y = start[0] - self.ax, start[1] - self.ay
        ahead, ahead_by = off_x * unit_x + off_y * unit_y, along[0] * unit_x + along[1] * unit_y
        aside, aside_by = off_y * unit_x - off_x * unit_y, along[1] * unit_x - along[0] * unit_y
        low, high = _between(ahead, ahead_by, np.zeros_like(length), length)
        reach = np.full_like(length, reach_m)
        low_aside, high_aside = _between(aside, aside_by, -reach, reach)
        low, high = np.maximum(low, low_aside), np.minimum(high, high_aside)
        meets = is_long & (low <= high)
        return np.where(meets, low, np.inf), np.where(meets, high, -np.inf)


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


def _between(value: Floats, by: Floats, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """For which shares s of 0 to 1 it holds that least <= value + s by <= most; from inf where for none."""
    moves = by != 0
    safe = np.where(moves, by, 1.0)
    one, two = (least - value) / safe, (most - value) / safe
    holds = (least <= value) & (value <= most)
    low = np.where(moves, np.minimum(one, two), np.where(holds, 0.0, np.inf))
    high = np.where(moves, np.maximum(one, two), np.where(holds, 1.0, -np.inf))
    return np.maximum(0.0, low), np.minimum(1.0, high)

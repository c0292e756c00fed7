"""How a search's best plan got better over time: a bounded list of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from routing.plan import Levels

MOST: Final = 200
"""Points that a curve holds at most; what is more is thinned."""
NAMES: Final = tuple(each.name for each in fields(Levels) if each.compare)
"""The levels that are compared, highest first: what a point's values mean."""


@dataclass(frozen=True, slots=True)
class Point:
    """After so many seconds of search the best plan came to these values, in the order of `NAMES`."""

    seconds: float
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in time order, each better than the one before."""

    points: tuple[Point, ...] = ()

    def with_point(self, seconds: float, levels: Levels) -> Curve:
        """The curve once these levels were reached; itself where they are no better than the last.

        Past `MOST` points every second one between the first and the last is left out, so that an old part of
        the curve is told more coarsely than a new one.
        """
        values = tuple(getattr(levels, name) for name in NAMES)
        if self.points and values >= self.points[-1].values:
            return self
        points = (*self.points, Point(round(seconds, 2), values))
        return Curve(points if len(points) <= MOST else (points[0], *points[1:-1:2], points[-1]))


def as_json(curve: Curve) -> list[list[Any]]:
    """A pair a point: its seconds, and its values as a list."""
    return [[point.seconds, list(point.values)] for point in curve.points]


def curve_of(rows: Sequence[Sequence[Any]]) -> Curve:
    """Read what `as_json` wrote; points of another count of levels are left out."""
    return Curve(
        tuple(
            Point(float(seconds), tuple(int(value) for value in values))
            for seconds, values in rows
            if len(values) == len(NAMES)
        )
    )

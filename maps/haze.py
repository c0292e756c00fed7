"""What of places and lines may stand on a map that leaves the house: `redact`'s rule for a day. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from fleet.geo import LonLat, haversine_m
from maps.redact import cell_of, is_private, told

STEP_M = 100.0
"""A line is looked at so often: what lies in a private cell goes over its centre."""
_BUCKET_DEG = 0.01  # wider than `REACH_M` up to 70 degrees north


class Haze:
    """Hides homes: a place in a private cell is shown at the cell's centre, any other as it is.

    Parameters
    ----------
    homes : all homes of the district; None hides nothing
    """

    def __init__(self, homes: Iterable[LonLat] | None) -> None:
        self.hides = homes is not None
        self._homes: dict[tuple[int, int], list[LonLat]] = {}
        self._shown: dict[LonLat, bool] = {}
        for home in homes or ():
            self._homes.setdefault(_bucket(home), []).append(home)

    def place(self, at: LonLat) -> LonLat:
        """Where a place is shown."""
        if not self.hides:
            return at
        cell = cell_of(at)
        if cell not in self._shown:
            self._shown[cell] = not is_private(cell, self._around(cell))
        return told(at if self._shown[cell] else cell)

    def line(self, points: Sequence[LonLat]) -> tuple[LonLat, ...]:
        """How a line is shown; no two points that follow each other are the same."""
        if not self.hides:
            return tuple(points)
        shown: list[LonLat] = []
        for point in _dense(points):
            at = self.place(point)
            if not shown or shown[-1] != at:
                shown.append(at)
        return tuple(shown)

    def _around(self, at: LonLat) -> Iterator[LonLat]:
        column, row = _bucket(at)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                yield from self._homes.get((x, y), ())


def _bucket(at: LonLat) -> tuple[int, int]:
    return math.floor(at[0] / _BUCKET_DEG), math.floor(at[1] / _BUCKET_DEG)


def _dense(points: Sequence[LonLat]) -> Iterator[LonLat]:
    """The line with a point each `STEP_M` at most."""
    if points:
        yield points[0]
    for a, b in pairwise(points):
        pieces = max(1, math.ceil(haversine_m(a, b) / STEP_M))
        for n in range(1, pieces + 1):
            share = n / pieces
            yield a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

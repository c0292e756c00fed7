"""A planned line cut where its van is: driven, the leg under way, still to come. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fleet.geo import M_PER_DEG
from maps.scene import LonLat

_STEP_M = 25.0


@dataclass(frozen=True, slots=True)
class Course:
    """The three parts of a line, empty or of two points and more; where one ends the next begins."""

    driven: tuple[LonLat, ...]
    leg: tuple[LonLat, ...]
    ahead: tuple[LonLat, ...]


def cut(line: Sequence[LonLat], calls: Sequence[LonLat], goal: int | None) -> Course:
    """Cut a line at the call before the one that the van heads for, and at that one.

    Parameters
    ----------
    line : the road's points in the order of driving, n >= 0
    calls : where the line's stops are, in order; each within some metres of the line
    goal : the place in `calls` of the stop headed for; None when all are behind

    Returns
    -------
    The parts; a line that passes a call twice is cut so that all the calls fit best in their order.
    """
    if len(line) < 2 or goal is None or not calls:
        return Course(tuple(line), (), ()) if goal is None else Course((), (), tuple(line))
    points, kept = _dense(line)
    at = _along(points, calls)
    start, end = (at[goal - 1] if goal else 0), at[goal]

    def part(first: int, last: int) -> tuple[LonLat, ...]:
        if last <= first:
            return ()
        return tuple(points[n] for n in range(first, last + 1) if kept[n] or n in (first, last))

    return Course(part(0, start), part(start, end), part(end, len(points) - 1))


def _dense(line: Sequence[LonLat]) -> tuple[list[LonLat], list[bool]]:
    """The line with a point each 25 m at most, and which of its points are its own."""
    points, kept = [line[0]], [True]
    for a, b in pairwise(line):
        scale = math.cos(math.radians(a[1]))
        length_m = M_PER_DEG * math.hypot((b[0] - a[0]) * scale, b[1] - a[1])
        pieces = max(1, math.ceil(length_m / _STEP_M))
        for n in range(1, pieces):
            share = n / pieces
            points.append((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share))
            kept.append(False)
        points.append(b)
        kept.append(True)
    return points, kept


def _along(points: Sequence[LonLat], calls: Sequence[LonLat]) -> list[int]:
    """Where on the line each call is: never before the call before it, the sum of distances least."""
    road = np.array(points)
    scale = np.array([math.cos(math.radians(points[0][1])), 1.0])
    costs: list[npt.NDArray[np.float64]] = []
    for call in calls:
        away = np.hypot(*((road - np.array(call)) * scale).T)
        costs.append(away if not costs else away + np.minimum.accumulate(costs[-1]))
    found = [int(np.argmin(costs[-1]))]
    for cost in reversed(costs[:-1]):
        found.append(int(np.argmin(cost[: found[-1] + 1])))
    return found[::-1]

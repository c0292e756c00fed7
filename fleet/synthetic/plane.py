"""The plan of the invented town: a straight plan in metres, bent into a town.

Streets are drawn straight in plan coordinates (u east, v north, metres from the town's middle). `bend` turns
the plan a little, lets it wave, and pulls it along a winding river, so that nothing on the map is straight
and everything still meets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from fleet.geo import M_PER_DEG, LonLat

Plan: TypeAlias = tuple[float, float]

CENTRE: LonLat = (116.035, 36.462)
HALF_WIDTH_M = 4500
HALF_HEIGHT_M = 3500
RIVER_V = -1600.0

_TURN_RAD = math.radians(2.5)
_RIVER_REACH_M = 1300.0


def bend(point: Plan) -> Plan:
    """Where a point of the plan lies in the bent town, metres east and north of its middle."""
    u, v = point
    winding = 270 * math.sin(u / 1450 - 0.7) + 95 * math.sin(u / 560 + 1.0)
    x = u + 120 * math.sin(v / 1350 + 0.6) + 75 * math.sin((u + 2 * v) / 2300)
    y = v + winding * math.exp(-(((v - RIVER_V) / _RIVER_REACH_M) ** 2))
    y += 90 * math.sin(u / 1500 + 1.1) + 70 * math.sin((u - v) / 1250)
    cos, sin = math.cos(_TURN_RAD), math.sin(_TURN_RAD)
    return x * cos - y * sin, x * sin + y * cos


def place(point: Plan) -> LonLat:
    """The longitude and latitude of a point of the plan."""
    x, y = bend(point)
    return (
        CENTRE[0] + x / (M_PER_DEG * math.cos(math.radians(CENTRE[1]))),
        CENTRE[1] + y / M_PER_DEG,
    )


def box_ring(west: float, south: float, east: float, north: float) -> list[Plan]:
    """The corners of a box of the plan, anticlockwise, open."""
    return [(west, south), (east, south), (east, north), (west, north)]


def softened(ring: Sequence[Plan], step_m: float = 90) -> list[Plan]:
    """The same open ring with points at least every `step_m`, so that long sides follow the bend."""
    points: list[Plan] = []
    for (u0, v0), (u1, v1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        n = max(1, math.ceil(math.hypot(u1 - u0, v1 - v0) / step_m))
        points += [(u0 + (u1 - u0) * k / n, v0 + (v1 - v0) * k / n) for k in range(n)]
    return points

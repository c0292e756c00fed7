"""What fences cost the live path: a fix looked at with five thousand fences in force, and with none.

A county of 32 km by 32 km, its fences drawn by chance: circles about doors and centres, areas of many
corners with holes, corridors along streets. Each van sends a fix in 5 s; a third of them drives, as on a
usual day, and once all do. Batches are what comes in a quarter of a second, and go the way they go after
their commit: the messages' fixes become columns, the tree is asked, what is crossed is told.
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely

from fleet.geo import M_PER_DEG
from tests.bench.figure import Figure, Mode
from tracking.fence import Fence
from tracking.fences import Fences
from tracking.fix import Fix
from tracking.lot import lot_of
from tracking.parcel import Parcel
from tracking.plane import Plane
from tracking.protocol import Rejected
from tracking.source import Source

_MIDDLE: Final = Plane(116.0, 36.45)
_HALF_M: Final = 16_000.0
_FENCES: Final = 5_000
_VANS: Final = 5_000
_STEP_S: Final = 5
_T0_MS: Final = 1_784_692_800_000
_EXPECT_US: Final = 5.0
_FIXES: dict[Mode, int] = {"quick": 50_000, "default": 250_000, "full": 1_000_000}
_USUAL: Final = 1 / 3


def figures(mode: Mode) -> Iterator[Figure]:
    """Microseconds a fix, by how many come in a quarter of a second and how many vans drive."""
    fences = drawn(_FENCES)
    for size, share in ((250, _USUAL), (2_500, _USUAL), (2_500, 1.0)):
        batches = _batches(size, max(20, _FIXES[mode] // size), share)
        none_us, _ = _cost_us(Fences([]), batches)
        cost_us, told = _cost_us(Fences(fences), batches)
        name = f"{4 * size} fixes/s, {share:.0%} of the vans driving"
        yield Figure(
            f"a fix with {_FENCES} fences: {name}", cost_us, "us",
            "the same batches without fences", none_us, cost_us / none_us,
        )  # fmt: skip
        extra_us = cost_us - none_us
        is_usual = share == _USUAL
        yield Figure(
            f"what the fences add: {name}", extra_us, "us",
            expect=f"<= {_EXPECT_US:g}" if is_usual else "", ok=extra_us <= _EXPECT_US if is_usual else None,
        )  # fmt: skip
        yield Figure(f"crossings told: {name}", told, "in 1,000 fixes")


class _Nobody:
    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Hear nothing."""


def _cost_us(index: Fences, batches: Sequence[Sequence[Parcel]]) -> tuple[float, float]:
    """CPU microseconds a fix in the median batch, and what was told in 1,000: once each van is known."""
    told, spent_us, fixes, unknown = 0, list[float](), 0, _VANS
    for batch in batches:
        began = time.process_time()
        found = index.look(lot_of(batch))
        took_s = time.process_time() - began
        if unknown <= 0:
            told += len(found)
            spent_us.append(took_s / len(batch) * 1e6)
            fixes += len(batch)
        unknown -= len(batch)
    return statistics.median(spent_us), 1000 * told / fixes


def _batches(size: int, count: int, share: float) -> list[list[Parcel]]:
    """Messages of vans, `size` a batch in turn: a share drives at 5 to 15 m/s, the others jitter."""
    draw = np.random.default_rng(4)
    spots = draw.uniform(-_HALF_M, _HALF_M, (_VANS, 2))
    heading = draw.uniform(0, 2 * math.pi, _VANS)
    drives = draw.uniform(0, 1, _VANS) < share
    sources = [Source(van, van, 1) for van in range(_VANS)]
    receiver, batches, n = _Nobody(), list[list[Parcel]](), 0
    while len(batches) < count:
        heading += draw.normal(0, 0.2, _VANS)
        step_m = np.where(drives, draw.uniform(5, 15, _VANS) * _STEP_S, 0.0)
        spots = spots + np.column_stack([np.cos(heading), np.sin(heading)]) * step_m[:, None]
        spots = np.clip(spots, -_HALF_M, _HALF_M)
        seen = spots + draw.normal(0, 3.0, (_VANS, 2))
        lonlat = seen / (_MIDDLE.east_m, M_PER_DEG) + (_MIDDLE.lon, _MIDDLE.lat)
        t, n = _T0_MS + n * _STEP_S * 1000, n + 1
        told = [
            Parcel(receiver, source, n, t, ((0, Fix(t, lon, lat, 10.0, 90.0)),))
            for source, (lon, lat) in zip(sources, lonlat.tolist(), strict=True)
        ]
        batches += [told[first : first + size] for first in range(0, _VANS, size)]
    return batches


def drawn(count: int, middle: Plane = _MIDDLE) -> list[Fence]:
    """Circles, areas, corridors as 80 to 16 to 4, about a place."""
    draw = random.Random(3)
    found = []
    for n in range(count):
        east, north = draw.uniform(-_HALF_M, _HALF_M), draw.uniform(-_HALF_M, _HALF_M)
        kind = n % 25
        if kind < 20:
            place = middle.round(shapely.Point(east, north))
            found.append(Fence(n, "circle", place, draw.uniform(50, 150), district_id=1, dwell_s=60))
        elif kind < 24:
            found.append(Fence(n, "area", middle.round(_area(draw, east, north)), district_id=1))
        else:
            found.append(Fence(n, "corridor", middle.round(_street(draw, east, north)), 50.0, district_id=1))
    return found


def _area(draw: random.Random, east: float, north: float) -> shapely.Polygon:
    """Forty corners 150 to 250 m from its middle, and a hole of 50 m."""
    ring = []
    for n in range(40):
        away_m, turn = draw.uniform(150, 250), n * math.pi / 20
        ring.append((east + away_m * math.cos(turn), north + away_m * math.sin(turn)))
    hole = [
        (east - 50, north - 50),
        (east + 50, north - 50),
        (east + 50, north + 50),
        (east - 50, north + 50),
    ]
    return shapely.Polygon(ring, [hole])


def _street(draw: random.Random, east: float, north: float) -> shapely.LineString:
    """Three kilometres in pieces of 200 m."""
    line, heading = [(east, north)], draw.uniform(0, 2 * math.pi)
    for _ in range(15):
        heading += draw.gauss(0, 0.3)
        east, north = east + 200 * math.cos(heading), north + 200 * math.sin(heading)
        line.append((east, north))
    return shapely.LineString(line)

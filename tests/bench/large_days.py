"""Days of large districts from a seed, laid out without tables: driving is estimated, part by part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from fleet.registry import Beat
from fleet.roads import Roads
from routing import beats
from routing.parts_cut import Part
from routing.parts_search import Lay
from routing.problem import (
    Break,
    Cell,
    Item,
    Kitchen,
    Legs,
    Portion,
    Problem,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)
from routing.road_tables import with_tables

_HOUR_S: Final = 3600
_DEGREE: Final = 1 / 111_195.0
_LON, _LAT = 116.0, 36.5
_BEAT_M: Final = 1_500.0
_CELLS: Final = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
_VANS_A_CENTRE: Final = 10


class LargeDay(NamedTuple):
    """A problem without tables, and each van's beats."""

    problem: Problem
    beats: tuple[tuple[Beat, ...], ...]


def large_day(vans: int, sites: int, seed: int) -> LargeDay:
    """A square town of one square beat a van, its homes anywhere in it, a centre for each ten vans.

    Shifts of eight hours with a break, naps, two batches a day; 3 % of the sites are drop-offs, of the others
    5 % are mandatory. Twice as many calls as the vans have time for where there are 40 sites a van.
    """
    rng = np.random.default_rng(seed)
    columns = math.ceil(math.sqrt(vans))
    corners = np.array([(n % columns, n // columns) for n in range(vans)], dtype=np.float64) * _BEAT_M
    centres = max(1, vans // _VANS_A_CENTRE)
    spots_m = np.concatenate(
        [
            corners[:: max(1, vans // centres)][:centres] + 0.5 * _BEAT_M,
            (corners[:, np.newaxis] + np.array(_CELLS) * _BEAT_M).reshape(-1, 2),
            rng.uniform(0, 1, (sites, 2)) * (columns * _BEAT_M, math.ceil(vans / columns) * _BEAT_M),
        ]
    )
    places = tuple(Site(f"site {n}", *_degrees(x, y)) for n, (x, y) in enumerate(spots_m.tolist()))
    own = tuple((_beat(n, x, y),) for n, (x, y) in enumerate(corners.tolist()))
    points = [(site.lon, site.lat) for site in places]
    first = centres + len(_CELLS) * vans
    depots = _nearest(corners + 0.5 * _BEAT_M, spots_m[:centres])
    return LargeDay(
        Problem(
            sites=places,
            seconds=frozen_matrix(np.zeros((0, 0))),
            metres=frozen_matrix(np.zeros((0, 0))),
            vans=tuple(_van(n, depots[n], own[n], points) for n in range(vans)),
            visits=tuple(_visit(rng, first + n, n) for n in range(sites)),
            items=(Item("soup", "cold", int(2.5 * _HOUR_S)), Item("tea", "hot", 4 * _HOUR_S)),
            cells=tuple(Cell(centres + n, frozenset({n // len(_CELLS)})) for n in range(len(_CELLS) * vans)),
            patrol_target_s=2 * _HOUR_S,
            kitchens=tuple(
                Kitchen(n, TimeWindow(8 * _HOUR_S, 17 * _HOUR_S), 900, ready_s)
                for n in range(centres)
                for ready_s in (8 * _HOUR_S, 12 * _HOUR_S)
            ),
            centres=frozenset(range(centres)),
            legs=Legs(),
        ),
        own,
    )


def estimated(day: LargeDay, sizes: list[int]) -> Lay:
    """Gives parts their tables, and writes down how many sites each had."""
    roads = Roads("")

    def lay(part: Part) -> Problem:
        sizes.append(len(part.sites))
        return with_tables(part.problem, roads, [day.beats[van] for van in part.vans])

    return lay


def _degrees(x_m: float, y_m: float) -> tuple[float, float]:
    return _LON + x_m * _DEGREE / math.cos(math.radians(_LAT)), _LAT + y_m * _DEGREE


def _beat(n: int, x_m: float, y_m: float) -> Beat:
    steps = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ring = tuple(_degrees(x_m + dx * _BEAT_M, y_m + dy * _BEAT_M) for dx, dy in steps)
    return Beat(n, f"B{n}", "", "", False, ((ring,),), ())


def _nearest(points: npt.NDArray[np.float64], to: npt.NDArray[np.float64]) -> list[int]:
    away = ((points[:, np.newaxis] - to[np.newaxis]) ** 2).sum(axis=-1)
    found: list[int] = away.argmin(axis=1).tolist()
    return found


def _van(n: int, depot: int, own: Sequence[Beat], points: Sequence[tuple[float, float]]) -> Van:
    starts_s = int(8.5 * _HOUR_S)
    return Van(
        name=f"V{n}",
        depot=depot,
        starts_s=starts_s,
        ends_s=starts_s + 8 * _HOUR_S,
        hot_cups=60,
        cold_cups=60,
        skills=frozenset({"bathing"} if n % 3 else {"stairs"}),
        rest=Break(int(11.5 * _HOUR_S), 13 * _HOUR_S, 2700),
        batch_s=8 * _HOUR_S,
        inside=beats.inside(own, points),
    )


def _visit(rng: np.random.Generator, site: int, n: int) -> Visit:
    if n % 33 == 0:
        portions = (Portion(0, int(rng.integers(5, 20))), Portion(1, int(rng.integers(1, 6))))
        hours = TimeWindow(9 * _HOUR_S, 16 * _HOUR_S)
        return Visit(f"stop {n}", "dropoff", site, 900, (hours,), portions=portions)
    return Visit(
        name=f"elder {n}",
        kind="visit",
        site=site,
        service_s=int(rng.choice([300, 1200], p=[0.55, 0.45])),
        windows=(TimeWindow(8 * _HOUR_S, 18 * _HOUR_S - 1200),),
        nap=TimeWindow(12 * _HOUR_S, 14 * _HOUR_S),
        skills=frozenset({"stairs"}) if rng.random() < 0.05 else frozenset(),
        mandatory=bool(rng.random() < 0.05),
        prize=int(rng.integers(1, 100)),
    )

"""Problems to plan, made from a seed: a district's day as the demo has it, and tiny ones for every rule at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from routing.problem import (
    Break,
    Cell,
    Item,
    Kitchen,
    Portion,
    Problem,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)

HOUR_S = 3600
SPEED_MPS = 25 / 3.6


def roads(points_m: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """Seconds between points, 35 % longer than straight and a little different each way."""
    straight = np.sqrt(((points_m[:, np.newaxis] - points_m[np.newaxis]) ** 2).sum(axis=-1))
    seconds = straight * 1.35 / SPEED_MPS * rng.uniform(1.0, 1.15, straight.shape)
    np.fill_diagonal(seconds, 0)
    return frozen_matrix(seconds.round())


def district(
    *, vans: int = 5, visits: int = 80, dropoffs: int = 12, cells: int = 40, seed: int = 1, side_m: float = 6000
) -> Problem:
    """A day such as the demo's: 8 h shifts, a break, naps, beats in strips, soup and tea with a food clock."""
    rng = np.random.default_rng(seed)
    total = vans + visits + dropoffs + cells
    points_m = rng.uniform(0, side_m, (total, 2))
    seconds = roads(points_m, rng)
    strip = np.minimum(vans - 1, (points_m[:, 0] / side_m * vans).astype(int))
    opens_s, closes_s = 8 * HOUR_S, 18 * HOUR_S
    crews = tuple(
        Van(
            name=f"V{n + 1}",
            depot=n,
            starts_s=int(8.5 * HOUR_S),
            ends_s=int(16.5 * HOUR_S),
            hot_cups=60,
            cold_cups=60,
            skills=frozenset({"bathing"} if n % 2 else {"stair_climber"}),
            rest=Break(int(11.5 * HOUR_S), 13 * HOUR_S, 2700),
            batch_s=8 * HOUR_S,
            kitchen=Kitchen(n, TimeWindow(11 * HOUR_S, 15 * HOUR_S), 900, 12 * HOUR_S),
            inside=strip == n,
            in_beat_s=_in_beat_s(seconds, strip == n),
        )
        for n in range(vans)
    )
    calls = tuple(
        Visit(
            name=f"visit {n}",
            kind="visit",
            site=vans + n,
            service_s=int(rng.choice([300, 1200], p=[0.55, 0.45])),
            windows=(TimeWindow(opens_s, closes_s),),
            nap=TimeWindow(12 * HOUR_S, 14 * HOUR_S),
            skills=frozenset({"stair_climber"}) if rng.random() < 0.05 else frozenset(),
            mandatory=bool(rng.random() < 0.4),
            prize=int(rng.integers(1, 100)),
        )
        for n in range(visits)
    )
    drops = tuple(
        Visit(
            name=f"drop-off {n}",
            kind="dropoff",
            site=vans + visits + n,
            service_s=900,
            windows=(TimeWindow(opens_s, closes_s),),
            portions=(Portion(0, int(rng.integers(8, 30))), Portion(1, int(rng.integers(1, 6)))),
        )
        for n in range(dropoffs)
    )
    beats = tuple(
        Cell(site=n, vans=frozenset({int(strip[n])})) for n in range(vans + visits + dropoffs, total)
    )
    return Problem(
        sites=tuple(Site(f"site {n}", float(x), float(y)) for n, (x, y) in enumerate(points_m)),
        seconds=seconds,
        metres=frozen_matrix(seconds * SPEED_MPS),
        vans=crews,
        visits=calls + drops,
        items=(Item("soup", "cold", int(2.5 * HOUR_S)), Item("tea", "hot", 4 * HOUR_S)),
        cells=beats,
    )


def _in_beat_s(seconds: npt.NDArray[np.int32], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    ends = inside[:, np.newaxis].astype(int) + inside[np.newaxis, :].astype(int)
    return frozen_matrix(seconds * ends // 2)

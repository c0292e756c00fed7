"""Prize-collecting instances that all solvers take: shifts, windows, capacity, depots, mandatory calls."""

from __future__ import annotations

import numpy as np

from routing.problem import Item, Portion, Problem, Rates, Site, TimeWindow, Van, Visit, frozen_matrix

SHIFT_S = 6 * 3600
CENTRES = 11
_ALL_DAY_S = 24 * 3600
_SIDE_M = 12_000
_MPS = 25 / 3.6


def generate(vans: int, points: int, seed: int) -> Problem:
    """An instance: asymmetric times, 40 % of the points with a window of 1 to 3 h, 5 % mandatory."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, _SIDE_M, (CENTRES + points, 2))
    straight = np.sqrt(((places[:, np.newaxis] - places[np.newaxis]) ** 2).sum(axis=-1))
    seconds = straight * 1.35 / _MPS * rng.uniform(0.9, 1.15, straight.shape)
    np.fill_diagonal(seconds, 0)
    return Problem(
        sites=tuple(Site(f"site {n}", float(x), float(y)) for n, (x, y) in enumerate(places)),
        seconds=frozen_matrix(seconds.round()),
        metres=frozen_matrix(straight.round()),
        vans=tuple(Van(f"V{n}", n % CENTRES, 0, SHIFT_S, cold_cups=8 * points // vans) for n in range(vans)),
        visits=tuple(_visit(rng, CENTRES + n) for n in range(points)),
        items=(Item("cup", "cold", _ALL_DAY_S),),
        rates=Rates(imbalance=0.0),  # no peer looks at it
    )


def _visit(rng: np.random.Generator, site: int) -> Visit:
    opens_s = int(rng.integers(0, SHIFT_S - 5400))
    windowed = rng.random() < 0.4
    window = TimeWindow(opens_s, opens_s + int(rng.integers(3600, 10_800)))
    return Visit(
        name=f"point {site}",
        kind="visit",
        site=site,
        service_s=int(rng.choice([300, 600, 1200])),
        windows=(window if windowed else TimeWindow(0, SHIFT_S),),
        mandatory=bool(rng.random() < 0.05),
        prize=int(rng.integers(1, 61)),
        portions=(Portion(0, int(rng.integers(1, 10))),),
    )

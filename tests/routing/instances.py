"""Problems to plan, made from a seed: a district's day as the demo has it, and tiny ones with every rule."""

from __future__ import annotations

from typing import Any

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
    *,
    vans: int = 5,
    visits: int = 80,
    dropoffs: int = 12,
    cells: int = 40,
    seed: int = 1,
    side_m: float = 6000,
) -> Problem:
    """A day such as the demo's: 8 h shifts, a break, naps, beats in strips, soup and tea."""
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
        kitchens=tuple(
            Kitchen(n, TimeWindow(11 * HOUR_S, 15 * HOUR_S), 900, 12 * HOUR_S) for n in range(vans)
        ),
        centres=frozenset(range(vans)),
    )


def _in_beat_s(seconds: npt.NDArray[np.int32], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    ends = inside[:, np.newaxis].astype(int) + inside[np.newaxis, :].astype(int)
    return frozen_matrix(seconds * ends // 2)


def tiny(seed: int) -> Problem:
    """Two vans and a handful of visits, each rule in reach of being broken."""
    rng = np.random.default_rng(seed)
    visits, cells = int(rng.integers(2, 6)), int(rng.integers(0, 3))
    points_m = rng.uniform(0, 4000, (2 + visits + cells, 2))
    seconds = roads(points_m, rng)
    inside = rng.random(len(points_m)) < 0.5
    crews = tuple(
        Van(
            name=f"V{n}",
            depot=n,
            starts_s=0,
            ends_s=int(rng.integers(3000, 9000)),
            hot_cups=int(rng.integers(0, 12)),
            cold_cups=int(rng.integers(0, 12)),
            skills=frozenset({"care"} if rng.random() < 0.7 else ()),
            rest=Break(1200, 2400, 600) if rng.random() < 0.5 else None,
            batch_s=0,
            inside=inside,
            in_beat_s=_in_beat_s(seconds, inside),
        )
        for n in range(2)
    )
    return Problem(
        sites=tuple(Site(f"site {n}", float(x), float(y)) for n, (x, y) in enumerate(points_m)),
        seconds=seconds,
        metres=frozen_matrix(seconds * SPEED_MPS),
        vans=crews,
        visits=tuple(_tiny_visit(rng, n) for n in range(visits)),
        items=(Item("soup", "cold", 0), Item("tea", "hot", 1200)),
        cells=tuple(Cell(2 + visits + n, frozenset({n % 2}), tour_s=120) for n in range(cells)),
        patrol_target_s=1800,
        kitchens=tuple(Kitchen(n, TimeWindow(0, 9000), 300, int(rng.integers(500, 3000))) for n in range(2)),
        centres=frozenset((0, 1)),
    )


def _tiny_visit(rng: np.random.Generator, n: int) -> Visit:
    opens_s = int(rng.integers(0, 3000))
    dropoff = bool(rng.random() < 0.4)
    later = TimeWindow(opens_s + 4000, opens_s + 4500)
    return Visit(
        name=f"visit {n}",
        kind="dropoff" if dropoff else "visit",
        site=2 + n,
        service_s=int(rng.integers(60, 1500)),
        windows=(TimeWindow(opens_s, opens_s + int(rng.integers(0, 3000))), later)
        if rng.random() < 0.5
        else (TimeWindow(opens_s, opens_s + 3000),),
        nap=TimeWindow(1500, 2500) if not dropoff and rng.random() < 0.5 else None,
        skills=frozenset({"care"} if rng.random() < 0.4 else ()),
        mandatory=bool(rng.random() < 0.3),
        prize=int(rng.integers(1, 50)),
        portions=(Portion(int(rng.integers(0, 2)), int(rng.integers(1, 10))),) if dropoff else (),
    )


def row_of_sites(n: int) -> tuple[tuple[Site, ...], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Sites in a row, 100 s and 1000 m apart, with their tables: every time can be told by heart."""
    step = np.abs(np.arange(n)[:, np.newaxis] - np.arange(n)[np.newaxis, :])
    sites = tuple(Site(f"site {k}", 116 + k / 100, 36.5) for k in range(n))
    return sites, frozen_matrix(step * 100), frozen_matrix(step * 1000)


def in_a_row(
    vans: tuple[Van, ...], visits: tuple[Visit, ...], items: tuple[Item, ...] = (), **more: Any
) -> Problem:
    """A problem over six sites in a row."""
    sites, seconds, metres = row_of_sites(6)
    return Problem(sites, seconds, metres, vans, visits, items, **more)


def day_visit(name: str, site: int, service_s: int = 300, **more: Any) -> Visit:
    """A visit that may begin at any time of a day."""
    return Visit(
        **{
            "name": name,
            "kind": "visit",
            "site": site,
            "service_s": service_s,
            "windows": (TimeWindow(0, 86_400),),
            **more,
        }
    )

"""Where the invented district works: its beats, its centres, its stop points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fleet import geo
from fleet.geo import LonLat
from fleet.synthetic import names
from fleet.synthetic.plane import RIVER_V, box_ring, place, softened
from fleet.synthetic.sheet import Quarter, Town
from fleet.synthetic.streets import AVENUES_U, CROSSWAYS_V

CELL_M = 240.0
# A cell is kept where somebody lives this near: fields, works and water need no patrol.
_LIVED_IN_M = 150.0
_MARGIN_M = 120.0
# Rows of large blocks, from south to north; the river's middle parts the first two.
_ROW_V = (CROSSWAYS_V[0] - _MARGIN_M, RIVER_V, *CROSSWAYS_V[3:6], CROSSWAYS_V[6] + _MARGIN_M)
_COLUMN_U = (AVENUES_U[0] - _MARGIN_M, *AVENUES_U[1:6], AVENUES_U[6] + _MARGIN_M)

# code, name, English, dedicated, first and last column, first and last row.
_LAYOUT: tuple[tuple[str, str, str, bool, tuple[int, int], tuple[int, int]], ...] = (
    ("W1", "网格1", "Beat 1", False, (0, 1), (3, 4)),
    ("W2", "网格2", "Beat 2", False, (2, 3), (3, 4)),
    ("W3", "网格3", "Beat 3", False, (4, 5), (3, 4)),
    ("W4", "网格4", "Beat 4", False, (0, 1), (1, 2)),
    ("W5", "网格5", "Beat 5", False, (3, 3), (1, 2)),
    ("W6", "网格6", "Beat 6", False, (4, 5), (1, 2)),
    ("W7", "网格7", "Beat 7", False, (0, 1), (0, 0)),
    ("W8", "网格8", "Beat 8", False, (2, 3), (0, 0)),
    ("ZA", "专属A", "Dedicated A", True, (2, 2), (1, 2)),
    ("ZB", "专属B", "Dedicated B", True, (4, 5), (0, 0)),
)
# Neighbouring beats make a van's pair.
PAIRS = (("W1", "W4"), ("W2", "ZA"), ("W3", "W6"), ("W7", "W8"), ("W5", "ZB"))


@dataclass(frozen=True, slots=True)
class BeatPlan:
    """A beat: its outline (closed ring) and the places to be seen."""

    code: str
    name: str
    name_en: str
    dedicated: bool
    ring: tuple[LonLat, ...]
    cells: tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A centre or a stop point."""

    code: str
    name: str
    name_en: str
    point: LonLat


def beats(town: Town) -> tuple[BeatPlan, ...]:
    """The ten beats; together they cover the town once, without gap or overlap."""
    homes = np.array([door for quarter in town.quarters for door in (quarter.gate, *quarter.doors)])
    made: list[BeatPlan] = []
    for code, name, name_en, dedicated, columns, rows in _LAYOUT:
        box = (_COLUMN_U[columns[0]], _ROW_V[rows[0]], _COLUMN_U[columns[1] + 1], _ROW_V[rows[1] + 1])
        ring = [place(point) for point in softened(box_ring(*box))]
        cells = tuple(cell for cell in geo.cells_within(ring, CELL_M) if _near(cell, homes))
        made.append(BeatPlan(code, name, name_en, dedicated, (*ring, ring[0]), cells))
    return tuple(made)


def centres(town: Town) -> tuple[Spot, ...]:
    """The eleven centres, one in each part of the town."""
    spread = _spread(town.quarters, len(names.CENTRES))
    spread = sorted(spread, key=lambda quarter: (-quarter.row, quarter.column))
    return tuple(
        Spot(f"C{n + 1:02}", f"{zh}养老服务中心", f"{en} Care Centre", _beside(quarter))
        for n, ((zh, en), quarter) in enumerate(zip(names.CENTRES, spread, strict=True))
    )


def stop_points(town: Town, n: int = 30) -> tuple[Spot, ...]:
    """Stop points at the gates of large quarters all over the town."""
    large = sorted(town.quarters, key=lambda quarter: -len(quarter.doors))[: max(n, len(town.quarters) // 2)]
    return tuple(
        Spot(f"S{k + 1:02}", f"{quarter.name}服务点", f"Stop point {k + 1}", quarter.gate)
        for k, quarter in enumerate(_spread(large, n))
    )


def _spread(quarters: Sequence[Quarter], n: int) -> list[Quarter]:
    """Some of the quarters, each as far as can be from those before (farthest-point sampling)."""
    points = np.array([quarter.gate for quarter in quarters])
    points[:, 0] *= np.cos(np.radians(points[0, 1]))
    chosen = [int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    nearest = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < n:
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return [quarters[k] for k in chosen]


def _beside(quarter: Quarter) -> LonLat:
    """The building nearest to the gate: a centre is a house, not a crossing."""
    return min(quarter.doors, key=lambda door: geo.haversine_m(door, quarter.gate))


def _near(cell: LonLat, homes: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    d_lat = (homes[:, 1] - cell[1]) * geo.M_PER_DEG
    d_lon = (homes[:, 0] - cell[0]) * geo.M_PER_DEG * np.cos(np.radians(cell[1]))
    return bool((d_lat**2 + d_lon**2).min() < _LIVED_IN_M**2)

"""The 15-minute circle: which share of the elders a van could reach within a quarter of an hour, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.geo import LonLat, snap_to_cell
from fleet.roads import Roads

REACH_S = 15 * 60
_CELL_M = 250.0


@dataclass(frozen=True, slots=True)
class Circle:
    """One sample. `share` is 0..1 of elders; `gaps` the places (250 m cells) out of reach."""

    at: datetime
    share: float
    gaps: int
    basis: str


def sample(
    roads: Roads, vans: Sequence[LonLat], homes: Sequence[tuple[LonLat, int]], at: datetime
) -> Circle | None:
    """Ask the roads once, homes gathered by 250 m cells.

    Parameters
    ----------
    vans : where vans that could go are
    homes : place and how many elders live there

    Returns
    -------
    None when there is no home to reach.
    """
    elders: dict[LonLat, int] = {}
    for place, n in homes:
        cell = snap_to_cell(place, _CELL_M)
        elders[cell] = elders.get(cell, 0) + n
    if not elders:
        return None
    if not vans:
        return Circle(at, 0.0, len(elders), "none")
    cells = list(elders)
    matrix = roads.table([*vans, *cells])
    seconds = matrix.seconds[: len(vans), len(vans) :]
    near = [bool(column.any()) for column in ((seconds >= 0) & (seconds <= REACH_S)).T]
    inside = sum(n for n, reached in zip(elders.values(), near, strict=True) if reached)
    return Circle(at, inside / sum(elders.values()), near.count(False), matrix.basis)

"""What a guest may see of a van: never near enough to a home to tell whose door it stands at. Pure.

The district is cut into fixed cells. A cell any part of which lies within 150 m of a home is private: what
happens in it is shown at its centre. Whether a place is shown exactly depends on its cell alone, so that the
edge of what is hidden follows the grid, and cannot be drawn as circles around the homes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fleet.geo import LonLat, haversine_m, snap_to_cell

HOME_M = 150.0
CELL_M = 300.0
_EXACT_DIGITS = 5  # about a metre
# Rows of the grid do not line up and cells are not quite square: a little is added to the half diagonal.
REACH_M = HOME_M + CELL_M * math.sqrt(0.5) + 1.0
"""How far from a cell's centre a home may lie and still make the cell private."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a guest sees a van; `exact` is False where the cell stands for the place."""

    at: LonLat
    exact: bool


def redact(at: LonLat, homes: Iterable[LonLat]) -> Shown:
    """Where a guest sees a van that is at a place.

    Parameters
    ----------
    homes : all homes within twice `REACH_M`, at least
    """
    centre = snap_to_cell(at, CELL_M)
    if any(haversine_m(centre, home) <= REACH_M for home in homes):
        return Shown((round(centre[0], _EXACT_DIGITS), round(centre[1], _EXACT_DIGITS)), False)
    return Shown((round(at[0], _EXACT_DIGITS), round(at[1], _EXACT_DIGITS)), True)

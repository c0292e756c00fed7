"""Where near homes begins: fixed cells, of which those near a home are private. Pure.

The district is cut into fixed cells. A cell any part of which lies within 150 m of a home is private: what
happens in it is shown at its centre. Whether a place is shown exactly depends on its cell alone, so that the
edge of what is hidden follows the grid, and cannot be drawn as circles around the homes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from fleet.geo import LonLat, haversine_m, snap_to_cell

HOME_M: Final = 150.0
CELL_M: Final = 300.0
_DIGITS: Final = 5  # about a metre
# Rows of the grid do not line up and cells are not quite square: a little is added to the half diagonal.
REACH_M: Final = HOME_M + CELL_M * math.sqrt(0.5) + 1.0
"""How far from a cell's centre a home may lie and still make the cell private."""


def cell_of(at: LonLat) -> LonLat:
    """The centre of the cell that holds a place."""
    return snap_to_cell(at, CELL_M)


def is_private(cell: LonLat, homes: Iterable[LonLat]) -> bool:
    """Whether a cell is private.

    Parameters
    ----------
    cell : its centre
    homes : all homes within `REACH_M` of it, at least
    """
    return any(haversine_m(cell, home) <= REACH_M for home in homes)


def told(at: LonLat) -> LonLat:
    """A place as it is sent."""
    return round(at[0], _DIGITS), round(at[1], _DIGITS)

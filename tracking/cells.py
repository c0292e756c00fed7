"""A fixed grid over the earth, and the part of it that a viewer looks at. Pure.

Cells are steps of longitude and latitude, equal for everybody, so that whoever looks at the same cell is told
the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

ZOOM: Final = 13
"""2^13 columns and as many rows: 0.044 by 0.022 degrees, at 36 degrees north 3.9 by 2.4 km."""
_SIDE: Final = 1 << ZOOM
_COLUMNS_A_DEG: Final = _SIDE / 360
_ROWS_A_DEG: Final = _SIDE / 180
MOST_BYTES: Final = 1024
"""The longest message that a viewer needs."""


class Cell(NamedTuple):
    """A cell of the grid, counted from 180 degrees west and from the south pole."""

    column: int
    row: int


def cell_of(lon: float, lat: float) -> Cell:
    """The cell that holds a place; the poles and 180 degrees east belong to the last one."""
    # Asked for every fix: counting from the corner, nothing is negative and `int` rounds down.
    column, row = int((lon + 180) * _COLUMNS_A_DEG), int((lat + 90) * _ROWS_A_DEG)
    return Cell(column if column < _SIDE else _SIDE - 1, row if row < _SIDE else _SIDE - 1)


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of whole cells, borders included; `west` beyond `east` lies over 180 degrees."""

    west: int
    south: int
    east: int
    north: int

    def holds(self, cell: Cell) -> bool:
        """Whether a cell lies in it."""
        if not self.south <= cell.row <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= cell.column <= self.east
        return cell.column >= self.west or cell.column <= self.east

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees: what was asked for, widened to whole cells."""
        lon, lat = 360 / _SIDE, 180 / _SIDE
        south_west = self.west * lon - 180, self.south * lat - 90
        return *south_west, (self.east + 1) * lon - 180, (self.north + 1) * lat - 90


def view_of(bounds: Sequence[float]) -> View:
    """The cells that a rectangle touches.

    Parameters
    ----------
    bounds : west, south, east, north in degrees; west > east where it lies over 180 degrees

    Raises
    ------
    ValueError : these are no bounds; says why.
    """
    if len(bounds) != 4:
        raise ValueError(f"view holds {len(bounds)} numbers; send [west, south, east, north] in degrees")
    west, south, east, north = bounds
    for name, value, most in (
        ("west", west, 180),
        ("south", south, 90),
        ("east", east, 180),
        ("north", north, 90),
    ):
        if not -most <= value <= most:  # not-a-number fails it too
            raise ValueError(f"{name} is {value:g}; send degrees between -{most} and {most}")
    if south > north:
        raise ValueError(f"south {south:g} lies north of north {north:g}; send [west, south, east, north]")
    first, last = cell_of(west, south), cell_of(east, north)
    if west > east and first.column == last.column:
        # All the way round, and back into the cell that it began in.
        return View(0, first.row, _SIDE - 1, last.row)
    return View(first.column, first.row, last.column, last.row)


class _Wish(msgspec.Struct, frozen=True):
    view: list[float] | None


_decoder = msgspec.json.Decoder(_Wish)


@dataclass(frozen=True, slots=True)
class Refused:
    """A viewer's message that cannot be followed, and why."""

    why: str


def wish_of(message: str | bytes) -> View | Refused | None:
    """What a viewer asks to see: cells, or None for everything."""
    if len(message) > MOST_BYTES:
        return Refused(f"the message has {len(message)} characters; send at most {MOST_BYTES}")
    try:
        bounds = _decoder.decode(message).view
        return None if bounds is None else view_of(bounds)
    except msgspec.DecodeError as error:
        return Refused(f'{error}; send {{"view": [west, south, east, north]}} or {{"view": null}}')
    except ValueError as error:
        return Refused(str(error))

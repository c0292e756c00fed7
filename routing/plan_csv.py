"""A plan as CSV that Excel opens as it is: a row a stop, then the unserved; headers as the asker reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from fleet.csv_cells import no_formula
from routing.sheaf import Left, Line, Sheaf

HEADERS: Final = (
    "Van",
    "No.",
    "Kind",
    "Place",
    "Whom",
    "Arrives",
    "Begins",
    "Leaves",
    "Window from",
    "Window to",
    "Portions",
    "Flags",
    "Notes",
    "Longitude",
    "Latitude",
)


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The file in pieces, a van at a time; times are the district's."""
    yield "\ufeff".encode() + _lines([[sheaf.say(each) for each in HEADERS]])
    for route in sheaf.routes:
        yield _lines(_row(line) for line in sheaf.lines(route.van_id))
    yield _lines(_left_row(sheaf, each) for each in sheaf.left())


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    cells = ([no_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(text).writerows(cells)
    return text.getvalue().encode()


def _row(line: Line) -> list[object]:
    times = (line.arrives, line.begins, line.leaves)
    return [
        line.van,
        line.seq,
        line.what,
        line.place,
        line.who,
        *(f"{each:%Y-%m-%d %H:%M:%S}" for each in times),
        *((f"{each:%H:%M}" for each in line.window) if line.window else ("", "")),
        "; ".join(f"{item} {cups}" for item, cups in line.portions),
        "; ".join(line.flags),
        "; ".join(line.notes),
        f"{line.lon:.6f}",
        f"{line.lat:.6f}",
    ]


def _left_row(sheaf: Sheaf, left: Left) -> list[object]:
    kind = "Unserved, mandatory" if left.mandatory else "Unserved"
    return ["", "", sheaf.say(kind), left.place, left.who, *[""] * 7, " | ".join(left.reasons), "", ""]

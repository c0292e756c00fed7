"""A van's run sheet: what its crew takes along on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.registry import Van
from maps import scene
from routing.sheaf import Line, Sheaf
from routing.stored import RouteRow

_CALLS = ("visit", "dropoff")
_NUMBERED = ("visit", "dropoff", "reload", "handover")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sheet. Beat passes that follow each other in one beat are one row, driven `times` times.

    `number` is what the map says too; empty for what the map does not number.
    """

    number: str
    line: Line
    until: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Load:
    """What is put aboard, at the depot or at a kitchen, to last until the next load."""

    at: datetime
    place: str
    portions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RunSheet:
    """One van's day on paper. `crew` may be empty."""

    van: str
    plate: str
    crew: str
    colour: str
    route: RouteRow
    starts: datetime
    ends: datetime
    rows: tuple[Row, ...]
    loads: tuple[Load, ...]

    @property
    def calls(self) -> int:
        """Visits and drop-offs."""
        return sum(row.line.kind in _CALLS for row in self.rows)

    @property
    def patrol_min(self) -> int:
        """Minutes of patrol."""
        return self.route.patrol_s // 60


def sheet_of(sheaf: Sheaf, route: RouteRow, crew: str = "") -> RunSheet:
    """Lay out one van's sheet."""
    lines = list(sheaf.lines(route.van_id))
    van: Van | None = sheaf.vans.get(route.van_id)
    return RunSheet(
        van=sheaf.van_name(route.van_id),
        plate=van.plate if van else "",
        crew=crew,
        colour=van.colour if van else "#51616f",
        route=route,
        starts=route.starts.astimezone(sheaf.zone),
        ends=route.ends.astimezone(sheaf.zone),
        rows=tuple(_rows(lines)),
        loads=tuple(_loads(lines)),
    )


def _rows(lines: Sequence[Line]) -> Iterator[Row]:
    number = 0
    held: Row | None = None
    for line in lines:
        if held is not None:
            if line.kind == "pass" and line.place == held.line.place:
                held = Row("", held.line, line.leaves, held.times + 1)
                continue
            yield held
            held = None
        if line.kind == "pass":
            held = Row("", line, line.leaves)
        elif line.kind in _NUMBERED:
            number += 1
            yield Row(str(number), line, line.leaves)
        else:
            yield Row("", line, line.leaves)
    if held is not None:
        yield held


def _loads(lines: Sequence[Line]) -> Iterator[Load]:
    """What each stretch between two loads hands out; a stretch without cups needs no load."""
    at: Line | None = None
    cups: dict[str, int] = {}
    for line in lines:
        if line.kind in ("start", "reload"):
            if at is not None and cups:
                yield Load(at.begins, at.place, tuple(cups.items()))
            at, cups = line, {}
        for item, n in line.portions:
            cups[item] = cups.get(item, 0) + n
    if at is not None and cups:
        yield Load(at.begins, at.place, tuple(cups.items()))


def scene_of(sheet: RunSheet) -> scene.Scene:
    """The van's map: its line, and its calls by their numbers on the sheet, later ones below earlier ones."""
    stops = tuple(
        scene.Stop(
            row.line.stop_id,
            row.line.van_id,
            sheet.colour,
            row.line.kind,
            "to_come",
            (row.line.lon, row.line.lat),
            row.number,
        )
        for row in reversed(sheet.rows)
        if row.number or row.line.kind == "start"
    )
    points = [*sheet.route.line, *((row.line.lon, row.line.lat) for row in sheet.rows)]
    return scene.Scene(
        centre=points[0] if points else (0.0, 0.0),
        routes=(scene.Route(sheet.route.van_id, sheet.colour, sheet.route.line),),
        stops=stops,
        bounds=scene.bounds_of(points, pad_deg=0.001),
    )

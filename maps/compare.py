"""Two or three plans of a day side by side: level by level, van by van, and what stands on one map. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.words import Locale, translate
from maps import scene
from maps.sheet import Sheet, van_name

COLOURS = ("#2fb7c9", "#f2c14e", "#c58bff")
"""One a plan; never red."""
MOST = len(COLOURS)
_CALLS = ("visit", "dropoff")
_DRAWN = frozenset({"visit", "dropoff", "reload"})


@dataclass(frozen=True, slots=True)
class LevelWords:
    """What a level is called, and whether its value is seconds, minutes or a count."""

    name: str
    unit: str


LEVELS = {
    "sos_missed": LevelWords("SOS calls missed", "n"),
    "mandatory_missed": LevelWords("Mandatory visits missed", "n"),
    "prize_missed": LevelWords("Urgency left out", "n"),
    "patrol_short_min": LevelWords("Patrol hours missing", "min"),
    "unseen_min": LevelWords("Longest unseen", "min"),
    "portions_missed": LevelWords("Servings missing", "n"),
    "cost": LevelWords("Weighted sum", "s"),
    "naps": LevelWords("Naps disturbed", "n"),
    "moved": LevelWords("Promises moved", "n"),
    "unfamiliar": LevelWords("By another crew", "n"),
    "imbalance_s": LevelWords("Week's imbalance", "s"),
    "overtime_s": LevelWords("Overtime", "s"),
    "drive_s": LevelWords("Driving", "s"),
}
_COMPARED = ("sos_missed", "mandatory_missed", "prize_missed", "patrol_short_min", "unseen_min",
             "portions_missed", "cost")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as it is read, and whether it is the best or the worst of its row; None where all are equal."""

    said: str
    best: bool | None


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level of all plans; `part` of the weighted sum it is shown under and not compared by itself."""

    name: str
    part: bool
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class VanDay:
    """A van's route in one plan, ready to be read."""

    calls: int
    patrol: str
    driving: str
    km: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class VanRow:
    """A van in each plan; None where it has no route."""

    name: str
    days: tuple[VanDay | None, ...]


def said_of(key: str, value: int) -> str:
    """A level's value with its unit."""
    unit = LEVELS[key].unit if key in LEVELS else "n"
    if unit == "n":
        return str(value)
    minutes = value if unit == "min" else value // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def level_rows(sheets: Sequence[Sheet], locale: Locale) -> list[LevelRow]:
    """The levels that all plans have, highest first."""
    keys = [key for key in LEVELS if all(key in sheet.version.levels for sheet in sheets)]
    return [
        LevelRow(
            translate(locale, LEVELS[key].name),
            key not in _COMPARED,
            tuple(_figures([sheet.version.levels[key] for sheet in sheets], key)),
        )
        for key in keys
    ]


def _figures(values: Sequence[int], key: str) -> list[Figure]:
    low, high = min(values), max(values)
    return [
        Figure(
            said_of(key, each),
            None if low == high else True if each == low else False if each == high else None,
        )
        for each in values
    ]


def better_of(sheets: Sequence[Sheet]) -> int | None:
    """The plan whose levels are smallest, compared as a tuple; None where none is better than all others."""
    ranks = [tuple(sheet.version.levels.get(key, 0) for key in _COMPARED) for sheet in sheets]
    best = min(ranks)
    return ranks.index(best) if ranks.count(best) == 1 else None


def van_rows(sheets: Sequence[Sheet], locale: Locale) -> list[VanRow]:
    """The vans of all plans, those of the registry first."""
    ids = sorted({route.van_id for sheet in sheets for route in sheet.routes}, key=lambda n: (n < 0, abs(n)))
    vans = {van.id: van for sheet in sheets for van in sheet.vans}
    return [
        VanRow(van_name(vans.get(n), n, locale), tuple(_van_day(sheet, n) for sheet in sheets)) for n in ids
    ]


def _van_day(sheet: Sheet, van_id: int) -> VanDay | None:
    route = next((each for each in sheet.routes if each.van_id == van_id), None)
    if route is None:
        return None
    return VanDay(
        calls=sum(stop.van_id == van_id and stop.kind in _CALLS for stop in sheet.stops),
        patrol=f"{route.patrol_s / 3600:.1f}",
        driving=said_of("drive_s", route.drive_s),
        km=round(route.drive_m / 1000),
        starts=route.starts,
        ends=route.ends,
    )


def drawn_plans(sheets: Sequence[Sheet], names: Sequence[str]) -> tuple[scene.Drawn, ...]:
    """Each plan's routes and stops in its own colour."""
    return tuple(
        scene.Drawn(
            name,
            tuple(scene.Route(route.van_id, colour, route.points) for route in sheet.routes),
            tuple(
                scene.Stop(stop.id, stop.van_id, colour, stop.kind, "to_come", stop.at)
                for stop in sheet.stops
                if stop.kind in _DRAWN
            ),
        )
        for sheet, name, colour in zip(sheets, names, COLOURS, strict=False)
    )

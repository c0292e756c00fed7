"""The board of a beat, put up in its neighbourhood: who serves it, on which days. No word of any elder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from fleet.words import Locale, translate
from maps.naming import WEEKDAYS
from maps.scene import Beat, Place, Scene, bounds_of

DAYS_AHEAD: Final = 14
"""So many days of shifts tell the usual days of a week."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when a van is out, on these weekdays (0 is Monday, ascending), by the district's clock."""

    weekdays: tuple[int, ...]
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class ServingVan:
    """A van that serves the beat."""

    name: str
    plate: str
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What the board says.

    Parameters
    ----------
    passes : fewest and most passes a shift that the beat's places are to get; None for a beat without places
    """

    area: Beat
    vans: tuple[ServingVan, ...]
    passes: tuple[int, int] | None


def hours_of(shifts: Iterable[tuple[date, time, time]]) -> tuple[Hours, ...]:
    """The usual hours of a week, weekdays of the same hours together, in the order of their first day.

    Parameters
    ----------
    shifts : day, beginning and end of each; of several on one weekday each pair of hours counts once

    Returns
    -------
    The same for any order of the shifts.
    """
    weekdays: dict[tuple[time, time], set[int]] = {}
    for day, starts, ends in shifts:
        weekdays.setdefault((starts, ends), set()).add(day.weekday())
    found = [Hours(tuple(sorted(days)), *times) for times, days in weekdays.items()]
    return tuple(sorted(found, key=lambda each: (each.weekdays, each.starts, each.ends)))


def weekday_words(weekdays: Sequence[int], locale: Locale) -> str:
    """Ascending weekdays in words: three and more in a row by their first and last."""
    said = []
    for run in _runs(weekdays):
        names = [translate(locale, WEEKDAYS[day]) for day in run]
        if len(run) > 2:
            said.append(translate(locale, "{first} to {last}", first=names[0], last=names[-1]))
        else:
            said.extend(names)
    return ("、" if locale == "zh" else ", ").join(said)


def _runs(weekdays: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in weekdays:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def scene_of(notice: Notice, places: Sequence[Place]) -> Scene:
    """The board's map: the beat's outline and the public places around it."""
    points = [point for part in notice.area.parts for ring in part for point in ring]
    return Scene(
        centre=points[0], beats=(notice.area,), places=tuple(places), bounds=bounds_of(points, pad_deg=0.001)
    )

"""The board of a beat, put up in its neighbourhood: who serves it, on which days. No word of any elder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
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
class Call:
    """A planned call of a van, at a place or, as a pass, in a beat.

    Parameters
    ----------
    beat : the passed beat's code; None for no pass
    """

    kind: str
    site_id: int | None
    beat: str | None
    arrives: datetime
    leaves: datetime


@dataclass(frozen=True, slots=True)
class Passing:
    """In which whole hours of a day a van is planned to be in the beat, or at a centre.

    Parameters
    ----------
    site_id : the centre; None for the beat itself
    hours : from the one to the other by the district's clock, 0 to 24, ascending, never touching
    """

    site_id: int | None
    hours: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ServingVan:
    """A van that serves the beat; where it is by the day's plan, if there is one."""

    name: str
    plate: str
    hours: tuple[Hours, ...]
    passing: tuple[Passing, ...] = ()


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


def passing_of(calls: Iterable[Call], beat: str, centres: Sequence[int], zone: tzinfo) -> tuple[Passing, ...]:
    """Where a van's plan takes it, as a board may tell: the beat first, then centres in the order given.

    Parameters
    ----------
    calls : of one van and day, in any order; those at homes and stop points, and those of the depot at the
        day's ends, decide nothing
    beat : the board's beat by its code

    Returns
    -------
    Whole hours only: when within an hour a van comes or goes decides nothing either.
    """
    touched: dict[int | None, set[int]] = {}
    for call in calls:
        if call.kind == "pass" and call.beat == beat:
            touched.setdefault(None, set()).update(_hours(call, zone))
        elif call.site_id in centres and call.kind not in ("start", "end"):
            touched.setdefault(call.site_id, set()).update(_hours(call, zone))
    return tuple(
        Passing(place, tuple((run[0], run[-1] + 1) for run in _runs(sorted(touched[place]))))
        for place in (None, *centres)
        if place in touched
    )


def _hours(call: Call, zone: tzinfo) -> set[int]:
    at = call.arrives.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hours = {at.hour}
    while (at := at + timedelta(hours=1)) < call.leaves:
        hours.add(at.hour)
    return hours


def hours_words(hours: Iterable[tuple[int, int]], locale: Locale) -> str:
    """Spans of whole hours in words."""
    return ("、" if locale == "zh" else ", ").join(f"{begins:02d}:00–{ends:02d}:00" for begins, ends in hours)


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

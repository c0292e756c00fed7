"""A van's day from the database to its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput, NotFound
from fleet.geo import LonLat
from fleet.registry import Beat, District, Shift, Site, Van
from fleet.units import moment_of, ms_of
from tracking import history
from tracking.coverage import BeatCells
from tracking.ledger import Ground, Stretch, Tap, Told, area_of, columns_of
from tracking.proof import DayProof, Facts, VanDay, prove
from tracking.statements import TEXTS
from tracking.track import Fixes


@dataclass(frozen=True, slots=True)
class DistrictDay:
    """What the registry says of a district on a day: read once for all its vans."""

    district: District
    day: date
    within: Stretch
    vans: Mapping[int, Van]
    sites: tuple[Site, ...]
    beats: Mapping[int, Beat]
    beats_of: Mapping[int, list[int]]
    shifts: Mapping[int, Shift]

    def beats_for(self, van_id: int) -> list[Beat]:
        """The beats that are a van's on this day."""
        return [self.beats[beat_id] for beat_id in self.beats_of.get(van_id, ()) if beat_id in self.beats]

    def hours_of(self, van_id: int) -> Stretch | None:
        """A van's shift; None where it has none."""
        shift = self.shifts.get(van_id)
        return None if shift is None else Stretch(ms_of(shift.starts), ms_of(shift.ends))


def proof_of_day(conn: sa.Connection, district_id: int, van_id: int, day: date, now: datetime) -> DayProof:
    """Prove what a van did on a day, from all that is stored of it.

    Parameters
    ----------
    day : of the district's calendar
    now : domain time, aware: a day that is not over is proved until then

    Raises
    ------
    NotFound : there is no such district, or it has no such van.
    InvalidInput : the calendar ends before the day does.
    """
    return proof_in(conn, district_day(conn, district_id, day), van_id, now)


def proof_in(conn: sa.Connection, known: DistrictDay, van_id: int, now: datetime) -> DayProof:
    """The same, where the district's day is read already."""
    return prove(facts_of(conn, known, van_id, now))


def district_day(conn: sa.Connection, district_id: int, day: date) -> DistrictDay:
    """Read what the registry says of a day.

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : the calendar ends before the day does.
    """
    district = registry.district(conn, district_id)
    return DistrictDay(
        district,
        day,
        day_within(district, day),
        {van.id: van for van in registry.vans(conn, district_id)},
        registry.sites(conn, district_id),
        {beat.id: beat for beat in registry.beats(conn, district_id)},
        registry.beats_of(conn, district_id, day),
        {shift.van_id: shift for shift in registry.shifts(conn, district_id, day)},
    )


def day_within(district: District, day: date) -> Stretch:
    """From a day's midnight to the next where the district lies.

    Raises
    ------
    InvalidInput : the calendar ends before the day does.
    """
    if day.year in (date.min.year, date.max.year):
        raise InvalidInput("The day {day} has no track. Choose one that has been.", day=day)
    zone = ZoneInfo(district.timezone)
    starts, ends = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return Stretch(ms_of(starts), ms_of(ends))


def facts_of(conn: sa.Connection, known: DistrictDay, van_id: int, now: datetime) -> Facts:
    """Read all that a van's day is proved from.

    Raises
    ------
    NotFound : the district has no such van.
    """
    if van_id not in known.vans:
        raise NotFound("There is no van {van} in this district.", van=van_id)
    starts, ends = (moment_of(each) for each in known.within)
    stored = history.fixes_of(conn, van_id, starts, ends)
    return facts_with(conn, known, {van_id: stored}, now)[van_id]


def facts_with(
    conn: sa.Connection, known: DistrictDay, stored: Mapping[int, Fixes], now: datetime
) -> Mapping[int, Facts]:
    """The same of several vans, by van, their fixes being read already."""
    vans = list(stored)
    params = {"district_id": known.district.id, "day": known.day, "van_ids": vans}
    primary = history.primary_terminals(conn, vans)
    planned = _by_van(conn.exec_driver_sql(TEXTS["places_of_plan"], params))
    told = told_of(conn, known, vans, now)
    found = {}
    for van_id, fixes in stored.items():
        own = known.beats_for(van_id)
        found[van_id] = Facts(
            VanDay(known.district.id, van_id, known.day),
            known.within,
            fixes,
            primary.get(van_id),
            _ground_of(known, own, [(lon, lat) for lon, lat in planned.get(van_id, ())]),
            columns_of([(cell.lon, cell.lat) for beat in own for cell in beat.cells]),
            told[van_id],
            tuple(BeatCells(beat.id, len(beat.cells)) for beat in own),
        )
    return found


def told_of(
    conn: sa.Connection, known: DistrictDay, van_ids: Sequence[int], now: datetime
) -> Mapping[int, Told]:
    """What is known of vans' days beside their tracks, by van."""
    starts_ms, ends_ms = known.within
    until_ms = max(starts_ms, min(ends_ms, ms_of(now)))
    params = {"van_ids": list(van_ids), "starts": moment_of(starts_ms), "ends": moment_of(ends_ms)}
    taps = _by_van(conn.exec_driver_sql(TEXTS["taps_of_vans"], params))
    calls = _by_van(conn.exec_driver_sql(TEXTS["calls_of_vans"], params))
    return {
        van_id: Told(
            until_ms,
            known.hours_of(van_id),
            tuple(Tap(*row) for row in taps.get(van_id, ())),
            tuple(
                Stretch(accepted_ms, until_ms if closed_ms is None else closed_ms)
                for accepted_ms, closed_ms in calls.get(van_id, ())
            ),
        )
        for van_id in van_ids
    }


def _ground_of(known: DistrictDay, own: Sequence[Beat], planned: Sequence[LonLat]) -> Ground:
    depots = [(site.lon, site.lat) for site in known.sites if site.is_depot or site.is_kitchen]
    doors = [(site.lon, site.lat) for site in known.sites if not (site.is_depot or site.is_kitchen)]
    areas = tuple(area_of(beat.polygons) for beat in own)
    return Ground(areas, columns_of(depots), columns_of([*planned, *doors]))


def _by_van(rows: Iterable[sa.Row[Any]]) -> dict[int, list[Sequence[Any]]]:
    found: dict[int, list[Sequence[Any]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found

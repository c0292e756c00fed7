"""A day as the database kept it: tracks, planned stops, taps, calls for help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

from fleet import registry, sos_store, sql
from fleet.errors import InvalidInput, NotFound
from fleet.registry import Van, mask_name
from fleet.sos import Case
from replay.playback import Span
from tracking import history
from tracking.outliers import sound
from tracking.stays import Stay, find_stays
from tracking.track import Floats, choose, find_gaps

_QUERIES = sql.load(Path(__file__).with_name("queries.sql"))
_STAY_S = 180.0
"""The timeline marks stays from so long on."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A crew's tap: when, what, at which planned stop, and where if the terminal knew."""

    t_ms: int
    kind: str
    stop_id: int | None
    task: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop as it was planned; times in epoch milliseconds. ``name`` is a place, a beat or a masked name."""

    id: int
    seq: int
    kind: str
    name: str
    lon: float
    lat: float
    arrives: int
    begins: int
    leaves: int


@dataclass(frozen=True, slots=True)
class VanDay:
    """One van's day.

    The track travels as integers, millionths of a degree, as stored (7 decimals hold nothing more).
    """

    van: Van
    t_ms: tuple[int, ...]
    lon_e6: tuple[int, ...]
    lat_e6: tuple[int, ...]
    gaps: tuple[Span, ...]
    stays: tuple[Stay, ...]
    stops: tuple[PlannedStop, ...]
    route: tuple[tuple[float, float], ...]
    taps: tuple[Tap, ...]


@dataclass(frozen=True, slots=True)
class DayBounds:
    """A district's day: from its midnight to the next, aware."""

    day: date
    start: datetime
    end: datetime
    timezone: str


def bounds_of(conn: sa.Connection, district_id: int, day: date) -> DayBounds:
    """When a day begins and ends where the district lies.

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : the calendar ends before the day does.
    """
    if day.year in (date.min.year, date.max.year):
        raise InvalidInput("The day {day} cannot be replayed. Choose one that has been.", day=day)
    name = registry.district(conn, district_id).timezone
    zone = ZoneInfo(name)
    next_day = day + timedelta(days=1)
    return DayBounds(day, datetime.combine(day, time(), zone), datetime.combine(next_day, time(), zone), name)


def find_van(conn: sa.Connection, district_id: int, van_id: int) -> Van:
    """One van of a district.

    Raises
    ------
    NotFound : it is none of this district's.
    """
    for van in registry.vans(conn, district_id):
        if van.id == van_id:
            return van
    raise NotFound("There is no van {van} in this district.", van=van_id)


def van_day(conn: sa.Connection, district_id: int, van: Van, bounds: DayBounds) -> VanDay:
    """Everything of one van's day."""
    params = {
        "van_id": van.id,
        "district_id": district_id,
        "day": bounds.day,
        "start": bounds.start,
        "end": bounds.end,
    }
    stored = history.fixes_of(conn, van.id, bounds.start, bounds.end)
    track = sound(choose(stored, history.primary_terminals(conn, [van.id]).get(van.id)))
    routes = rows(conn, "route_of_van", params)
    return VanDay(
        van=van,
        t_ms=tuple(track.t_ms.tolist()),
        lon_e6=_e6(track.lon),
        lat_e6=_e6(track.lat),
        gaps=tuple(Span(starts_ms, ends_ms) for starts_ms, ends_ms in find_gaps(track)),
        stays=find_stays(track, min_dwell_s=_STAY_S),
        stops=tuple(_stop(row) for row in rows(conn, "stops_of_van", params)),
        route=tuple((lon, lat) for row in routes for lon, lat in row["line"]),
        taps=tuple(Tap(**row) for row in rows(conn, "taps_of_van", params)),
    )


def cases_of_day(conn: sa.Connection, district_id: int, bounds: DayBounds) -> list[Case]:
    """The calls for help of the day."""
    return sos_store.list_between(conn, district_id, bounds.start, bounds.end)


def days_with_tracks(conn: sa.Connection, district_id: int) -> list[date]:
    """Days on which any van of the district was seen, the newest first, at most 60."""
    timezone = registry.district(conn, district_id).timezone
    found = rows(conn, "days_with_tracks", {"district_id": district_id, "timezone": timezone})
    return [row["day"] for row in found]


def _e6(degrees: Floats) -> tuple[int, ...]:
    return tuple(np.rint(degrees * 1_000_000).astype(np.int64).tolist())


def _stop(row: dict[str, Any]) -> PlannedStop:
    who = mask_name(row["who"]) if row["who"] else ""
    fields = ("id", "seq", "kind", "lon", "lat", "arrives", "begins", "leaves")
    return PlannedStop(name=who or row["place"] or row["beat"] or "", **{each: row[each] for each in fields})


def rows(conn: sa.Connection, name: str, params: dict[str, object]) -> list[dict[str, Any]]:
    """Run a named statement of this package in the connection's transaction."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        # The statements are our own file's; psycopg asks for a literal to keep strings from being built.
        cursor.execute(_QUERIES[name].encode(), params)
        return cursor.fetchall()

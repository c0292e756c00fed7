"""Reads what a van's day is judged by: its calls and what was tapped at them.

A call is what was planned for an elder or a place on a day. A plan that is published anew gives its stops new
numbers; the call, and what was tapped at its older stops, stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import sqlalchemy as sa
from psycopg.rows import dict_row

from fleet import registry, sql
from replay.facts import Call, Planned, Tap, Told

_QUERIES = sql.load(Path(__file__).with_name("evidence.sql"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """A district's day: from its midnight to the next, aware."""

    start: datetime
    end: datetime


def bounds_of(conn: sa.Connection, district_id: int, day: date) -> Bounds:
    """When a day begins and ends where the district lies.

    Raises
    ------
    NotFound : there is no such district.
    """
    zone = ZoneInfo(registry.district(conn, district_id).timezone)
    next_day = day + timedelta(days=1)
    return Bounds(datetime.combine(day, time(), zone), datetime.combine(next_day, time(), zone))


def calls_of_van(
    conn: sa.Connection, district_id: int, van_id: int, day: date, bounds: Bounds
) -> tuple[Call, ...]:
    """The calls that the published plan of a day gives a van, and any other of that day that it tapped at."""
    params = {"district_id": district_id, "van_id": van_id, "day": day, "start": bounds.start}
    return calls_of_stops(conn, district_id, [row["id"] for row in rows(conn, "stops_of_van", params)])


def calls_of_stops(conn: sa.Connection, district_id: int, stop_ids: Sequence[int]) -> tuple[Call, ...]:
    """The calls that stops belong to, each once; stops of drafts and of other districts belong to none."""
    if not stop_ids:
        return ()
    params: dict[str, object] = {"district_id": district_id, "stop_ids": list(stop_ids)}
    by_source: dict[str, list[dict[str, Any]]] = {}
    for row in rows(conn, "calls_of_stops", params):
        by_source.setdefault(row["call"], []).append(row)
    asked = set(stop_ids)
    by_source = {call: of for call, of in by_source.items() if asked & {row["id"] for row in of}}
    every = [row["id"] for of in by_source.values() for row in of]
    told: dict[int, list[Told]] = {stop_id: [] for stop_id in every}
    for row in rows(conn, "taps_of_stops", {"district_id": district_id, "stop_ids": every}):
        told[row["stop_id"]].append(_told(row))
    return tuple(_call(source, by_source[source], told) for source in sorted(by_source))


def readings_of_van(conn: sa.Connection, district_id: int, van_id: int, bounds: Bounds) -> tuple[Tap, ...]:
    """Temperatures of a van's day that name no stop."""
    params = {"district_id": district_id, "van_id": van_id, "start": bounds.start, "end": bounds.end}
    return tuple(_told(row).tap for row in rows(conn, "readings_of_van", params))


def rows(conn: sa.Connection, name: str, params: Mapping[str, object]) -> list[dict[str, Any]]:
    """Run a named statement of evidence in the connection's transaction."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        # The statements are our own file's; psycopg asks for a literal to keep strings from being built.
        cursor.execute(_QUERIES[name].encode(), params)
        return cursor.fetchall()


def _call(source: str, of: Sequence[dict[str, Any]], told: Mapping[int, Sequence[Told]]) -> Call:
    published = [row for row in of if row["status"] == "published"]
    newest = (published or of)[-1]
    taps = [
        replace(each, tap=replace(each.tap, stop_id=newest["id"])) for row in of for each in told[row["id"]]
    ]
    fields = ("id", "seq", "kind", "lon", "lat", "begins_ms", "leaves_ms", "window_from_ms", "window_to_ms")
    return Call(
        source=source,
        day=newest["day"],
        stop=Planned(**{name: newest[name] for name in fields}),
        van_id=newest["van_id"],
        is_planned=bool(published),
        site_id=newest["site_id"],
        recipient_id=newest["recipient_id"],
        channel=newest["channel"],
        taps=tuple(sorted(taps, key=lambda each: (each.tap.t_ms, each.tap.terminal_id, each.tap.id))),
    )


def _told(row: Mapping[str, Any]) -> Told:
    fields = ("terminal_id", "id", "t_ms", "kind", "stop_id", "lon", "lat", "pictures", "celsius")
    return Told(row["van_id"], Tap(**{name: row[name] for name in fields}))

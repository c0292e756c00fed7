"""A district's day as the database holds it now: everything the screens are made of, read in one go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import journal, registry, sos_store, sql
from fleet.registry import Beat, District, MenuItem, Shift, Site, Van
from fleet.season import DaySeason
from fleet.seasons import season_of
from fleet.sos import Case
from maps.scene import LonLat
from tracking import alert_store, fence_store
from tracking.alert_store import Stored
from tracking.fence_store import Entry

_SQL = sql.load(Path(__file__).with_name("queries.sql"))
_MOST_ALERTS = 80
CLOSING = ("done", "no_answer", "declined")


@dataclass(frozen=True, slots=True)
class Plan:
    """The published plan of the day."""

    id: int
    version: int
    basis: str


@dataclass(frozen=True, slots=True)
class Route:
    """One van's planned route; `points` is the line on the road."""

    van_id: int
    starts: datetime
    ends: datetime
    patrol_s: int
    drive_s: int
    drive_m: int
    points: tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A planned call. `recipient` is a full name: mask it before it leaves."""

    id: int
    van_id: int
    seq: int
    kind: str
    at: LonLat
    arrives: datetime
    begins: datetime
    leaves: datetime
    items: Mapping[str, int]
    doorstep: bool
    name: str
    name_en: str
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Unserved:
    """A visit without a place in the plan, and the proved reasons by van."""

    mandatory: bool
    name: str
    name_en: str
    recipient: str | None
    channel: str | None
    reasons: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Tap:
    """What a crew said."""

    van_id: int
    kind: str
    t: datetime
    stop_id: int | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """The newest good fix of a van."""

    van_id: int
    t: datetime
    at: LonLat
    heading_deg: float | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """A part of a whole."""

    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Calls whose greatest gap has passed; `days` past it at most."""

    n: int
    days: float


@dataclass(frozen=True, slots=True)
class Day:
    """A district's day, as of `now`. Times are aware; `start` is the day's midnight there."""

    now: datetime
    day: date
    start: datetime
    state: int
    district: District
    vans: tuple[Van, ...]
    sites: tuple[Site, ...]
    beats: tuple[Beat, ...]
    beats_of: Mapping[int, list[int]]
    shifts: tuple[Shift, ...]
    menu: tuple[MenuItem, ...]
    plan: Plan | None
    routes: tuple[Route, ...]
    stops: tuple[Stop, ...]
    unserved: tuple[Unserved, ...]
    taps: tuple[Tap, ...]
    positions: Mapping[int, Position]
    calls: tuple[Case, ...]
    journal: tuple[journal.Entry, ...]
    monthly: Count
    overdue: Overdue
    season: DaySeason
    alerts: tuple[Stored, ...] = ()
    fences: tuple[Entry, ...] = ()

    @property
    def closed(self) -> Mapping[int, Tap]:
        """How each stop that is over ended, by stop id."""
        return {tap.stop_id: tap for tap in self.taps if tap.stop_id is not None and tap.kind in CLOSING}


def day_start(district: District, day: date) -> datetime:
    """Midnight of a day in the district."""
    return datetime.combine(day, time.min, ZoneInfo(district.timezone))


def read_day(conn: sa.Connection, district_id: int, now: datetime) -> Day:
    """Read the day that `now` falls into.

    Parameters
    ----------
    now : domain time, aware

    Raises
    ------
    NotFound : there is no such district.
    """
    district = registry.district(conn, district_id)
    today = now.astimezone(ZoneInfo(district.timezone)).date()
    start = day_start(district, today)
    vans = registry.vans(conn, district_id)
    state = journal.current(conn, district_id)
    plan = read_published(conn, district_id, today)
    ask = partial(read_rows, conn)
    return Day(
        now=now,
        day=today,
        start=start,
        state=state,
        district=district,
        vans=vans,
        sites=tuple(each for kind in ("centre",) for each in registry.sites(conn, district_id, kind)),
        beats=registry.beats(conn, district_id),
        beats_of=registry.beats_of(conn, district_id, today),
        shifts=registry.shifts(conn, district_id, today),
        menu=registry.menu(conn, district_id),
        plan=plan,
        routes=read_routes(conn, plan.id) if plan else (),
        stops=read_stops(conn, plan.id) if plan else (),
        unserved=read_unserved(conn, plan.id) if plan else (),
        taps=tuple(
            Tap(**row) for row in ask("taps", vans=[van.id for van in vans], to=now, **{"from": start})
        ),
        positions={row["van_id"]: _position(row) for row in ask("positions", district=district_id)},
        calls=tuple(sos_store.list_open(conn, district_id)),
        journal=tuple(
            entry
            for entry in journal.latest(conn, district_id, 200)
            if entry.at >= start - timedelta(hours=6)
        ),
        monthly=_count(ask("monthly", district=district_id, now=now)[0]),
        overdue=_overdue(ask("overdue", district=district_id, now=now)[0]),
        season=season_of(conn, district_id, today),
        alerts=alert_store.lately(conn, district_id, start, _MOST_ALERTS),
        fences=fence_store.entries(conn, district_id),
    )


def read_rows(conn: sa.Connection, name: str, **params: object) -> Sequence[Mapping[str, Any]]:
    """Run a statement of `queries.sql`."""
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], params).mappings()]


def _count(row: Mapping[str, Any]) -> Count:
    return Count(row["seen"], row["total"])


def _overdue(row: Mapping[str, Any]) -> Overdue:
    return Overdue(row["n"], float(row["days"]))


def _position(row: Mapping[str, Any]) -> Position:
    return Position(row["van_id"], row["t"], (row["lon"], row["lat"]), row["heading_deg"], row["received_at"])


def read_published(conn: sa.Connection, district_id: int, day: date) -> Plan | None:
    """The plan published for a day, if any."""
    rows = read_rows(conn, "published", district=district_id, day=day)
    return Plan(rows[0]["id"], rows[0]["version"] or 0, rows[0]["basis"]) if rows else None


def read_routes(conn: sa.Connection, plan_id: int) -> tuple[Route, ...]:
    """The routes of a plan, by van."""
    return tuple(
        Route(
            **{key: value for key, value in row.items() if key != "line"},
            points=tuple((p[0], p[1]) for p in json.loads(row["line"])["coordinates"]) if row["line"] else (),
        )
        for row in read_rows(conn, "routes", plan=plan_id)
    )


def read_stops(conn: sa.Connection, plan_id: int) -> tuple[Stop, ...]:
    """The stops of a plan, by van and order."""
    return tuple(stop_of(row, row["van_id"]) for row in read_rows(conn, "stops", plan=plan_id))


def stop_of(row: Mapping[str, Any], van_id: int) -> Stop:
    """A row of a stop with its site, beat and recipient."""
    return Stop(
        id=row["id"],
        van_id=van_id,
        seq=row["seq"],
        kind=row["kind"],
        at=(row["lon"], row["lat"]),
        arrives=row["arrives"],
        begins=row["begins"],
        leaves=row["leaves"],
        items=row["items"],
        doorstep=row["site_kind"] == "home",
        name=row["site_name"] or row["beat_name"] or "",
        name_en=row["site_name_en"] or row["beat_name_en"] or "",
        recipient=row["recipient"],
    )


def read_unserved(conn: sa.Connection, plan_id: int) -> tuple[Unserved, ...]:
    """What a plan leaves out, the gravest first."""
    return tuple(
        Unserved(
            mandatory=row["mandatory"],
            name=row["site_name"],
            name_en=row["site_name_en"],
            recipient=row["recipient"],
            channel=row["channel"],
            reasons=row["reasons"],
        )
        for row in read_rows(conn, "unserved", plan=plan_id)
    )


def read_homes(conn: sa.Connection, district_id: int) -> tuple[tuple[LonLat, int], ...]:
    """Where elders live, and how many at each place."""
    return tuple(
        ((row["lon"], row["lat"]), row["elders"]) for row in read_rows(conn, "homes", district=district_id)
    )

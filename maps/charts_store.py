"""What the charts of a day are made of, read from the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from fleet import registry, sos_store, sql
from fleet.errors import InvalidInput
from fleet.registry import District
from maps import covered
from maps.charts import DAYS, DayCount, Known
from maps.day import Tap, day_start, read_published, read_rows, read_stops
from routing.cadence import standings
from routing.outlook import last_days
from tracking import day_store

_SQL = sql.load(Path(__file__).with_name("charts.sql"))


def read(conn: sa.Connection, district: District, day: date, now: datetime) -> Known:
    """Read a day, until `now` where it is not over.

    Raises
    ------
    InvalidInput : the calendar ends near the day.
    """
    if not date.min.year < day.year < date.max.year:
        raise InvalidInput("The day {day} cannot be shown. Choose one that has been.", day=day)
    start = day_start(district, day)
    end = max(start, min(now, day_start(district, day + timedelta(days=1))))
    vans = registry.vans(conn, district.id)
    plan = read_published(conn, district.id, day)
    tracks = covered.read_tracks(conn, [van.id for van in vans], (start, end))
    seen = covered.read_coverage(
        conn, district.id, day, (start, end), {van_id: track for van_id, (track, _) in tracks.items()}
    )
    taps = read_rows(conn, "taps", vans=[van.id for van in vans], to=end, **{"from": start})
    return Known(
        now=now,
        day=day,
        vans=vans,
        ledgers={kept.van_id: kept for kept in day_store.read(conn, district.id, day, day)},
        stops=read_stops(conn, plan.id) if plan else (),
        taps=tuple(Tap(**row) for row in taps),
        calls=tuple(sos_store.list_between(conn, district.id, start, end)),
        coverage=tuple(each for _, each in seen),
        visits=tuple(_visits(conn, district, day, now)),
    )


def _visits(conn: sa.Connection, district: District, day: date, now: datetime) -> list[DayCount]:
    """The day and those before it, as they stood each morning; days to come are left out."""
    days = [day - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    first, last = day_start(district, days[0]), min(now, day_start(district, day + timedelta(days=1)))
    params = {"district": district.id, "zone": district.timezone, "starts": first, "ends": last}
    done = {row.day: row.n for row in conn.exec_driver_sql(_SQL["done"], params)}
    cadences = [each for each in registry.cadences(conn, district.id) if each.channel != "call"]
    found = []
    for each in days:
        if day_start(district, each) > now:
            continue
        states = [stands.state for stands in standings(cadences, last_days(conn, district, each), each)]
        overdue = states.count("overdue")
        due = overdue + states.count("last_day") + states.count("due")
        found.append(DayCount(each, due, overdue, done.get(each, 0)))
    return found

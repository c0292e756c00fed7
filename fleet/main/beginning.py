"""What vans have begun of the day's published plan, told to the planner's desk as stored stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.context import Context
from maps.crew import heading_for
from maps.day import Stop, Tap, day_start, read_published, read_rows, read_stops


def look(conn: sa.Connection, context: Context, district_id: int, day: date) -> Sequence[int]:
    """The stops of visits that are done, passed over, served or driven to; none on another day than today."""
    now = context.clock.now()
    district = registry.district(conn, district_id)
    if now.astimezone(ZoneInfo(district.timezone)).date() != day:
        return ()
    published = read_published(conn, district_id, day)
    if published is None:
        return ()
    stops = read_stops(conn, published.id)
    vans = sorted({stop.van_id for stop in stops})
    since = {"vans": vans, "from": day_start(district, day), "to": now}
    taps = [Tap(**row) for row in read_rows(conn, "taps", **since)]
    return [
        stop_id
        for van in vans
        for stop_id in begun(
            [stop for stop in stops if stop.van_id == van], [tap for tap in taps if tap.van_id == van], now
        )
    ]


def begun(stops: Sequence[Stop], taps: Sequence[Tap], now: datetime) -> Iterator[int]:
    """Of one van's stops those that it cannot be taken off any more; none before it leaves."""
    known = {stop.id for stop in stops}
    if stops[0].leaves > now and not any(tap.stop_id in known for tap in taps):
        return
    goal = heading_for(stops, taps, now)
    for stop in stops:
        if stop.kind in ("visit", "dropoff") and (goal is None or stop.seq <= goal.seq):
            yield stop.id

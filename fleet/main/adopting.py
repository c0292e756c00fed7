"""A running day goes on another way: the published plan's stops that are still to come are written anew."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry, sos, sos_store, tables
from fleet.context import Context
from fleet.errors import Conflict
from fleet.main import dispatch, promises, running_day
from fleet.sos import Case
from routing import running_store, store
from routing.running_repair import Event, NoShow, Repair


def adopt(conn: sa.Connection, context: Context, case: Case, *, by: str) -> Case:
    """Make the best rest of the day round a call the vans' plan.

    What the receipt proposed is worked out anew: the vans have moved since, nothing stale is sent to them.

    Raises
    ------
    Conflict : the call is with no van, or no plan is published that it could be put into.
    """
    zone = ZoneInfo(registry.district(conn, case.district_id).timezone)
    lock_day(conn, case.district_id, context.clock.now().astimezone(zone).date())
    told = dispatch.rearranged(conn, context, case)
    if told is None:
        raise Conflict(
            "SOS {id} changes no plan now: it must be offered to a van of a day with a published plan.",
            id=case.id,
        )
    situation, found, took_ms = told
    write(conn, context, situation, found, by)
    change = sos.Propose(promises.proposal(situation, found, "adopted", took_ms, by))
    return sos_store.transition(conn, case.district_id, case.id, change, situation.now)


def lock_day(conn: sa.Connection, district_id: int, day: date) -> None:
    """Let nobody else write a day's plans until the caller commits: the second reads what the first wrote."""
    p = tables.plan
    mine = sa.select(p.c.id).where(p.c.district_id == district_id, p.c.day == day)
    conn.execute(mine.order_by(p.c.id).with_for_update())


def write(
    conn: sa.Connection,
    context: Context,
    situation: running_day.Situation,
    found: Repair,
    by: str,
    *,
    event: Event | None = None,
    happened: Mapping[str, object] | None = None,
) -> int:
    """Write a repair into the published plan, draw its lines anew, send it; the plan's new version."""
    unasked = frozenset({event.visit}) if isinstance(event, NoShow) else frozenset[int]()
    rewriting = running_store.Rewriting(
        situation.agenda,
        situation.published,
        situation.rest,
        found.problem,
        found.plan,
        unasked,
        situation.part,
    )
    running_store.rewrite(conn, situation.plan_id, rewriting)
    _draw(conn, context, situation)
    district_id = situation.agenda.district_id
    return store.send_again(conn, district_id, situation.plan_id, by, situation.now, happened=happened)


def _draw(conn: sa.Connection, context: Context, situation: running_day.Situation) -> None:
    """The lines that the vans drive now, round what is closed: screens and maps draw them from the plan."""
    plan_id, ways = situation.plan_id, situation.ways
    stops = sorted(store.stops_of(conn, plan_id), key=lambda stop: (stop.van_id, stop.seq))
    r = tables.plan_route
    for van_id, own in itertools.groupby(stops, key=lambda stop: stop.van_id):
        if van_id not in situation.agenda.van_ids:
            continue
        places = [(stop.lon, stop.lat) for stop in own]
        points = [point for n, point in enumerate(places) if n == 0 or point != places[n - 1]]
        points = points if ways is None else list(ways.line(points))
        line = context.roads.route(points).points if len(points) > 1 else (points[0], points[0])
        text = ", ".join(f"{lon!r} {lat!r}" for lon, lat in line)
        conn.execute(
            sa.update(r)
            .where(r.c.plan_id == plan_id, r.c.van_id == van_id)
            .values(geom=f"SRID=4326;LINESTRING({text})")
        )

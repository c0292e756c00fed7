"""A district at noon of a planned day."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from starlette.testclient import TestClient

from fleet import sos_store, tables
from fleet.accounts import Role
from fleet.clock import Clock
from fleet.context import Context
from fleet.main import dispatch
from fleet.main.app import create_app
from fleet.session import COOKIE, csrf_for
from fleet.sos import Case
from fleet.sos_webhook import Call
from routing import store
from routing.planner import Wish, plan_day
from tests.routing.town import DAY, MORNING, context_on, seed
from tests.world import log_in

ORIGIN = "http://testserver"
NOON = MORNING + timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Town:
    """A district at noon: its plan is published, its crews have tapped what was planned until now."""

    context: Context
    district_id: int
    plan_id: int


@contextmanager
def at_noon(database: str, tmp_path: Path, elders: int = 30, now: datetime = NOON) -> Iterator[Town]:
    """The district with its plan published and half of the day, or what lies before `now`, behind it."""
    morning = context_on(database, tmp_path)
    with morning.engine.begin() as conn:
        district_id = seed(conn, elders)
    plan_id = plan_day(morning, district_id, DAY, Wish("command", 0.5, 2))
    context = replace(morning, clock=Clock.opening(now))
    with context.engine.begin() as conn:
        store.publish(conn, district_id, plan_id, "command", MORNING)
        live_until(conn, district_id, plan_id, now)
    yield Town(context, district_id, plan_id)
    context.engine.dispose()


def live_until(conn: sa.Connection, district_id: int, plan_id: int, now: datetime) -> None:
    """Taps of all calls that should be over, and each van near its last one."""
    last: dict[int, tuple[float, float]] = {}
    for stop in store.stops_of(conn, plan_id):
        if stop.begins > now or stop.kind == "end":
            continue
        last[stop.van_id] = (stop.lon, stop.lat)
        if stop.kind in ("visit", "dropoff") and stop.leaves <= now:
            tap(conn, (district_id, stop.van_id), "done", stop.id, stop.leaves)
    for van_id, (lon, lat) in last.items():
        values = {"t": now, "lon": lon, "lat": lat, "received_at": now, "terminal_id": 1, "digest": 0}
        conn.execute(tables.van_state.insert().values(van_id=van_id, district_id=district_id, **values))


def tap(
    conn: sa.Connection, who: tuple[int, int], kind: str, stop_id: int | None, t: datetime, **body: object
) -> None:
    """What a crew said, of a stop or of none; `who` is the district and the van."""
    conn.execute(
        tables.event.insert().values(
            terminal_id=1, id=uuid.uuid4(), district_id=who[0], van_id=who[1], t=t, kind=kind,
            stop_id=stop_id, received_at=t, body=body,
        )
    )  # fmt: skip


def client(town: Town, role: Role) -> TestClient:
    """A browser of somebody logged in."""
    with town.context.engine.begin() as conn:
        token = log_in(conn, town.district_id, role)
    headers = {"Origin": ORIGIN, "X-CSRF-Token": csrf_for(town.context, token)}
    return TestClient(create_app(town.context), cookies={COOKIE: token}, headers=headers)


def called(town: Town) -> Case:
    """A call from the last elder's home."""
    with town.context.engine.begin() as conn:
        t = tables.recipient
        code = conn.scalars(sa.select(t.c.code).where(t.c.district_id == town.district_id)).all()[-1]
        return sos_store.create(
            conn, town.district_id, "webhook:1", Call("k", code, "", None, None), town.context.clock.now()
        )[0]


def offered(town: Town) -> Case:
    case = called(town)
    with town.context.engine.begin() as conn:
        return dispatch.offer(conn, town.context, case, by="account:1")

"""The books of a van's day together: one late track, and ledger, evidence and alerts follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from fleet import tables
from fleet.main.bookkeeping import Desk as Bookkeeping
from fleet.main.books import BOOKS
from fleet.units import moment_of
from tests.fleet.main.conftest import Desk
from tests.fleet.main.test_bookkeeping import AT_ONCE, deliver, keep_all, wire
from tests.tracking.proving import CORNER, DAY, EIGHT_MS, Drive, at
from tracking.touched import Touched

YESTERDAY = DAY - timedelta(days=1)
_DAY_MS = 86_400_000
_LEFT = moment_of(EIGHT_MS - _DAY_MS)


def _plan(desk: Desk, arrives: datetime) -> int:
    """A published plan of yesterday with one visit, at the corner."""
    world, place = desk.world, f"SRID=4326;POINT({CORNER[0]} {CORNER[1]})"
    with desk.context.engine.begin() as conn:
        conn.execute(tables.site.update().where(tables.site.c.id == world.home_id).values(geom=place))
        plan = conn.execute(
            tables.plan.insert()
            .values(
                district_id=world.district_id, day=YESTERDAY, version=1, status="published", basis="road",
                seed=1, levels=[], violations=0, created_at=_LEFT, created_by="planner", published_at=_LEFT,
                published_by="planner",
            )
            .returning(tables.plan.c.id)
        ).scalar_one()  # fmt: skip
        stop: int = conn.execute(
            tables.plan_stop.insert()
            .values(
                plan_id=plan, van_id=world.vans[0], seq=1, kind="visit", site_id=world.home_id,
                recipient_id=world.recipient_id, geom=place, arrives=arrives,
                begins=arrives, leaves=arrives + timedelta(minutes=20),
            )
            .returning(tables.plan_stop.c.id)
        ).scalar_one()  # fmt: skip
    return stop


def test_a_track_that_comes_a_day_late_proves_the_visit_and_tells_the_speed_as_history(desk: Desk) -> None:
    world, touched = desk.world, Touched()
    drive = Drive(at(-9_000, 500)).go(CORNER, 6).stand(22).go(at(-9_000, 500), 12)
    stop = _plan(desk, _LEFT + timedelta(minutes=6))
    done = {
        "terminal_id": world.terminals[0], "id": UUID(int=1), "district_id": world.district_id,
        "van_id": world.vans[0], "t": _LEFT + timedelta(minutes=27), "kind": "done", "stop_id": stop,
        "body": {"lon": CORNER[0], "lat": CORNER[1]}, "received_at": _LEFT + timedelta(minutes=27),
    }  # fmt: skip
    with desk.context.engine.begin() as conn:
        conn.execute(sa.delete(tables.shift))
        conn.execute(tables.event.insert().values(**done))
    deliver(desk, touched, [(world.terminals[0], wire(drive, days_ago=1))])
    assert keep_all(Bookkeeping(desk.context, touched, BOOKS, AT_ONCE)) == 1

    e, v, a = tables.stop_evidence, tables.visit, tables.alert
    with desk.context.engine.connect() as conn:
        assert conn.execute(sa.select(tables.van_day.c.day)).all() == [(YESTERDAY,)]
        (proved,) = conn.execute(sa.select(e.c.stop_id, e.c.verdict, e.c.dwell_s, e.c.grade))
        (visit,) = conn.execute(sa.select(v.c.standing, v.c.grade))
        (alert,) = conn.execute(sa.select(a.c.code, a.c.historical))
        told = conn.scalar(sa.select(sa.func.count()).where(tables.journal.c.kind == "alert"))
    assert (proved.stop_id, proved.verdict) == (stop, "served") and proved.dwell_s >= 1200
    assert visit == ("verified", proved.grade)
    assert alert == ("overspeed", True)
    assert told == 0, "what is found afterwards is no news"

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.clock import Clock
from fleet.context import Context
from routing import job, jobs, nightly
from routing.nightly import Schedule, day_due
from routing.planner import Wish, plan_day
from tests.routing.town import DAY, context_on, seed

DEFAULT = Schedule(1, "Asia/Shanghai", True, time(4, 30), 0, 120.0)


def here(text: str) -> datetime:
    """A moment by the district's own clock, as the context tells it."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "schedule", "day"),
    [
        ("2026-01-14 04:29:59", DEFAULT, None),
        ("2026-01-14 04:30:00", DEFAULT, DAY),
        ("2026-01-14 07:29:59", DEFAULT, DAY),
        ("2026-01-14 07:30:00", DEFAULT, None),
        ("2026-01-14 05:00:00", replace(DEFAULT, last_day=DAY), None),
        ("2026-01-14 05:00:00", replace(DEFAULT, last_day=DAY - timedelta(days=1)), DAY),
        ("2026-01-14 05:00:00", replace(DEFAULT, enabled=False), None),
        ("2026-01-13 20:00:00", replace(DEFAULT, at=time(20, 0), days_ahead=1), DAY),
        ("2026-01-14 00:30:00", replace(DEFAULT, at=time(23, 0), days_ahead=1), DAY),
        ("2026-01-14 00:30:00", replace(DEFAULT, timezone="Europe/Berlin"), None),
        ("2026-01-14 11:30:00", replace(DEFAULT, timezone="Europe/Berlin"), DAY),
    ],
)
def test_when_which_day_is_due(now: str, schedule: Schedule, day: date | None) -> None:
    assert day_due(schedule, here(now)) == day


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def another_district(conn: sa.Connection) -> int:
    """One with a van that works on the day and the day after."""
    names = "(name, centre) VALUES ('邻区', 'SRID=4326;POINT(116 36)')"
    district_id = int(conn.exec_driver_sql(f"INSERT INTO district {names} RETURNING id").scalar_one())
    ids = {}
    for table, values in ((tables.van, {"code": "N1"}), (tables.crew, {})):
        row = table.insert().values(district_id=district_id, name="邻", **values).returning(table.c.id)
        ids[table.name] = conn.execute(row).scalar_one()
    for day in (DAY, DAY + timedelta(days=1)):
        hours = {"starts": here(f"{day} 08:00"), "ends": here(f"{day} 16:00")}
        conn.execute(tables.shift.insert().values(van_id=ids["van"], crew_id=ids["crew"], day=day, **hours))
    return district_id


def at(context: Context, text: str) -> Context:
    return replace(context, clock=Clock.opening(here(text)))


def test_every_district_is_planned_once_a_night(context: Context) -> None:
    with context.engine.begin() as conn:
        first, second = seed(conn), another_district(conn)
        (late,) = nightly.schedules(conn, second)
        nightly.set_schedule(conn, replace(late, at=time(5, 30), seconds=30), "account:1")
    assert jobs.plan_due(at(context, "2026-01-14 04:00")) == ()
    (job_id,) = jobs.plan_due(at(context, "2026-01-14 04:31"))
    with context.engine.begin() as conn:
        found = job.find(conn, None, job_id)
        assert (found.district_id, found.day, found.asked_by, found.seconds) == (first, DAY, "schedule", 120)
        # It failed, or was cancelled: one try a night, or a day that cannot be planned would be for ever.
        job.cancel(conn, first, job_id, "account:1", context.clock.now())
    assert jobs.plan_due(at(context, "2026-01-14 04:32")) == ()
    (other,) = jobs.plan_due(at(context, "2026-01-14 05:31"))
    with context.engine.begin() as conn:
        assert job.find(conn, second, other).seconds == 30
    assert len(jobs.plan_due(at(context, "2026-01-15 05:31"))) == 2
    assert jobs.plan_due(at(context, "2026-03-15 05:00")) == (), "nobody works then"


def test_a_day_that_has_a_plan_or_a_job_is_left_alone(context: Context) -> None:
    with context.engine.begin() as conn:
        first, second = seed(conn), another_district(conn)
    plan_day(context, first, DAY, Wish(seconds=0.3))
    jobs.defer_plan(context, second, DAY)
    assert jobs.plan_due(at(context, "2026-01-14 05:00")) == ()
    with context.engine.begin() as conn:
        assert not nightly.claim(conn, first, DAY)
        assert nightly.claim(conn, first, DAY + timedelta(days=1))
        assert not nightly.claim(conn, first, DAY + timedelta(days=1)), "another worker has it"
        nightly.unclaim(conn, first, DAY + timedelta(days=1))
        assert nightly.claim(conn, first, DAY + timedelta(days=1))


def test_a_change_of_the_schedule_is_audited(conn: sa.Connection) -> None:
    district_id = seed(conn)
    assert nightly.schedules(conn, district_id) == (replace(DEFAULT, district_id=district_id),)
    wanted = replace(DEFAULT, district_id=district_id, at=time(20, 15), days_ahead=1, seconds=60.0)
    nightly.set_schedule(conn, wanted, "account:7")
    assert nightly.schedules(conn, district_id) == (wanted,)
    t = tables.audit
    row = conn.execute(sa.select(t).where(t.c.action == "plan.schedule")).one()
    assert (row.actor, row.detail["at"], row.detail["days_ahead"]) == ("account:7", "20:15", 1)

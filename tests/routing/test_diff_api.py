from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fleet import tables
from fleet.context import Context
from routing import store
from routing.planner import Wish, plan_day
from tests.routing.test_api import client_of
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def test_the_second_of_two_planners_is_told_what_the_first_changed(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plans = [plan_day(context, district_id, DAY, Wish(seconds=0.3, seed=n)) for n in range(3)]
    first, second = (client_of(context, district_id, "planner", login=name) for name in ("王芳", "李娜"))

    fresh = first.get(f"/api/plans/{plans[0]}/diff").json()
    assert fresh["against"] is None and fresh["kept"] == 0
    assert {each["kind"] for each in fresh["changes"]} == {"added"}
    assert all("*" in each["who"] for each in fresh["changes"] if each["who"])

    published = first.post(f"/api/plans/{plans[0]}/publish", json={"seen": None})
    assert published.json() == {"plan": plans[0], "version": 1}
    late = second.post(f"/api/plans/{plans[1]}/publish", json={"seen": None})
    assert late.status_code == 409
    assert late.json()["error"].startswith(f"王芳 published version 1 of {DAY} (plan {plans[0]}) at 07:0")

    with context.engine.begin() as conn:
        stops = [s for s in store.stops_of(conn, plans[2]) if s.kind == "visit"]
        t = tables.plan_stop
        later = {"begins": stops[0].begins + timedelta(hours=1)}
        conn.execute(t.update().where(t.c.id == stops[0].id).values(**later))
        conn.execute(t.delete().where(t.c.id == stops[1].id))
    told = second.get(f"/api/plans/{plans[2]}/diff", params={"against": plans[0]}).json()
    assert told["against"]["published_by"] == published_by(context, plans[0])
    assert stops[1].recipient_id in {c["recipient"] for c in told["changes"] if c["kind"] == "dropped"}
    assert told["counts"] == {
        kind: sum(c["kind"] == kind for c in told["changes"]) for kind in ("dropped", "van", "time", "added")
    }
    again = second.post(f"/api/plans/{plans[1]}/publish", json={"seen": plans[0]})
    assert again.json() == {"plan": plans[1], "version": 2}
    assert first.post(f"/api/plans/{plans[2]}/publish", json={}).json()["version"] == 3, "nothing said"


def published_by(context: Context, plan_id: int) -> str | None:
    with context.engine.connect() as conn:
        t = tables.plan
        return conn.scalar(t.select().with_only_columns(t.c.published_by).where(t.c.id == plan_id))


def test_plans_of_other_days_and_districts_are_not_compared(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.3))
    with context.engine.begin() as conn:
        t = tables.plan
        row = dict(conn.execute(t.select().where(t.c.id == plan_id)).mappings().one())
        del row["id"]
        row["day"] += timedelta(days=1)
        other = conn.execute(t.insert().values(**row).returning(t.c.id)).scalar_one()
    viewer = client_of(context, district_id, "viewer")
    assert viewer.get(f"/api/plans/{plan_id}/diff?against={other}").status_code == 400
    assert viewer.get(f"/api/plans/{plan_id}/diff?against=987654").status_code == 404
    assert viewer.get(f"/api/plans/{plan_id}/diff").json()["against"] is None

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.context import Context
from routing import plan_file_api
from routing.plan_file_api import AT_ONCE, Format
from routing.planner import Wish, plan_day
from tests.routing.test_api import client_of
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def test_who_dispatches_takes_a_plan_away_and_it_is_written_down(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.3))
    viewer, dispatcher = (client_of(context, district_id, role) for role in ("viewer", "dispatcher"))
    assert viewer.get(f"/api/plans/{plan_id}.csv").status_code == 403
    for kind in get_args(Format):
        answer = dispatcher.get(f"/api/plans/{plan_id}.{kind}", headers={"Accept-Language": "zh"})
        assert answer.status_code == 200 and answer.content, kind
        assert answer.headers["cache-control"] == "no-store"
        ending = "vroom.json" if kind == "vroom" else kind
        assert f'filename="plan-{DAY}-{plan_id}.{ending}"' in answer.headers["content-disposition"]
    assert dispatcher.get(f"/api/plans/{plan_id}.kml").status_code == 422
    assert dispatcher.get("/api/plans/987654.csv").status_code == 404
    assert dispatcher.get(f"/api/plans/{plan_id}").json()["plan"]["id"] == plan_id
    t = tables.audit
    with context.engine.connect() as conn:
        rows = conn.execute(sa.select(t.c.object, t.c.detail).where(t.c.action == "plan.export")).all()
    assert [(row.object, row.detail["format"]) for row in rows] == [
        (f"plan:{plan_id}", kind) for kind in get_args(Format)
    ]
    for _ in range(AT_ONCE):
        assert plan_file_api.running.acquire(blocking=False), "each gave its place back"
    assert dispatcher.get(f"/api/plans/{plan_id}.csv").status_code == 400
    plan_file_api.running.release(AT_ONCE)

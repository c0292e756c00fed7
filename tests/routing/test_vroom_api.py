from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from fleet import tables
from fleet.context import Context
from routing import vroom_api
from routing.vroom_api import AT_ONCE
from tests.routing import vroom_problems as problems
from tests.routing.test_api import client_of
from tests.routing.town import context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def test_a_planners_vroom_client_is_answered_as_vroom_does(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    planner, dispatcher = (client_of(context, district_id, role) for role in ("planner", "dispatcher"))
    for client in (planner, dispatcher):
        assert isinstance(client.app, FastAPI)
        client.app.include_router(vroom_api.router)
    path = "/api/plans/vroom?seconds=0.3"
    assert dispatcher.post(path, json=problems.example(2)).status_code == 403
    told = planner.post(path, json=problems.example(2)).json()
    assert (told["code"], told["summary"]["cost"]) == (0, problems.COST[2])
    given = planner.post(f"{path}&given=true", json=problems.example(3)).json()
    assert given["summary"]["cost"] == problems.COST[3]
    wrong = planner.post(path, json={"vehicles": []})
    assert wrong.status_code == 400 and "no vehicle" in wrong.json()["error"]
    assert planner.post("/api/plans/vroom?seconds=999", json={}).status_code == 422
    for _ in range(AT_ONCE):
        assert vroom_api.running.acquire(blocking=False), "each gave its place back"
    assert "being solved" in planner.post(path, json=problems.example(2)).json()["error"]
    vroom_api.running.release(AT_ONCE)
    t = tables.audit
    with context.engine.connect() as conn:
        assert conn.scalar(sa.select(sa.func.count()).where(t.c.action == "plan.vroom")) == 2

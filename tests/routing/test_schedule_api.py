from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from fleet.context import Context
from routing import schedule_api
from tests.routing.test_api import client_of
from tests.routing.town import context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def with_schedule(client: TestClient) -> TestClient:
    assert isinstance(client.app, FastAPI)
    client.app.include_router(schedule_api.router)
    return client


def test_a_planner_sets_the_hour_and_a_viewer_reads_it(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    planner = with_schedule(client_of(context, district_id, "planner"))
    viewer = with_schedule(client_of(context, district_id, "viewer"))
    path = "/api/plan-schedule"
    assert viewer.get(path).json()["at"] == "04:30:00"
    wanted = {"enabled": True, "at": "19:45", "days_ahead": 1, "seconds": 300}
    assert viewer.put(path, json=wanted).status_code == 403
    assert planner.put(path, json=wanted).json()["days_ahead"] == 1
    told = viewer.get(path).json()
    assert (told["at"], told["days_ahead"], told["seconds"]) == ("19:45:00", 1, 300.0)
    assert planner.put(path, json={**wanted, "days_ahead": 2}).status_code == 422
    assert planner.put(path, json={**wanted, "at": "late"}).status_code == 422

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fleet import accounts
from fleet.accounts import Role
from fleet.clock import wall_now
from fleet.context import Context
from fleet.errors import Conflict, FleetError, Forbidden, NotFound, Unauthenticated
from fleet.session import COOKIE, CSRF_HEADER, csrf_for
from routing import api, diff_api, plan_file_api
from routing.planner import Wish, plan_day
from tests.routing.town import DAY, add_account, context_on, seed

_STATUS: dict[type[Exception], int] = {NotFound: 404, Conflict: 409, Forbidden: 403, Unauthenticated: 401}


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def client_of(
    context: Context, district_id: int, role: Role, *before: APIRouter, login: str = ""
) -> TestClient:
    """A browser logged in with a role."""
    app = FastAPI()
    app.state.context = context
    for router in (*before, diff_api.router, plan_file_api.router, api.router):
        app.include_router(router)

    async def say(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=_STATUS.get(type(error), 400))

    app.add_exception_handler(FleetError, say)
    with context.engine.begin() as conn:
        account_id = add_account(conn, login or f"{role}-{secrets.token_hex(4)}")
        accounts.grant(conn, account_id, district_id, role)
        token = accounts.open_session(conn, account_id, district_id, wall_now(), timedelta(hours=1))
    return TestClient(app, cookies={COOKIE: token}, headers={CSRF_HEADER: csrf_for(context, token)})


def test_a_planner_asks_looks_and_publishes_and_a_viewer_only_looks(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    planner, viewer = client_of(context, district_id, "planner"), client_of(context, district_id, "viewer")
    day = DAY.isoformat()

    assert viewer.post("/api/plans/jobs", json={"day": day}).status_code == 403
    job_id = planner.post("/api/plans/jobs", json={"day": day, "seconds": 1}).json()["job"]
    assert planner.post("/api/plans/jobs", json={"day": day}).status_code == 409
    told = viewer.get(f"/api/plans/jobs/{job_id}").json()
    assert (told["status"], told["day"], told["why"]) == ("waiting", day, "")
    assert planner.post(f"/api/plans/jobs/{job_id}/cancel").json()["status"] == "cancelled"

    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.5))
    assert [each["id"] for each in viewer.get("/api/plans", params={"day": day}).json()] == [plan_id]
    whole = viewer.get(f"/api/plans/{plan_id}").json()
    assert whole["plan"]["status"] == "draft"
    assert len(whole["routes"]) == 2
    assert all("*" in stop["who"] for stop in whole["stops"] if stop["who"])
    assert viewer.post(f"/api/plans/{plan_id}/publish").status_code == 403
    assert planner.post(f"/api/plans/{plan_id}/publish").json() == {"plan": plan_id, "version": 1}
    assert planner.post(f"/api/plans/{plan_id}/publish").status_code == 409


def test_strangers_and_odd_asks_are_refused(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    planner = client_of(context, district_id, "planner")
    assert planner.get("/api/plans/987654").status_code == 404
    assert planner.get("/api/plans/jobs/987654").status_code == 404
    assert planner.post("/api/plans/jobs", json={"day": "soon"}).status_code == 422
    assert planner.post("/api/plans/jobs", json={"day": "2026-01-14", "seconds": 9999}).status_code == 422
    planner.cookies.clear()
    assert planner.get("/api/plans", params={"day": "2026-01-14"}).status_code == 401


def test_a_planner_looks_ahead_and_a_dispatcher_does_not(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    planner = client_of(context, district_id, "planner")
    told = planner.get("/api/plans/horizon?days=7").json()
    assert (told["first"], len(told["days"])) == (DAY.isoformat(), 7)
    tasks = [task for day in told["days"] for task in day["tasks"]]
    assert tasks
    assert all("*" in each["who"] and each["code"].startswith("E") for each in tasks)
    assert all(day["load_s"] > 0 for day in told["days"])
    later = planner.get("/api/plans/horizon", params={"first": "2026-01-16"}).json()
    assert (later["first"], len(later["days"])) == ("2026-01-16", 14)
    assert planner.get("/api/plans/horizon?days=40").status_code == 400
    assert client_of(context, district_id, "dispatcher").get("/api/plans/horizon").status_code == 403

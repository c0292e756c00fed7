"""The desk's endpoints on the invented district: edits tried, drafts saved, scenarios asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from fleet import tables
from fleet.context import Context
from routing import desk_api, job, store
from routing.planner import Wish, plan_day
from routing.variant import read
from tests.routing.test_api import client_of
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


class Here:
    """A planned day, and a planner who looks at it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        with context.engine.begin() as conn:
            self.district_id = seed(conn)
        self.plan_id = plan_day(context, self.district_id, DAY, Wish(seconds=0.5))
        self.planner = self.client("planner")

    def client(self, role: Any) -> TestClient:
        return client_of(self.context, self.district_id, role, desk_api.router)

    def tried(self, *edits: dict[str, Any], show: str = "touched", plan: int | None = None) -> dict[str, Any]:
        path = f"/api/plans/{plan or self.plan_id}/desk"
        said = self.planner.post(path, json={"edits": list(edits), "show": show})
        assert said.status_code == 200, said.text
        found: dict[str, Any] = said.json()
        return found


@pytest.fixture
def here(context: Context) -> Here:
    return Here(context)


def levels(told: dict[str, Any]) -> dict[str, int]:
    return {each["key"]: each["value"] for each in told["levels"]}


def calls(told: dict[str, Any], van: int) -> list[str]:
    (one,) = (each for each in told["vans"] if each["id"] == van)
    return [stop["key"] for stop in one["stops"] if stop["key"]]


def test_the_desk_opens_a_plan_as_it_was_stored(here: Here) -> None:
    told = here.tried(show="whole")
    with here.context.engine.connect() as conn:
        row = store.find_plan(conn, here.district_id, here.plan_id)
        stops = store.stops_of(conn, here.plan_id)
    assert levels(told) == row.levels
    shown = [(s["kind"], s["begins"]) for van in told["vans"] for s in van["stops"]]
    assert shown == [(s.kind, int(s.begins.timestamp() * 1000)) for s in stops]
    assert told["troubles"] == told["moved"] == told["lost"] == told["scenario"] == []
    assert all(len(van["line"]) > 1 for van in told["vans"])
    assert len(told["choices"]["vans"]) == 2
    assert told["choices"]["kitchens"]


def test_a_moved_visit_is_timed_at_once_and_can_be_taken_back(here: Here) -> None:
    whole = here.tried(show="whole")
    first, second = (van["id"] for van in whole["vans"])
    key = calls(whole, first)[0]
    told = here.tried({"kind": "move", "visit": key, "van": second})
    assert {van["id"] for van in told["vans"]} == {first, second}
    assert key in calls(told, second)
    assert key not in calls(told, first)
    (moved,) = (each for each in told["moved"] if each["key"] == key)
    assert (moved["from"]["van"], moved["to"]["van"]) == (first, second)
    assert here.tried()["vans"] == []
    gone = here.tried({"kind": "remove", "visit": key})
    assert key in [each["key"] for each in gone["unserved"]]


def test_what_an_edit_breaks_is_said_with_its_mend(here: Here) -> None:
    whole = here.tried(show="whole")
    van = whole["vans"][0]["id"]
    late = {"kind": "change", "change": {"kind": "shift", "van": van, "minutes": -420}}
    told = here.tried(late)
    assert told["troubles"]
    assert all(each["said"] for each in told["troubles"])
    assert told["mends"]
    mended = here.tried(late, {"kind": "mend"})
    assert mended["troubles"] == []
    assert mended["edits"][0]["kind"] == "change"
    assert len(mended["edits"]) > 1
    assert mended["scenario"][0]["entry"]


def test_an_unserved_visit_is_let_in_by_its_smallest_change(here: Here) -> None:
    whole = here.tried(show="whole")
    vans = [van["id"] for van in whole["vans"]]
    shorter = [{"kind": "change", "change": {"kind": "shift", "van": van, "minutes": -60}} for van in vans]
    key = calls(whole, vans[0])[-1]
    edits: list[dict[str, Any]] = [*shorter, {"kind": "remove", "visit": key}]
    path = f"/api/plans/{here.plan_id}/desk/why"
    why = here.planner.post(path, json={"edits": edits, "visits": [key]}).json()[key]
    assert why["reasons"]
    told = here.tried(*edits, {"kind": "relax", "visit": key})
    assert key not in [each["key"] for each in told["unserved"]]
    assert told["edits"][-1]["kind"] == "add"


def test_locks_and_bans_are_kept_with_the_draft(here: Here) -> None:
    whole = here.tried(show="whole")
    first = whole["vans"][0]["id"]
    locked, banned = calls(whole, first)[:2]
    edits = [
        {"kind": "lock", "visit": locked, "van": first},
        {"kind": "forbid", "visit": banned, "van": first},
    ]
    told = here.tried(*edits)
    assert banned not in [s["key"] for van in told["vans"] if van["id"] == first for s in van["stops"]]
    said = here.planner.post(f"/api/plans/{here.plan_id}/desk/save", json={"edits": edits}).json()
    assert said["violations"] == 0
    again = here.tried(show="whole", plan=said["plan"])
    stops = {s["key"]: s for van in again["vans"] for s in van["stops"] if s["key"]}
    assert stops[locked]["locked"] == first
    assert [each["banned"] for each in [*stops.values(), *again["unserved"]] if each["key"] == banned] == [
        [first]
    ]
    with here.context.engine.connect() as conn:
        row = store.find_plan(conn, here.district_id, said["plan"])
        actions = conn.scalars(sa.select(tables.audit.c.action)).all()
    assert row.edits == {"locks": {locked: first}, "bans": {banned: [first]}}
    assert "plan.edit" in actions


def test_a_draft_that_breaks_a_rule_or_assumes_something_is_not_published(here: Here) -> None:
    whole = here.tried(show="whole")
    van = whole["vans"][0]["id"]
    short = [{"kind": "change", "change": {"kind": "shift", "van": van, "minutes": -420}}]
    broken = here.planner.post(f"/api/plans/{here.plan_id}/desk/save", json={"edits": short}).json()
    assert broken["violations"] > 0
    refused = here.planner.post(f"/api/plans/{broken['plan']}/publish")
    assert (refused.status_code, "breaks" in refused.text) == (409, True)
    longer = [{"kind": "change", "change": {"kind": "shift", "van": van, "minutes": 14}}]
    assumed = here.planner.post(f"/api/plans/{here.plan_id}/desk/save", json={"edits": longer}).json()
    assert assumed["violations"] == 0
    refused = here.planner.post(f"/api/plans/{assumed['plan']}/publish")
    assert (refused.status_code, "assumes another end of shift" in refused.text) == (409, True)
    t = tables.shift
    with here.context.engine.begin() as conn:
        later = sa.text("ends + interval '14 minutes'")
        conn.execute(t.update().where(t.c.van_id == van, t.c.day == DAY).values(ends=later))
    assert here.planner.post(f"/api/plans/{assumed['plan']}/publish").status_code == 200


def test_a_scenario_is_planned_with_its_changes_and_shown_with_its_van(here: Here) -> None:
    van = here.tried(show="whole")["vans"][0]["id"]
    changes = [{"kind": "van_more", "van": van}, {"kind": "patrol", "minutes": 300}]
    asked = {"day": DAY.isoformat(), "changes": changes, "seconds": 1}
    assert here.planner.post("/api/plans/scenarios", json=asked).status_code == 400
    odd = {**asked, "name": "x", "changes": [{"kind": "van_more", "van": 98765}]}
    assert here.planner.post("/api/plans/scenarios", json=odd).status_code == 400
    job_id = here.planner.post("/api/plans/scenarios", json={**asked, "name": "加一辆车"}).json()["job"]
    with here.context.engine.connect() as conn:
        kept = job.find(conn, here.district_id, job_id).variant
    assert (kept["name"], len(kept["scenario"])) == ("加一辆车", 2)
    plan_id = plan_day(here.context, here.district_id, DAY, Wish(seconds=0.5, variant=read(kept)))
    told = here.tried(show="whole", plan=plan_id)
    assert [each["id"] for each in told["vans"]][-1] == -1
    assert told["name"] == "加一辆车"
    assert all(each["entry"] for each in told["scenario"])
    assert told["troubles"] == []
    assert here.planner.post(f"/api/plans/{plan_id}/publish").status_code == 409


def test_odd_edits_are_refused_in_a_sentence_and_viewers_save_nothing(here: Here) -> None:
    path = f"/api/plans/{here.plan_id}/desk"
    for odd in (
        {"kind": "swap"},
        {"kind": "move", "visit": "p0"},
        {"kind": "move", "visit": "x", "van": 1},
        {"kind": "change"},
        {"kind": "change", "change": {"kind": "van_down", "van": 1}},
        {"kind": "change", "change": {"kind": "weather"}},
        {"kind": "change", "change": {"kind": "keep", "minutes": 10**6}},
    ):
        assert here.planner.post(path, json={"edits": [odd]}).status_code == 400, odd
    viewer = here.client("viewer")
    assert viewer.post(path, json={}).status_code == 200
    assert viewer.post(f"{path}/save", json={}).status_code == 403
    assert viewer.post("/api/plans/scenarios", json={"day": "2026-01-14"}).status_code == 403
    assert here.planner.post("/api/plans/987654/desk", json={}).status_code == 404

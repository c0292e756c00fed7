"""The running day over HTTP: who may rearrange it, what is told, what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from tests.fleet.main.running_town import Town, at_noon, client

DOWN = {"kind": "van_down", "van": 1}


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def names(town: Town) -> list[str]:
    """The elders' full names, which nobody is to be told."""
    with town.context.engine.connect() as conn:
        return list(conn.scalars(sa.select(tables.recipient.c.name)))


def test_a_rearrangement_is_looked_at_then_adopted_and_audited(town: Town) -> None:
    dispatcher = client(town, "dispatcher")
    told = dispatcher.post("/api/running/propose", json={"event": DOWN}).json()
    assert (told["plan"], told["version"], told["new"]) == (town.plan_id, 1, None)
    assert told["changes"] and all(each["promised_van"] == 1 or each["van"] for each in told["changes"])
    assert all(each["who"] for each in told["changes"])
    assert not any(name in each["who"] for each in told["changes"] for name in names(town))
    seen = {"event": DOWN, "plan": told["plan"], "version": told["version"]}
    assert dispatcher.post("/api/running/adopt", json=seen).json()["version"] == 2
    again = dispatcher.post("/api/running/adopt", json=seen)
    assert again.status_code == 409 and "dispatcher 已于 12:00 调整行程（车辆故障）" in again.json()["error"]
    with town.context.engine.connect() as conn:
        actions = conn.scalars(sa.select(tables.audit.c.action)).all()
    assert actions.count("running.adopt") == 1


def test_calls_to_come_are_listed_with_masked_names(town: Town) -> None:
    listed = client(town, "dispatcher").get("/api/running/calls").json()
    assert listed == sorted(listed, key=lambda each: each["begins"]) and listed
    assert not any(name in each["who"] for each in listed for name in names(town))


def test_who_may_not_act_or_sends_no_token_changes_nothing(town: Town) -> None:
    viewer, dispatcher = client(town, "viewer"), client(town, "dispatcher")
    assert viewer.post("/api/running/propose", json={"event": DOWN}).status_code == 403
    assert viewer.get("/api/running/calls").status_code == 403
    del dispatcher.headers["X-CSRF-Token"]
    seen = {"event": DOWN, "plan": town.plan_id, "version": 1}
    assert dispatcher.post("/api/running/adopt", json=seen).status_code == 403


def test_an_unknown_event_is_refused(town: Town) -> None:
    dispatcher = client(town, "dispatcher")
    assert dispatcher.post("/api/running/propose", json={"event": {"kind": "rain"}}).status_code == 422
    assert dispatcher.post("/api/running/propose", json={"event": {"kind": "no_show"}}).status_code == 422

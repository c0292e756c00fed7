"""Whom a call for help moves promises of: kept by key, told by masked name to dispatchers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.accounts import Role
from fleet.main import promises
from maps.day import read_day
from maps.naming import place_name
from routing.agenda import Caller
from tests.fleet.main.running_town import Town, at_noon, client, offered
from tests.routing.town import MORNING


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    """A day with more calls than its vans have time for: a call for help moves some."""
    with at_noon(database, tmp_path, elders=140, now=MORNING + timedelta(hours=4)) as made:
        yield made


def moved(answer: Any) -> list[dict[str, Any]]:
    """The promises in the newest proposal of the only call."""
    (case,) = answer.json()
    found: list[dict[str, Any]] = case["receipt"]["proposals"][-1]["shifted"]
    return found


def test_a_dispatcher_is_told_whom_to_ring_even_when_the_stop_has_left_the_plan(town: Town) -> None:
    case = offered(town)
    with town.context.engine.begin() as conn:
        stops = {stop.id: stop for stop in read_day(conn, town.district_id, case.called_at).stops}
        conn.execute(sa.delete(tables.plan_stop))
    told = moved(client(town, "dispatcher").get("/api/sos"))
    assert told
    for each in told:
        assert each["who"] == place_name(stops[each["stop"]], "zh")
        assert each["promised_van"] == stops[each["stop"]].van_id


@pytest.mark.parametrize("role", ["viewer", "dispatcher"])
def test_who_only_looks_is_told_no_name_and_no_key_of_a_person_leaves(town: Town, role: Role) -> None:
    case = offered(town)
    with town.context.engine.connect() as conn:
        full = conn.scalars(sa.select(tables.recipient.c.name)).all()
    someone = client(town, role)
    answers = [someone.get("/api/sos")]
    assert moved(answers[0])
    assert all(("who" in each) == (role == "dispatcher") for each in moved(answers[0]))
    if role == "dispatcher":
        answers.append(someone.post(f"/api/sos/{case.id}/rearrange"))
        assert answers[1].status_code == 200
    for answer in answers:
        assert not re.search('"(site|recipient)":', answer.text)
        assert not any(name in answer.text for name in full)


def test_the_journal_keeps_nothing_of_whom_a_call_moves(town: Town) -> None:
    case = offered(town)
    assert any(each.recipient_id for each in case.receipt.proposals[-1].shifted)
    with town.context.engine.connect() as conn:
        bodies = [json.dumps(body) for body in conn.scalars(sa.select(tables.journal.c.body))]
    assert bodies and not any("shifted" in body or "recipient" in body for body in bodies)


def test_who_is_not_of_the_district_has_no_name(town: Town) -> None:
    with town.context.engine.connect() as conn:
        site = conn.scalars(sa.select(tables.site.c.id)).first()
        assert site is not None
        assert promises.names(conn, town.district_id + 1, [Caller(site)], "zh") == {}
        said = promises.names(conn, town.district_id, [Caller(0), Caller(site, 0)], "en")
    assert said.keys() == {Caller(site, 0)}

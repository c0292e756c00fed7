"""The rest of a running day is written anew by one click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import journal, outbox, tables
from fleet.errors import Conflict
from fleet.main import adopting
from routing import store
from tests.fleet.main.running_town import NOON, Town, at_noon, called, offered


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def test_adopting_writes_the_rest_of_the_day_anew_and_tells_the_vans(town: Town) -> None:
    case = offered(town)
    with town.context.engine.begin() as conn:
        before = {stop.id: stop for stop in store.stops_of(conn, town.plan_id)}
        told = {van: seq for van, seq in outbox.heads(conn, [1, 2]).items()}
        state = journal.current(conn, town.district_id)
        after = adopting.adopt(conn, town.context, case, by="account:1")
    adopted = after.receipt.proposals[-1]
    assert (adopted.stage, adopted.by) == ("adopted", "account:1")
    with town.context.engine.connect() as conn:
        plan = store.find_plan(conn, town.district_id, town.plan_id)
        stops = store.stops_of(conn, town.plan_id)
        assert (plan.version, plan.status) == (2, "published")
        assert all(seq > told[van] for van, seq in outbox.heads(conn, [1, 2]).items())
        assert journal.current(conn, town.district_id) > state
        actions = conn.scalars(sa.select(tables.audit.c.action)).all()
    assert "plan.rewrite" in actions
    now = {stop.id: stop for stop in stops}
    past = [stop for stop in before.values() if stop.kind in ("visit", "dropoff") and stop.leaves <= NOON]
    assert past and all(now[stop.id] == stop for stop in past)
    calls = {stop.id for stop in before.values() if stop.kind in ("visit", "dropoff")}
    dropped = {each.stop_id for each in adopted.shifted if each.what == "dropped"}
    assert calls - dropped <= set(now)
    for shifted in adopted.shifted:
        if shifted.what != "dropped":
            assert (now[shifted.stop_id].van_id, now[shifted.stop_id].begins) == (
                shifted.van_id,
                shifted.begins,
            )
    for van in (1, 2):
        own = [stop for stop in stops if stop.van_id == van]
        assert [stop.seq for stop in own] == sorted({stop.seq for stop in own})
        assert own[0].kind == "start" and own[-1].kind == "end"


def test_a_call_without_a_van_rearranges_nothing(town: Town) -> None:
    case = called(town)
    with pytest.raises(Conflict, match="offered"), town.context.engine.begin() as conn:
        adopting.adopt(conn, town.context, case, by="account:1")

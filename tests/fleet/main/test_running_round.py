"""Of a wide day, what happens is answered by the vans near to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.main import adopting, dispatch, rearranging, running_day
from routing import parts, running_near, store
from routing.checker import violations
from routing.stored import StopRow
from tests.fleet.main.running_town import NOON, Town, at_noon, offered


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def on_wide_days(monkeypatch: pytest.MonkeyPatch, vans: int) -> None:
    monkeypatch.setattr(parts, "ONE_TABLE", 10)
    monkeypatch.setattr(running_near, "NEAREST", vans)


def test_on_a_wide_day_a_call_meets_the_vans_near_to_it_and_no_other_moves(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_wide_days(monkeypatch, 1)
    case = offered(town)
    (proposal,) = case.receipt.proposals
    assert case.van_id is not None and (proposal.stage, proposal.van_id) == ("answer", case.van_id)
    assert {each.van_id for each in case.receipt.decisions[0].candidates} == {1, 2}
    with town.context.engine.begin() as conn:
        told = dispatch.rearranged(conn, town.context, case)
        assert told is not None and told[0].agenda.van_ids == (case.van_id,)
        assert violations(told[1].problem, told[1].plan) == ()
        plan, before = (
            store.find_plan(conn, town.district_id, town.plan_id),
            stops_but(conn, town, case.van_id),
        )
        adopting.adopt(conn, town.context, case, by="account:1")
        after = store.find_plan(conn, town.district_id, town.plan_id)
        assert (after.version, after.levels) == (2, plan.levels)
        assert before and stops_but(conn, town, case.van_id) == before


def test_on_a_wide_day_the_calls_of_a_van_that_is_down_go_to_the_vans_near_to_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_wide_days(monkeypatch, 2)
    with town.context.engine.begin() as conn:
        assert running_day.look(conn, town.context, town.district_id, NOON) is None
        event = rearranging.Down(kind="van_down", van=1)
        seen = town.plan_id, 1
        found = rearranging.adopt(conn, town.context, town.district_id, event, seen, by="account:1")
        ahead = [s for s in stops_but(conn, town, 2) if s.kind in ("visit", "dropoff") and s.leaves > NOON]
    assert found.situation.part and found.found.changes and not ahead
    assert violations(found.found.problem, found.found.plan) == ()
    assert {each.van for each in found.found.changes} - {None}


def stops_but(conn: sa.Connection, town: Town, van_id: int) -> list[StopRow]:
    return [stop for stop in store.stops_of(conn, town.plan_id) if stop.van_id != van_id]

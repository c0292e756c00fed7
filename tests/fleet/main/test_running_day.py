"""An SOS on a running day: weighed by what the vans have to do, and kept in the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import sos_store, tables
from fleet.main import adopting, dispatch, rearranging, running_day
from routing import parts, running_near, store
from routing.checker import violations
from routing.stored import StopRow
from tests.fleet.main.running_town import NOON, Town, at_noon, called, offered
from tests.routing.town import DAY


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def test_the_day_is_read_as_the_taps_tell_it(town: Town) -> None:
    with town.context.engine.connect() as conn:
        found = running_day.read(conn, town.context, called(town), town.context.clock.now())
        stops = store.stops_of(conn, town.plan_id)
    assert found is not None and found.published.lost == ()
    still = {found.published.stop_ids[n] for n in found.rest.visits if n in found.published.stop_ids}
    assert still <= {s.id for s in stops if s.kind in ("visit", "dropoff") and s.leaves > NOON}
    assert still
    assert all(van.starts_s >= found.now_s for van in found.rest.problem.vans)


def test_patrol_that_was_proved_counts(town: Town) -> None:
    with town.context.engine.begin() as conn:
        plain = running_day.look(conn, town.context, town.district_id, NOON)
        values: dict[str, object] = {
            c.name: 0 for c in tables.van_day.c if not c.nullable and c.default is None
        }
        day = {"van_id": 1, "day": DAY, "district_id": town.district_id, "proved_s": 5400}
        values |= {"spans": [], "computed_at": NOON} | day
        conn.execute(tables.van_day.insert().values(values))
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert plain is not None and found is not None
    van = found.agenda.van_ids.index(1)
    assert plain.rest.problem.vans[van].patrolled_s == 0
    assert found.rest.problem.vans[van].patrolled_s == 5400


def test_an_offer_keeps_who_was_weighed_and_what_moves(town: Town) -> None:
    case = offered(town)
    (decision,) = case.receipt.decisions
    (proposal,) = case.receipt.proposals
    assert {each.van_id for each in decision.candidates} == {1, 2}
    assert [each.van_id for each in decision.candidates if not each.why] == [case.van_id]
    assert decision.eta_s is not None and decision.eta_s >= 0
    assert (proposal.stage, proposal.van_id) == ("answer", case.van_id)
    assert decision.moved == tuple(each.stop_id for each in proposal.shifted)


def test_the_improvement_is_added_and_the_answer_stays(town: Town) -> None:
    case = offered(town)
    dispatch.improve(town.context, town.district_id, case.id)
    with town.context.engine.connect() as conn:
        after = sos_store.get(conn, town.district_id, case.id)
    assert [each.stage for each in after.receipt.proposals] == ["answer", "improved"]
    assert after.receipt.proposals[0].shifted == case.receipt.proposals[0].shifted
    assert after.state == "offered"


def test_the_dispatchers_word_counts(town: Town) -> None:
    case = called(town)
    with town.context.engine.begin() as conn:
        assert dispatch.offer(conn, town.context, case, by="account:1", van_id=2).van_id == 2


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

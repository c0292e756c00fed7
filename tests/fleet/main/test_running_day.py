"""An SOS on a running day: weighed by what the vans have to do, and kept in the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fleet import sos_store, tables
from fleet.main import dispatch, running_day
from routing import store
from routing.checker import violations
from routing.running_improve import Wish
from routing.running_repair import respond
from tests.fleet.main.running_town import NOON, Town, at_noon, called, offered, tap
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


def test_a_van_that_gave_out_more_than_planned_runs_short_and_is_mended(town: Town) -> None:
    with town.context.engine.begin() as conn:
        given = next(s for s in store.stops_of(conn, town.plan_id) if (s.van_id, s.kind) == (1, "dropoff"))
        plain = running_day.look(conn, town.context, town.district_id, NOON)
        assert plain is not None
        van = plain.agenda.van_ids.index(1)
        full = plain.rest.problem.vans[van].cups("hot")
        at = given.leaves + timedelta(minutes=1)
        tap(conn, (town.district_id, 1), "done", given.id, at, cups=full - 1)
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert found is not None
    problem, orders = found.rest.problem, found.rest.orders
    (ahead,) = (call.index for call in orders[van] if call.kind == "dropoff")
    assert problem.vans[van].hot_aboard == 1 < problem.cups_of(problem.visits[ahead], "hot")
    after = respond(problem, orders, None, Wish())
    assert violations(after.problem, after.plan) == ()
    route = next((r for r in after.plan.routes if any(s.visit == ahead for s in r.stops)), None)
    assert route is not None, "the other van has cups, and the kitchen as well"
    kinds = [stop.kind for stop in route.stops]
    assert route.van != van or "reload" in kinds[: kinds.index("dropoff")]


def test_an_offer_keeps_who_was_weighed_and_what_moves(town: Town) -> None:
    case = offered(town)
    (decision,) = case.receipt.decisions
    (proposal,) = case.receipt.proposals
    assert {each.van_id for each in decision.candidates} == {1, 2}
    assert [each.van_id for each in decision.candidates if not each.why] == [case.van_id]
    assert decision.eta_s is not None and decision.eta_s >= 0
    assert (proposal.stage, proposal.van_id) == ("answer", case.van_id)
    assert decision.moved == tuple(each.stop_id for each in proposal.shifted if not each.forced)


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

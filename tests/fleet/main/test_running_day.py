"""An SOS on a running day: weighed by what the vans have to do, and kept in the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import sos_store, tables
from fleet.main import adopting, dispatch, running_day
from routing.running_changes import stands
from tests.fleet.main.running_town import NOON, Town, at_noon, called, offered, tap
from tests.routing.town import DAY, MORNING


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


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
    assert decision.moved == tuple(each.stop_id for each in proposal.shifted if not each.forced)


def test_the_improvement_is_added_and_the_answer_stays(town: Town) -> None:
    case = offered(town)
    dispatch.improve(town.context, town.district_id, case.id)
    with town.context.engine.connect() as conn:
        after = sos_store.get(conn, town.district_id, case.id)
    assert [each.stage for each in after.receipt.proposals] == ["answer", "improved"]
    assert after.receipt.proposals[0].shifted == case.receipt.proposals[0].shifted
    assert after.state == "offered"


def test_a_van_on_its_way_to_a_long_visit_turns_round(town: Town) -> None:
    with town.context.engine.begin() as conn:
        conn.execute(sa.update(tables.cadence).values(service_s=3 * 3600))
        state = tables.van_state
        case = called(town)
        here = conn.execute(sa.select(state.c.van_id, state.c.lon, state.c.lat)).all()
        plain = running_day.read(conn, town.context, case, NOON, [1, 2])
        assert plain is not None
        van = next(n for n, each in enumerate(plain.rest.problem.vans) if each.prefix)
        van_id = plain.agenda.van_ids[van]
        lon, lat = next((row.lon, row.lat) for row in here if row.van_id == van_id)
        near = replace(case, lon=lon, lat=lat)
        situation = running_day.read(conn, town.context, near, NOON, [van_id])
        assert situation is not None
        found, repair, _ = running_day.answer(situation, near, [van_id])
    assert running_day.serves(repair) == van
    assert not found.rest.problem.vans[van].prefix
    last = len(repair.problem.visits) - 1
    (begins_s,) = (s.begins_s for r in repair.plan.routes for s in r.stops if s.visit == last)
    assert begins_s <= situation.now_s + 60
    # What would stand if it went on, or took its break now, is moved for the call.
    rest = situation.rest
    kept = stands(rest.problem, rest.orders).visits
    lost = {n for n, visit in enumerate(rest.problem.visits) if visit.promise != kept[n].promise}
    assert {each.visit for each in repair.changes if each.forced} <= lost


def test_a_call_that_fits_into_no_shift_has_its_plan_too(database: str, tmp_path: Path) -> None:
    with at_noon(database, tmp_path, now=MORNING + timedelta(hours=9, minutes=20)) as late:
        case = offered(late)
        (proposal,) = case.receipt.proposals
        assert (proposal.stage, proposal.van_id) == ("answer", case.van_id)
        with late.context.engine.begin() as conn:
            after = adopting.adopt(conn, late.context, case, by="account:1")
            (ends,) = conn.scalars(
                sa.select(tables.plan_route.c.ends).where(tables.plan_route.c.van_id == case.van_id)
            )
    assert after.receipt.proposals[-1].stage == "adopted"
    assert ends > MORNING + timedelta(hours=9, minutes=40)


def test_a_call_while_all_are_at_long_visits_waits_for_the_first_that_is_free(town: Town) -> None:
    lasts = timedelta(minutes=70)
    with town.context.engine.begin() as conn:
        stop = tables.plan_stop
        for van_id in (1, 2):
            coming = (stop.c.van_id == van_id, stop.c.kind.in_(("visit", "dropoff")), stop.c.leaves > NOON)
            (at,) = conn.scalars(sa.select(stop.c.id).where(*coming).order_by(stop.c.seq).limit(1))
            served = {"begins": NOON, "leaves": NOON + van_id * lasts}
            conn.execute(sa.update(stop).where(stop.c.id == at).values(served))
            tap(conn, (town.district_id, van_id), "started", at, NOON)
    case = offered(town)
    assert case.van_id == 1
    assert (case.receipt.decisions[0].eta_s or 0) >= lasts.total_seconds()
    assert [each.stage for each in case.receipt.proposals] == ["answer"]
    with town.context.engine.begin() as conn:
        after = adopting.adopt(conn, town.context, case, by="account:1")
    assert after.receipt.proposals[-1].stage == "adopted"


def test_the_dispatchers_word_counts(town: Town) -> None:
    case = called(town)
    with town.context.engine.begin() as conn:
        assert dispatch.offer(conn, town.context, case, by="account:1", van_id=2).van_id == 2

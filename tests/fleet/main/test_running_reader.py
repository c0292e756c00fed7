"""Taps, plan and positions tell where each van is free next, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fleet import sos, sos_store
from fleet.main import adopting, running_day
from fleet.main.running_reader import SERVICE_S
from routing import store
from routing.checker import violations
from routing.running_improve import Wish
from routing.running_repair import respond
from tests.fleet.main.running_town import NOON, Town, at_noon, called, offered, tap


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


@pytest.mark.parametrize("stage", ["offered", "accepted", "arrived"])
def test_a_van_with_a_call_is_free_at_its_place_when_it_has_helped(town: Town, stage: str) -> None:
    case = offered(town)
    assert case.van_id is not None
    with town.context.engine.begin() as conn:
        case = adopting.adopt(conn, town.context, case, by="account:1")
    assert case.van_id is not None
    (decision,) = case.receipt.decisions
    reached = decision.at + timedelta(seconds=decision.eta_s or 0)
    with town.context.engine.begin() as conn:
        if stage != "offered":
            accept = sos.Accept(decision.at, case.van_id)
            sos_store.transition(conn, town.district_id, case.id, accept, decision.at)
        if stage == "arrived":
            reached = NOON + timedelta(minutes=3)
            arrive = sos.Arrive(reached, case.van_id)
            sos_store.transition(conn, town.district_id, case.id, arrive, reached)
        found = running_day.look(conn, town.context, town.district_id, NOON + timedelta(minutes=4))
    assert found is not None
    van = found.rest.problem.vans[found.agenda.van_ids.index(case.van_id)]
    at = found.rest.problem.sites[van.depot]
    assert (at.lon, at.lat) == (case.lon, case.lat)
    free = max(reached, NOON + timedelta(minutes=4)) if stage != "arrived" else reached
    assert abs(van.starts_s - SERVICE_S - (free - found.agenda.origin).total_seconds()) <= 1


def test_a_van_with_a_call_that_no_plan_knows_yet_takes_nothing_new(town: Town) -> None:
    case = offered(town)
    with town.context.engine.connect() as conn:
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert found is not None and case.van_id is not None
    van = found.agenda.van_ids.index(case.van_id)
    own = {call.index for call in found.rest.orders[van] if call.kind in ("visit", "dropoff")}
    for n, visit in enumerate(found.rest.problem.visits):
        assert visit.vans is not None
        assert n in own or van not in visit.vans

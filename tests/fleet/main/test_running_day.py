"""An SOS on a running day: weighed by what the vans have to do, kept in the receipt, adopted by one click."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import journal, outbox, sos_store, tables
from fleet.clock import Clock
from fleet.context import Context
from fleet.errors import Conflict
from fleet.main import adopting, dispatch, running_day
from fleet.sos import Case
from fleet.sos_webhook import Call
from routing import store
from routing.planner import Wish, plan_day
from tests.routing.town import DAY, MORNING, context_on, seed

NOON = MORNING + timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Town:
    """A district at noon: its plan is published, its crews have tapped what was planned until now."""

    context: Context
    district_id: int
    plan_id: int


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    morning = context_on(database, tmp_path)
    with morning.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(morning, district_id, DAY, Wish("command", 0.5, 2))
    context = replace(morning, clock=Clock.opening(NOON))
    with context.engine.begin() as conn:
        store.publish(conn, district_id, plan_id, "command", MORNING)
        live_until(conn, district_id, plan_id, NOON)
    yield Town(context, district_id, plan_id)
    context.engine.dispose()


def live_until(conn: sa.Connection, district_id: int, plan_id: int, now: datetime) -> None:
    """Taps of all calls that should be over, and each van near its last one."""
    last: dict[int, tuple[float, float]] = {}
    for stop in store.stops_of(conn, plan_id):
        if stop.begins > now or stop.kind == "end":
            continue
        last[stop.van_id] = (stop.lon, stop.lat)
        if stop.kind in ("visit", "dropoff") and stop.leaves <= now:
            tap(conn, (district_id, stop.van_id), "done", stop.id, stop.leaves)
    for van_id, (lon, lat) in last.items():
        values = {"t": now, "lon": lon, "lat": lat, "received_at": now, "terminal_id": 1, "digest": 0}
        conn.execute(tables.van_state.insert().values(van_id=van_id, district_id=district_id, **values))


def tap(conn: sa.Connection, who: tuple[int, int], kind: str, stop_id: int, t: datetime) -> None:
    """What a crew said of a stop; `who` is the district and the van."""
    conn.execute(
        tables.event.insert().values(
            terminal_id=1, id=uuid.uuid4(), district_id=who[0], van_id=who[1], t=t, kind=kind,
            stop_id=stop_id, received_at=t,
        )
    )  # fmt: skip


def called(town: Town) -> Case:
    """A call from the last elder's home."""
    with town.context.engine.begin() as conn:
        t = tables.recipient
        code = conn.scalars(sa.select(t.c.code).where(t.c.district_id == town.district_id)).all()[-1]
        return sos_store.create(
            conn, town.district_id, "webhook:1", Call("k", code, "", None, None), town.context.clock.now()
        )[0]


def offered(town: Town) -> Case:
    case = called(town)
    with town.context.engine.begin() as conn:
        return dispatch.offer(conn, town.context, case, by="account:1")


def test_the_day_is_read_as_the_taps_tell_it(town: Town) -> None:
    with town.context.engine.connect() as conn:
        found = running_day.read(conn, town.context, called(town), town.context.clock.now())
        stops = store.stops_of(conn, town.plan_id)
    assert found is not None and found.published.lost == ()
    still = {found.published.stop_ids[n] for n in found.rest.visits if n in found.published.stop_ids}
    assert still <= {s.id for s in stops if s.kind in ("visit", "dropoff") and s.leaves > NOON}
    assert still
    assert all(van.starts_s >= found.now_s for van in found.rest.problem.vans)


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


def test_the_dispatchers_word_counts(town: Town) -> None:
    case = called(town)
    with town.context.engine.begin() as conn:
        assert dispatch.offer(conn, town.context, case, by="account:1", van_id=2).van_id == 2

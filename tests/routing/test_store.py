from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet import journal, outbox, tables
from fleet.errors import Conflict, NotFound
from fleet.roads import Roads
from routing import store
from routing.agenda import Agenda, build
from routing.checker import violations
from routing.explain import explain
from routing.plan import Plan
from routing.search import Effort, solve
from tests.routing.town import DAY, MORNING, seed


@pytest.fixture
def planned(conn: sa.Connection) -> tuple[Agenda, Plan]:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    plan = solve(agenda.problem, Effort(seconds=0.3))
    assert violations(agenda.problem, plan) == ()
    return agenda, plan


def save(conn: sa.Connection, planned: tuple[Agenda, Plan]) -> int:
    agenda, plan = planned
    lines = [
        [(agenda.problem.sites[s.site].lon, agenda.problem.sites[s.site].lat) for s in route.stops]
        for route in plan.routes
    ]
    made = store.Made(MORNING, "command", 1, explain(agenda.problem, plan), lines, 0)
    return store.save_draft(conn, agenda, plan, made)


def test_a_draft_is_read_back_as_it_was_made(conn: sa.Connection, planned: tuple[Agenda, Plan]) -> None:
    agenda, plan = planned
    plan_id = save(conn, planned)
    row = store.find_plan(conn, agenda.district_id, plan_id)
    assert (row.status, row.version, row.basis, row.levels) == (
        "draft",
        None,
        "great-circle",
        plan.levels.figures(),
    )
    assert row.unserved == len(plan.unserved)
    assert row.served + row.unserved == len(agenda.problem.visits)
    stops = store.stops_of(conn, plan_id)
    assert [(s.kind, s.arrives, s.leaves) for s in stops] == [
        (s.kind, agenda.at(s.arrives_s), agenda.at(s.leaves_s)) for route in plan.routes for s in route.stops
    ]
    assert all((stop.beat is not None) == (stop.kind == "pass") for stop in stops)
    assert [route.van_id for route in store.routes_of(conn, plan_id)] == list(agenda.van_ids)
    assert store.list_plans(conn, agenda.district_id, DAY) == (row,)


def test_the_unserved_keep_their_proved_reasons(conn: sa.Connection) -> None:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    early = tuple(replace(van, ends_s=van.starts_s + 3600) for van in agenda.problem.vans)
    agenda = replace(agenda, problem=replace(agenda.problem, vans=early))
    plan = solve(agenda.problem, Effort(seconds=0.3))
    plan_id = save(conn, (agenda, plan))
    rows = store.unserved_of(conn, plan_id)
    assert len(rows) == len(plan.unserved) > 0
    assert [row.mandatory for row in rows] == sorted((row.mandatory for row in rows), reverse=True)
    assert all({reason["van"] for reason in row.reasons} == set(agenda.van_ids) for row in rows)
    assert any("short_s" in reason for row in rows for reason in row.reasons)


def test_publishing_sends_each_van_its_route(conn: sa.Connection, planned: tuple[Agenda, Plan]) -> None:
    agenda, _ = planned
    district_id = agenda.district_id
    first, second = save(conn, planned), save(conn, planned)
    before = journal.current(conn, district_id)
    assert store.publish(conn, district_id, first, "account:1", MORNING) == 1
    assert store.publish(conn, district_id, second, "account:1", MORNING) == 2
    assert journal.current(conn, district_id) == before + 2
    assert [p.status for p in store.list_plans(conn, district_id, DAY)] == ["published", "superseded"]
    for van_id in agenda.van_ids:
        (message,) = outbox.after(conn, van_id, 0)
        assert (message.kind, message.body["version"], message.body["id"]) == ("plan", 2, second)
        assert [stop["seq"] for stop in message.body["stops"]] == list(range(len(message.body["stops"])))
        assert len(message.body["route"]) >= 2
    t = tables.audit
    actions = conn.scalars(sa.select(t.c.action).where(t.c.district_id == district_id)).all()
    assert actions.count("plan.publish") == 2


def test_what_is_no_draft_is_not_published(conn: sa.Connection, planned: tuple[Agenda, Plan]) -> None:
    agenda, _ = planned
    plan_id = save(conn, planned)
    store.publish(conn, agenda.district_id, plan_id, "account:1", MORNING)
    with pytest.raises(Conflict, match="published"):
        store.publish(conn, agenda.district_id, plan_id, "account:1", MORNING)
    with pytest.raises(NotFound):
        store.publish(conn, agenda.district_id + 1, plan_id, "account:1", MORNING)
    with pytest.raises(NotFound):
        store.find_plan(conn, agenda.district_id, 987_654)

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from fleet import tables
from fleet.roads import Roads
from routing import store
from routing.agenda import build
from routing.explain import explain
from routing.restored import restore, visit_keys
from routing.search import Effort, solve
from routing.timetable import calls_of
from tests.routing.town import DAY, MORNING, seed


def test_a_stored_plan_is_found_again_call_by_call_and_what_is_gone_is_lost(conn: sa.Connection) -> None:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    made = solve(agenda.problem, Effort(seconds=0.3))
    lines = [[(116.0, 36.0), (116.1, 36.0)] for _ in made.routes]
    how = store.Made(MORNING, "command", 1, explain(agenda.problem, made), lines, 0)
    plan_id = store.save_draft(conn, agenda, made, how)
    stops = store.stops_of(conn, plan_id)
    t = tables.plan_stop
    rows = conn.execute(sa.select(t.c.id, t.c.site_id).where(t.c.site_id.is_not(None)))
    sites = {row.id: row.site_id for row in rows}
    found = restore(agenda, stops, sites)
    assert found.lost == ()
    assert found.orders == tuple(calls_of(agenda.problem, route.stops) for route in made.routes)

    fewer = replace(agenda, van_ids=(agenda.van_ids[0], -9))
    less = restore(fewer, stops, sites)
    assert {stop.van_id for stop in less.lost} == {agenda.van_ids[1]}
    assert less.orders[1] == ()


def test_keys_tell_visits_apart_and_a_second_call_on_one_person_too(conn: sa.Connection) -> None:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    keys = visit_keys(agenda)
    assert len(set(keys)) == len(keys)
    assert {key[0] for key in keys} == {"p", "s"}
    twice = visit_keys(replace(agenda, callers=(*agenda.callers, agenda.callers[0])))
    assert twice[-1] == f"{keys[0]}.2"

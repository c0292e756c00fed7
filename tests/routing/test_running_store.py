"""A stored plan is found again among the day's visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.synthetic import people
from routing import running_store, store
from routing.agenda import Agenda, build, layout
from routing.planner import Wish, plan_day
from routing.running import Running, running
from routing.running_improve import plan_with
from routing.running_store import Published, Rewriting
from tests.routing.running_days import state_at
from tests.routing.town import DAY, MORNING, context_on, seed


def test_every_stop_is_what_it_was_planned_for_and_a_stranger_is_told_of(
    database: str, tmp_path: Path
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5, 2))
    with context.engine.begin() as conn:
        agenda = build(conn, context.roads, district_id, DAY)
        found = running_store.read(conn, agenda, plan_id)
        stops = store.stops_of(conn, plan_id)
        assert found.lost == ()
        planned = [stop for route in found.plan.routes for stop in route.stops]
        assert [(s.kind, agenda.at(s.begins_s)) for s in planned] == [(s.kind, s.begins) for s in stops]
        assert sorted(found.stop_ids.values()) == sorted(
            stop.id for stop in stops if stop.kind in ("visit", "dropoff")
        )
        first = next(stop for stop in stops if stop.kind == "visit")
        t = tables.plan_stop
        conn.execute(sa.update(t).where(t.c.id == first.id).values(recipient_id=None))
        assert running_store.read(conn, agenda, plan_id).lost == (first.id,)
    context.engine.dispose()


@pytest.mark.parametrize("elders", [30, 200])
def test_a_plan_tells_who_is_due_without_a_look_at_the_days_ahead(
    database: str, tmp_path: Path, elders: int
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        size = people.Size(vans=2, elders=elders)
        district_id = people.seed_district(conn, size, day=DAY, seed=7, now=MORNING)
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5, 2))
    with context.engine.begin() as conn:
        ahead = layout(conn, district_id, DAY)
        told = layout(conn, district_id, DAY, advice=running_store.asked(conn, plan_id))
        assert len(told.callers) > 10
        assert told.callers == ahead.callers
        assert told.problem.visits == ahead.problem.visits
    context.engine.dispose()


def test_two_small_moves_are_one_that_is_told(database: str, tmp_path: Path) -> None:
    """Ten minutes later is still as promised, and ten more are not: then the new time is the promise."""
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5, 2))
    with context.engine.begin() as conn:
        agenda = build(conn, context.roads, district_id, DAY)
        told = {
            stop.id: stop.begins
            for stop in store.stops_of(conn, plan_id)
            if stop.kind in ("visit", "dropoff")
        }
        for later in (timedelta(minutes=10), timedelta(minutes=20)):
            published = running_store.read(conn, agenda, plan_id)
            state = state_at(agenda.problem, published.plan, 0)
            rest = running(agenda.problem, published.plan, state, published.promised)
            promises = {
                published.stop_ids[rest.visits[n]]: agenda.at(visit.promise.begins_s)
                for n, visit in enumerate(rest.problem.visits)
                if visit.promise is not None
            }
            assert promises == told
            new = later_by(agenda, published, rest, timedelta(minutes=10))
            running_store.rewrite(conn, plan_id, new)
            begins = {stop.id: stop.begins for stop in store.stops_of(conn, plan_id) if stop.id in told}
            assert {begins[each] - told[each] for each in told} == {later}
        again = running_store.read(conn, agenda, plan_id)
        assert again.promised == {}
    context.engine.dispose()


def test_reasons_of_routes_that_nobody_drives_are_not_told(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn, 140)
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5, 2))
    with context.engine.begin() as conn:
        before = store.unserved_of(conn, plan_id)
        assert any(each.reasons for each in before)
        agenda = build(conn, context.roads, district_id, DAY)
        published = running_store.read(conn, agenda, plan_id)
        rest = running(agenda.problem, published.plan, state_at(agenda.problem, published.plan, 0))
        running_store.rewrite(conn, plan_id, later_by(agenda, published, rest, timedelta(0)))
        after = store.unserved_of(conn, plan_id)
    assert [each.recipient_id for each in after] == [each.recipient_id for each in before]
    assert not any(each.reasons for each in after)
    context.engine.dispose()


def later_by(agenda: Agenda, published: Published, rest: Running, later: timedelta) -> Rewriting:
    """The rest of a day as it is, each stop a little later."""
    more_s = int(later.total_seconds())
    plan = plan_with(rest.problem, rest.orders)
    number = {visit: n for n, visit in enumerate(rest.visits)}
    routes = []
    for route in published.plan.routes:
        stops = tuple(
            replace(
                stop,
                arrives_s=stop.arrives_s + more_s,
                begins_s=stop.begins_s + more_s,
                leaves_s=stop.leaves_s + more_s,
                visit=None if stop.visit is None else number[stop.visit],
            )
            for stop in route.stops
        )
        routes.append(replace(route, stops=stops))
    return Rewriting(agenda, published, rest, rest.problem, replace(plan, routes=tuple(routes)))

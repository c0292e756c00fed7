"""A stored plan is found again among the day's visits."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.synthetic import people
from routing import running_store, store
from routing.agenda import build, layout
from routing.planner import Wish, plan_day
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

from __future__ import annotations

import json
from datetime import time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.errors import Conflict, InvalidInput
from fleet.roads import Roads
from fleet.synthetic import people
from routing import kept, planner, store
from routing.agenda import build
from routing.checker import violations
from routing.doubts import doubts
from routing.explain import orders_of
from routing.planner import Wish, plan_day, read_agenda
from routing.scenario import Told
from routing.search import Effort, Progress
from routing.variant import Variant
from routing.vetting import vet
from tests.routing.town import DAY, MORNING, context_on, seed


def test_a_day_is_planned_and_stored_or_cancelled_without_a_trace(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    heard: list[Progress] = []
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5, 2), progress=heard.append)
    assert [each.stage for each in heard[-2:]] == ["reasons", "lines"]
    with pytest.raises(Conflict, match="cancelled"):
        plan_day(context, district_id, DAY, Wish("command", 0.5), cancelled=lambda: True)
    with context.engine.connect() as conn:
        (row,) = store.list_plans(conn, district_id, DAY)
        assert (row.id, row.seed, row.created_by) == (plan_id, 2, "command")
        assert all(len(route.line) >= 2 for route in store.routes_of(conn, plan_id))
    context.engine.dispose()


def test_a_wide_day_is_planned_in_parts(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        size = people.Size(vans=20, elders=70)
        district_id = people.seed_district(conn, size, day=DAY, seed=7, now=MORNING)
        t = tables.shift
        conn.execute(sa.update(t).where(t.c.day == DAY).values(ends=t.c.starts + timedelta(hours=1)))
    monkeypatch.setattr(planner, "ONE_TABLE", 10)
    told = Told("van_more", van=read_agenda(context, district_id, DAY).van_ids[0])
    heard: list[Progress] = []
    wish = Wish("command", 4.0, variant=Variant("one more", (told,)))
    plan_id = plan_day(context, district_id, DAY, wish, progress=heard.append)
    with context.engine.connect() as conn:
        row = store.find_plan(conn, district_id, plan_id)
        left = store.unserved_of(conn, plan_id)
        routes = store.routes_of(conn, plan_id)
    assert (row.violations, row.basis, row.served) == (0, "great-circle", heard[-1].served)
    assert row.served > 0 and len(routes) == 21
    assert left and all(1 <= len(each.reasons) < 21 for each in left), "each has reasons of its part's vans"
    context.engine.dispose()


def test_a_wide_days_best_is_made_a_plan_without_any_search(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    monkeypatch.setattr(planner, "ONE_TABLE", 10)
    agenda = read_agenda(context, district_id, DAY)
    searched, plan = planner.search(context, agenda, Effort(steps=200))
    best = json.loads(json.dumps(kept.as_json(searched, orders_of(searched.problem, plan))))
    made, again = planner.along(context, agenda, kept.orders_of(agenda, best))
    assert violations(made.problem, again) == ()
    assert len(again.unserved) <= len(plan.unserved)
    context.engine.dispose()


def test_a_home_open_by_night_does_not_stop_the_day(database: str, tmp_path: Path) -> None:
    """It is told of before the search, and is unserved with its reason."""
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
        caller = next(each for each in build(conn, Roads(""), district_id, DAY).callers if each.recipient_id)
        night = {"opens": time(22, 0), "closes": time(23, 30)}
        conn.execute(tables.site.update().where(tables.site.c.id == caller.site_id).values(**night))
        problem = build(conn, Roads(""), district_id, DAY).problem
    (doubt,) = (each for each in doubts(problem) if each.kind == "window")
    assert "at 22:00-" in doubt.text.format(**doubt.params)
    with pytest.raises(InvalidInput, match="at 22:00-"):
        vet(problem)
    plan_id = plan_day(context, district_id, DAY, Wish("command", 0.5))
    with context.engine.connect() as conn:
        left = {row.recipient_id: row for row in store.unserved_of(conn, plan_id)}
    reasons = left[caller.recipient_id].reasons
    assert all("shift_end" in {need["code"] for need in reason["needs"]} for reason in reasons)
    context.engine.dispose()

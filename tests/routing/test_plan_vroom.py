from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.context import Context
from routing import plan_vroom, sheaf, store
from routing.planner import Wish, plan_day
from routing.vroom_solution import Solution, decode
from tests.routing import test_sheaf
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def read_back(what: sheaf.Sheaf) -> Solution:
    return decode(b"".join(plan_vroom.write(what)))


def test_a_plan_is_read_back_stop_by_stop(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.5))
    with context.engine.connect() as conn:
        what = sheaf.read_sheaf(conn, district_id, plan_id, "zh")
        stops = store.stops_of(conn, plan_id)
    told = read_back(what)
    assert told == plan_vroom.solution_of(what)
    assert told.routes is not None and told.unassigned is not None
    assert told.summary.routes == len(what.routes)
    assert told.summary.unassigned == len(told.unassigned) == len(what.unserved)
    assert told.summary.duration == what.plan.levels["drive_s"]
    assert told.summary.distance == sum(row.drive_m for row in what.routes)
    for route in told.routes:
        mine = [stop for stop in stops if stop.van_id == route.vehicle]
        assert [step.type for step in route.steps] == [
            {"start": "start", "break": "break", "end": "end"}.get(stop.kind, "job") for stop in mine
        ]
        assert [(s.arrival, s.arrival + s.waiting_time, s.location) for s in route.steps] == [
            (s.arrives.timestamp(), s.begins.timestamp(), (s.lon, s.lat)) for s in mine
        ]
        for before, step in itertools.pairwise(route.steps):
            left = before.arrival + before.waiting_time + before.service
            assert step.arrival - left == step.duration - before.duration
        assert all(load is None or min(load) >= 0 for load in (step.load for step in route.steps))
        assert route.steps[-1].load in (None, tuple(0 for _ in route.delivery or ()))
    ids = [s.id for route in told.routes for s in route.steps if s.id] + [each.id for each in told.unassigned]
    assert len(ids) == len(set(ids))


def test_names_are_masked_and_health_does_not_leave() -> None:
    text = b"".join(plan_vroom.write(test_sheaf.sheaf())).decode()
    assert "刘淑珍" not in text
    assert "无糖" not in text
    told = decode(text.encode())
    assert told.summary.delivery

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import Conflict
from routing import store
from routing.planner import Wish, plan_day
from routing.search import Progress
from tests.routing.town import DAY, context_on, seed


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

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.context import Context
from routing import store
from routing.desk_edits import Form
from routing.desk_work import Desks, Saving, save, why, work
from routing.planner import Wish, plan_day
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def test_a_plan_stays_open_until_its_day_changes_and_tells_why_after_a_hand_has_left_somebody_out(
    context: Context,
) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=0.3))
    desks = Desks()
    with context.engine.connect() as conn:
        desk = desks.open(conn, context, district_id, plan_id)
        assert desks.open(conn, context, district_id, plan_id) is desk
    visit = next(call.index for call in desk.session.orders[0] if call.kind == "visit")
    worked = work(desk, [Form("remove", f"p{desk.ground.agenda.callers[visit].recipient_id}")], "en")
    key = worked.view.keys[visit]
    told = why(worked, [key])
    assert set(told) == {key}
    assert any(each["helps"] and not each["changes"] for each in told[key]["reasons"])
    with context.engine.begin() as conn:
        draft, broken = save(conn, worked, context, Saving("account:1", "without"))
        assert broken == 0
        row = store.find_plan(conn, district_id, draft)
        left = store.unserved_of(conn, draft)
        store.publish(conn, district_id, draft, "account:1", context.clock.now())
        again = desks.open(conn, context, district_id, plan_id)
    assert (row.name, row.status) == ("without", "draft")
    person = desk.ground.agenda.callers[visit].recipient_id
    (mine,) = (each for each in left if each.recipient_id == person)
    assert mine.reasons[0]["code"] in ("fits", "patrol", "unseen")
    assert again is not desk
    assert again.published == row.levels

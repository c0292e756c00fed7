from __future__ import annotations

import json

import sqlalchemy as sa

from fleet.roads import Roads
from fleet.units import ms_of
from routing.desk import Edit, Pin, edited, opened, plan
from routing.desk_sheet import levels_json, moved_json, troubles_json, van_json, view_of, visit_json
from routing.place import squeeze
from routing.shelf import read
from routing.trouble import Trouble
from tests.routing.town import DAY, seed


def test_a_session_is_drawn_with_its_limits_and_positions(conn: sa.Connection) -> None:
    ground = read(conn, Roads(""), seed(conn), DAY)
    agenda = ground.agenda
    session = opened(agenda.problem, squeeze(agenda.problem, ((), ())))
    view, made = view_of(ground, "en"), plan(session)
    told = van_json(view, session, made.routes[0], [(116.0, 36.0), (116.1, 36.0)])
    assert (told["id"], told["line"]) == (agenda.van_ids[0], [[116.0, 36.0], [116.1, 36.0]])
    assert told["shift"][0] == ms_of(agenda.at(agenda.problem.vans[0].starts_s))
    positions = [stop["position"] for stop in told["stops"] if stop["position"] is not None]
    assert positions == list(range(len(session.orders[0])))
    assert [s["position"] for s in told["stops"] if s["kind"] in ("start", "break", "end")] == [None] * sum(
        s["kind"] in ("start", "break", "end") for s in told["stops"]
    )
    call = next(stop for stop in told["stops"] if stop["key"])
    assert call["windows"][0][0] <= call["begins"] <= call["windows"][-1][1]
    assert json.dumps(told)


def test_what_edits_move_is_told_from_and_to(conn: sa.Connection) -> None:
    ground = read(conn, Roads(""), seed(conn), DAY)
    agenda = ground.agenda
    before = opened(agenda.problem, squeeze(agenda.problem, ((), ())))
    visit = before.orders[0][0].index
    after = edited(before, [Edit("remove", visit)])
    view = view_of(ground, "zh")
    moved = {each["key"]: each for each in moved_json(view, after, before)}
    assert moved[view.keys[visit]]["from"]["van"] == agenda.van_ids[0]
    assert moved[view.keys[visit]]["to"] is None
    figures = {each["key"]: each for each in levels_json(plan(after), plan(before), {"drive_s": 7})}
    assert figures["drive_s"]["published"] == 7
    assert figures["cost"]["published"] is None
    pinned = edited(before, [Edit("lock", visit, 0)])
    assert pinned.pins[visit] == Pin(0)
    assert visit_json(view, pinned, visit)["locked"] == agenda.van_ids[0]
    (said,) = troubles_json(view, [Trouble("window", 0, visit, 120)])
    assert (said["van"], said["key"]) == (agenda.van_ids[0], view.keys[visit])

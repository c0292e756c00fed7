from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from fleet.words import catalogue
from maps import compare, sheet
from tests.maps import staging


def test_plans_are_compared_from_the_top_and_each_has_a_colour(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    one = sheet.read_sheet(conn, stage.district_id, stage.plan_id)
    levels = {"mandatory_missed": 0, "patrol_short_min": 75, "cost": 7300, "drive_s": 7200}
    first = replace(one, version=replace(one.version, levels=levels))
    second = replace(
        one, version=replace(one.version, levels={**levels, "patrol_short_min": 60, "cost": 9000})
    )
    rows = {row.name: row for row in compare.level_rows([first, second], "en")}
    assert list(rows) == ["Mandatory visits missed", "Patrol hours missing", "Weighted sum", "Driving"]
    assert [figure.said for figure in rows["Patrol hours missing"].figures] == ["1:15", "1:00"]
    assert [figure.best for figure in rows["Patrol hours missing"].figures] == [False, True]
    assert [figure.best for figure in rows["Driving"].figures] == [None, None]
    assert rows["Driving"].part and not rows["Weighted sum"].part
    assert compare.better_of([first, second]) == 1
    assert compare.better_of([first, first]) is None
    assert [text for text in (each.name for each in compare.LEVELS.values()) if text not in catalogue()] == []
    drawn = compare.drawn_plans([first, second], ["a", "b"])
    assert [each.name for each in drawn] == ["a", "b"]
    assert {route.colour for each in drawn for route in each.routes} == set(compare.COLOURS[:2])
    assert all(stop.label == "" for each in drawn for stop in each.stops)


def test_a_van_that_only_one_plan_has_stands_beside_nothing(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    one = sheet.read_sheet(conn, stage.district_id, stage.plan_id)
    added = replace(one, routes=(*one.routes, replace(one.routes[0], van_id=-1)))
    rows = compare.van_rows([one, added], "zh")
    assert [row.name for row in rows] == ["1号车", "2号车", "增加的 1 号车"]
    assert rows[0].days[0] is not None and rows[0].days[0].calls == 4
    assert rows[2].days[0] is None
    assert rows[2].days[1] is not None and rows[2].days[1].driving == "1:00"

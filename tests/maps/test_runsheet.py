from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from maps import runsheet
from tests.routing.test_sheaf import sheaf, stop


def test_passes_in_a_row_are_one_row_and_calls_are_numbered() -> None:
    stops = (
        stop(0, "start"),
        stop(1, "pass", name="网格1", beat="B1"),
        stop(2, "pass", name="网格1", beat="B1"),
        stop(3, "pass", name="网格2", beat="B2"),
        stop(4, "visit"),
        stop(5, "break"),
        stop(6, "pass", name="网格2", beat="B2"),
        stop(7, "dropoff"),
        stop(8, "end"),
    )
    what = replace(sheaf(), stops=stops)
    sheet = runsheet.sheet_of(what, what.routes[0], "一组")
    assert [(row.line.kind, row.number, row.times) for row in sheet.rows] == [
        ("start", "", 1),
        ("pass", "", 2),
        ("pass", "", 1),
        ("visit", "1", 1),
        ("break", "", 1),
        ("pass", "", 1),
        ("dropoff", "2", 1),
        ("end", "", 1),
    ]
    assert sheet.rows[1].until - sheet.rows[1].line.arrives == timedelta(minutes=51)
    assert (sheet.calls, sheet.patrol_min, sheet.crew, sheet.van) == (2, 350, "一组", "三号车")


def test_what_is_loaded_is_what_is_handed_out_until_the_next_load() -> None:
    stops = (
        stop(0, "start", name="中心1"),
        stop(1, "dropoff", items={"soup": 30, "melon": 5}),
        stop(2, "dropoff", items={"soup": 12}),
        stop(3, "reload", name="中心2"),
        stop(4, "dropoff", items={"melon": 9}),
        stop(5, "end"),
    )
    what = replace(sheaf(), stops=stops)
    first, second = runsheet.sheet_of(what, what.routes[0]).loads
    assert (first.place, first.portions) == ("中心1", (("绿豆汤", 42), ("西瓜", 5)))
    assert (second.place, second.portions) == ("中心2", (("西瓜", 9),))
    assert runsheet.sheet_of(replace(what, stops=stops[:1]), what.routes[0]).loads == ()


def test_the_map_says_the_numbers_of_the_sheet() -> None:
    what = sheaf()
    sheet = runsheet.sheet_of(what, what.routes[0])
    drawn = runsheet.scene_of(sheet)
    assert [each.label for each in drawn.stops] == ["2", "1", ""], "the first call lies on top"
    assert drawn.routes[0].points == what.routes[0].line
    assert drawn.bounds is not None and drawn.bounds[0][0] < 116.0 < drawn.bounds[1][0]

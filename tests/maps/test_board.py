"""The platform screen's figures and rows."""

from __future__ import annotations

import json
from typing import Any

from fleet.sos import Candidate, Decision, Receipt
from fleet.words import Locale
from maps.board import board
from maps.day import Unserved
from tests.maps.days import NOW, call, day, gathered, tap


def drawn(**other: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(board(day(**other), gathered(), "zh")))
    return told


def test_figures_count_what_they_say() -> None:
    figures = drawn(
        taps=(tap("done", 50, 1), tap("no_answer", 80, 2), tap("reload", 90, cups=3)), calls=(call(),)
    )["figures"]
    assert figures["online"] == {"n": 1, "stale": 0, "offline": 0, "of": 1}
    assert figures["patrol"] == {"mean_h": 1.5, "claimed_h": 6000 / 3600, "target_h": 6}
    assert figures["visits"] == {"done": 1, "tried": 2, "of": 3}
    assert figures["overdue"] == {"n": 2, "days": 2}
    assert figures["monthly"] == {"n": 9, "of": 10}
    assert figures["servings"] == {"season": "summer", "n": 4, "discarded": 3}
    assert figures["sos"]["n"] == 1
    assert figures["circle"]["share"] == 0.91


def test_a_tap_with_a_number_counts_that_number() -> None:
    assert drawn(taps=(tap("done", 50, 1, cups=1),))["figures"]["servings"]["n"] == 1


def test_no_full_name_leaves_the_board() -> None:
    unserved = (Unserved(True, "第9小区", "Estate 9", "刘淑珍", "visit", ()),)
    text = json.dumps(board(day(unserved=unserved), gathered(), "zh"), ensure_ascii=False)
    assert "刘淑珍" not in text
    assert "刘*珍" in text


def test_where_no_reason_holds_the_plan_page_is_named() -> None:
    unserved = (Unserved(True, "第9小区", "Estate 9", "刘淑珍", "visit", ()),)
    sentences: dict[Locale, str] = {"zh": "原因见计划页", "en": "The plan page says why"}
    for locale, said in sentences.items():
        told: dict[str, Any] = json.loads(json.dumps(board(day(unserved=unserved), gathered(), locale)))
        assert [each["said"] for each in told["unserved"]] == [[said]]


def test_on_the_map_a_goal_has_no_name_of_a_person() -> None:
    (van,) = drawn(taps=(tap("departed", 1),))["vans"]
    assert van["place"] == "第1小区 刘*珍"
    assert van["goal"] == "第1小区"
    assert van["eta_s"] == 120


def test_coverage_is_told_by_van() -> None:
    (beat,) = drawn()["beats"]
    assert (beat["name"], beat["share"], beat["longest_s"]) == ("网格7", 0.5, 8200)


def test_progress_counts_every_ten_minutes() -> None:
    progress = drawn(taps=(tap("done", 41, 1), tap("done", 42, 2)))["progress"]
    assert [n for _, n in progress["planned"]] == [1, 2, 3]
    assert [n for _, n in progress["done"]] == [2]


def test_a_day_without_a_plan_has_a_board() -> None:
    told = drawn(plan=None, routes=(), stops=(), positions={})
    assert told["plan"] is None
    assert told["figures"]["visits"] == {"done": 0, "tried": 0, "of": 0}
    assert told["progress"] == {"planned": [], "done": [], "from": None, "to": None}
    assert told["as_of"] == NOW.timestamp() * 1000


def test_a_call_under_way_is_as_far_as_its_van_is_now() -> None:
    decision = Decision(NOW, 1, (Candidate(1, 281),))
    for state, eta_s in (("offered", 281), ("accepted", 120)):
        (told,) = drawn(calls=(call(state=state, van_id=1, receipt=Receipt((decision,))),))["calls"]
        assert told["eta_s"] == eta_s

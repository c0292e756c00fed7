from __future__ import annotations

from dataclasses import replace

import pytest

from routing.problem import Break, Equipment, Item, Kitchen, Problem, Relation, TimeWindow, Van
from routing.reason import CODES, Need, Reason, as_json, relaxed, size_of, with_visit
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row

VAN = Van(
    "V1", 0, 0, 900, hot_cups=5, cold_cups=6, rest=Break(100, 200, 30), span_s=800, cold_aboard=2, prefix=(1,)
)


def problem_of(van: Van = VAN) -> Problem:
    visits = (day_visit("A", 1, vans=frozenset({1})), day_visit("B", 2))
    return replace(
        in_a_row((van, van), visits, (Item("soup", "cold", 600),)),
        kitchens=(Kitchen(0, TimeWindow(0, 500), 60, 0),),
        equipment=(Equipment("chair"),),
        relations=(Relation("same_van", (0, 1)), Relation("not_same_day", (0, 1))),
    )


def mended(*needs: Need) -> Problem:
    return relaxed(problem_of(), 0, Reason(0, needs, 0))


def test_every_need_is_met_in_the_problem() -> None:
    assert mended(Need("shift_end", 60)).vans[0].ends_s == 960
    assert mended(Need("ended", 60)).vans[0].ends_s == 960
    assert mended(Need("span", 60)).vans[0].span_s == 860
    assert mended(Need("start", 60)).vans[0].leaves_by_s == 60
    assert mended(Need("patrol", 60)).vans[0].patrolled_s == 60
    assert mended(Need("break", 60)).vans[0].rest == Break(100, 260, 30)
    assert mended(Need("skills", what=("care",))).vans[0].skills == {"care"}
    assert mended(Need("prefix", 1)).vans[0].prefix == ()
    assert mended(Need("vans")).visits[0].vans == frozenset({0, 1})
    assert mended(Need("window", 60)).visits[0].windows == (TimeWindow(0, 86_460),)
    assert mended(Need("later_window", 60, visit=1)).visits[1].windows == (TimeWindow(0, 86_460),)
    assert mended(Need("kitchen", 60)).kitchens[0].window == TimeWindow(0, 560)
    assert mended(Need("food_clock", 60)).items[0].hold_s == 660
    assert mended(Need("equipment", 2, ("chair",))).equipment == (Equipment("chair", 3),)
    assert mended(Need("equipment", 1, ("climber",))).equipment == (Equipment("chair"), Equipment("climber"))
    assert [len(each.visits) for each in mended(Need("same_van")).relations] == [1, 2]
    assert [len(each.visits) for each in mended(Need("not_same_day")).relations] == [2, 1]


def test_more_cups_are_aboard_from_the_start() -> None:
    cold = mended(Need("capacity", 3, ("cold",))).vans[0]
    assert (cold.cold_cups, cold.cold_aboard, cold.hot_cups) == (9, 5, 5)
    hot = mended(Need("capacity", 3, ("hot",))).vans[0]
    assert (hot.hot_cups, hot.hot_aboard, hot.aboard("hot")) == (8, None, 8)


@pytest.mark.parametrize("code", ["unreachable", "road", "reload", "unseen", "fits"])
def test_what_is_no_change_of_the_problem_leaves_it_alone(code: str) -> None:
    need = Need(next(each for each in CODES if each == code), 60)
    before = problem_of()
    after = relaxed(before, 0, Reason(0, (need,), 0))
    assert (after.visits, after.vans, after.kitchens, after.items) == (
        before.visits,
        before.vans,
        before.kitchens,
        before.items,
    )


def test_a_reload_is_put_in_with_the_visit() -> None:
    calls = (Call("visit", 1), Call("visit", 1))
    reason = Reason(0, (Need("reload", kitchen=0, position=2),), 1)
    order = with_visit(problem_of(), calls, 0, reason)
    assert [(call.kind, call.index) for call in order] == [
        ("visit", 1),
        ("visit", 0),
        ("reload", 0),
        ("visit", 1),
    ]
    with pytest.raises(ValueError, match="position"):
        with_visit(problem_of(), calls, 0, Reason(0, (Need("unreachable"),), None))


def test_a_plan_change_is_nearer_than_more_time_than_a_decision_than_a_skill() -> None:
    codes = ("fits", "reload", "shift_end", "vans", "skills", "road", "unreachable")
    reasons = [Reason(0, (Need(next(c for c in CODES if c == code), 5),), 0) for code in codes]
    assert sorted(reversed(reasons), key=lambda each: each.nearness) == reasons
    assert size_of(Need("capacity", 2, ("hot",))) == size_of(Need("shift_end", 120))
    assert size_of(Need("equipment", 2, ("chair",))) == 0


def test_stored_reasons_keep_their_form() -> None:
    told = as_json(Reason(0, (Need("shift_end", 840),), 1), 3)
    assert told == {
        "van": 3,
        "code": "shift_end",
        "needs": [{"code": "shift_end", "short": 840, "what": []}],
        "short_s": 840,
    }
    told = as_json(Reason(0, (Need("reload", what=("K",), at_s=45_600),), 1), 3, (3,))
    assert told["needs"] == [{"code": "reload", "short": 0, "what": ["K"], "at": "12:40"}]

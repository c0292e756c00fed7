"""Names as a wall shows them."""

from __future__ import annotations

from datetime import date

import pytest

from fleet.season import DEFAULT_RULES, Rule, Temperature, season_on
from fleet.words import Locale
from maps.naming import goal_name, named, place_name, season_words, staff_name, whose_name
from tests.maps.days import stop


@pytest.mark.parametrize(
    ("kind", "locale", "said"),
    [
        ("visit", "zh", "第1小区 刘*珍"),
        ("visit", "en", "Estate 1 刘*珍"),
        ("pass", "zh", "巡逻 第1小区 刘*珍"),
    ],
)
def test_a_stop_is_named_with_the_elder_masked(kind: str, locale: Locale, said: str) -> None:
    assert place_name(stop(1, kind), locale) == said


@pytest.mark.parametrize(("recipient", "said"), [("刘淑珍", "Estate 1 刘*珍"), (None, "Estate 1")])
def test_whom_a_call_is_for_is_told_by_place_and_masked_name(recipient: str | None, said: str) -> None:
    assert whose_name("第1小区", "Estate 1", recipient, "en") == said


def test_a_break_without_a_place_still_has_a_name() -> None:
    assert place_name(stop(1, "break", name="", name_en="", recipient=None), "zh") == "休息"


@pytest.mark.parametrize(
    ("name", "doorstep", "said"),
    [
        ("文苑小区20号楼", True, "文苑小区"),
        ("第1小区", True, "第1小区"),
        ("和谐路20号服务点", False, "和谐路20号服务点"),
    ],
)
def test_the_map_names_the_estate_and_not_the_door(name: str, doorstep: bool, said: str) -> None:
    assert goal_name(stop(1, name=name, doorstep=doorstep), "zh") == said


def test_names_fall_back_to_chinese() -> None:
    assert named("中心", "", "en") == "中心"


@pytest.mark.parametrize(("display", "said"), [("李建国", "李*国"), ("dispatcher", "dispatcher")])
def test_staff_are_masked_where_they_have_a_chinese_name(display: str, said: str) -> None:
    assert staff_name(display) == said


def test_the_season_is_told_with_its_term() -> None:
    assert season_words(season_on(date(2026, 7, 24), None), "zh").startswith("夏令 · 大暑")
    assert "Major Heat" in season_words(season_on(date(2026, 7, 24), None), "en")


def test_what_decided_is_told_where_the_term_does_not_say_it() -> None:
    day = date(2026, 4, 10)
    hot = Rule("summer", "max_over", limit_c=35)
    measured, foretold = Temperature("measured", 36, 20), Temperature("forecast", 36.5, None)
    assert season_words(season_on(day, None, [hot], measured), "zh") == "夏令 · 清明 · 最高气温 36℃"
    assert season_words(season_on(day, None, [hot], foretold), "en").endswith("forecast high 36.5 ℃")
    assert season_words(season_on(day, "winter"), "zh").endswith("计划员指定")
    dates = Rule("summer", "dates", "04-01", "04-30")
    assert season_words(season_on(day, None, [dates]), "en").endswith("04-01 to 04-30")
    assert season_words(season_on(date(2026, 7, 17), None, DEFAULT_RULES), "zh").endswith("初伏第 3 天")

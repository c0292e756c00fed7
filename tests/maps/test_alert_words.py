"""Every rule has its words, in both languages, and every value finds its place in them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from fleet.words import catalogue
from maps.alert_words import _DEVICE_SAID, RULES, SEVERITY_WORDS, TONES, Naming, advice_of, title_of
from tests.maps.test_alerts import stored
from tracking.adapters import jt808_alarms
from tracking.alarm_rules import DEFAULTS, SEVERITIES

ZH = Naming({1: "1号车"}, {42: "第2小区 刘*珍"}, "zh", {7: "网格7"}, {9: "北门"}, "Asia/Shanghai")
EN = Naming({1: "Van 1"}, {}, "en", {7: "Beat 7"}, {}, "Asia/Shanghai")
BODY = {"celsius": 9.0, "container": "cold", "since": 1_784_853_000_000, "hours": 4.5, "top_kmh": 93}


def test_there_are_words_for_every_rule_and_severity() -> None:
    assert list(RULES) == list(DEFAULTS)
    assert set(TONES) == set(SEVERITY_WORDS) == set(SEVERITIES)


def test_every_word_has_its_chinese() -> None:
    said = [text for words in RULES.values() for text in (words.name, words.title, words.advice, words.limit)]
    said += [
        *SEVERITY_WORDS.values(),
        *_DEVICE_SAID.values(),
        "the hot container",
        "the cold container",
        "a fence",
    ]
    assert [text for text in said if text not in catalogue()] == []


@pytest.mark.parametrize("code", RULES)
@pytest.mark.parametrize("naming", [ZH, EN])
def test_no_place_stays_empty(code: str, naming: Naming) -> None:
    one = stored(
        code, body={**BODY, "beat": 7, "stop": 42, "late_s": 900, "share": 0.1, "alarm": "fatigue", "sos": 7}
    )
    for text in (title_of(one, naming), advice_of(one, naming)):
        assert text and not re.search(r"[{}]|  ", text)


def test_sentences_as_they_are_read() -> None:
    late = stored("late", body={"stop": 42, "late_s": 900})
    assert title_of(late, ZH) == "1号车 将迟到 15 分钟：第2小区 刘*珍"
    assert title_of(late, EN) == "15 min late for its stop · Van 1"
    assert title_of(stored("food_near", body=BODY), EN) == "Food at 9 °C, to be served by 10:30 · Van 1"
    left = stored("fence_exit", body={"fence": 9})
    assert (title_of(left, ZH), title_of(left, EN)) == ("1号车 离开围栏：北门", "Left a fence · Van 1")
    alarm = stored("device_alarm", body={"alarm": "bit_31"})
    assert title_of(alarm, EN) == "The device reports: bit 31 · Van 1"
    assert title_of(stored("some_old_rule"), EN) == "some old rule"
    assert advice_of(stored("some_old_rule"), EN) == ""
    assert stored("late").began < datetime(2027, 1, 1, tzinfo=UTC)


def test_every_alarm_that_devices_know_has_a_word() -> None:
    names = {*jt808_alarms._NAMES.values(), *jt808_alarms._NAMES_2019.values()}
    assert {name for name in names if not name.startswith("bit_")} - {"sos"} <= set(_DEVICE_SAID)

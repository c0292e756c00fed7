"""What a dispatcher is told to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.journal import Entry
from maps.alerts import Alert, alerts
from maps.crew import doings
from maps.day import Day
from maps.patrol import Seen
from tests.maps.days import NOW, day, tap


def told(today: Day, away_s: int = 0) -> tuple[Alert, ...]:
    return alerts(today, doings(today), {7: Seen(7, 0.25, away_s, away_s)}, "zh")


def entry(state: int, kind: str, minutes_ago: int = 1, /, **body: object) -> Entry:
    return Entry(state, NOW - timedelta(minutes=minutes_ago), kind, body)


def test_one_line_a_call_with_its_newest_state() -> None:
    found = told(
        day(
            journal=(
                entry(2, "sos", 1, sos=9, state="accepted", van=1, place="滨河社区"),
                entry(1, "sos", 2, sos=9, state="called", van=None, place="滨河社区"),
            )
        )
    )
    assert [(each.key, each.tone, each.detail) for each in found] == [
        ("sos:9", "sos", "1号车已接单，赶往途中")
    ]


def test_a_closed_call_is_grey_and_no_longer_first() -> None:
    found = told(
        day(
            journal=(
                entry(3, "plan", 1, day="2026-07-24", version=2),
                entry(2, "sos", 9, sos=9, state="closed", place="x"),
            )
        )
    )
    assert [each.tone for each in found] == ["info", "stale"]


@pytest.mark.parametrize(("kind", "many"), [("no_answer", 1), ("declined", 1), ("done", 0)])
def test_taps_that_ask_for_something_are_alerts(kind: str, many: int) -> None:
    assert len(told(day(journal=(entry(1, "tap", 1, tap=kind, van=1),)))) == many


def test_an_alert_says_its_own_sentence() -> None:
    (found,) = told(day(journal=(entry(1, "alert", code="two_sockets", terminal=4, van=1),)))
    assert found.title == "1号车有两个屏幕同时上报"
    (unknown,) = told(day(journal=(entry(1, "alert", code="new_thing", van=1),)))
    assert (unknown.title, unknown.detail) == ("new thing", "1号车")


def test_a_tap_stands_at_its_own_time_and_place() -> None:
    t_ms = 1_784_855_000_000
    (found,) = told(day(journal=(entry(1, "tap", 1, tap="no_answer", van=1, stop=2, t=t_ms),)))
    assert (found.at.timestamp() * 1000, found.detail) == (t_ms, "第2小区 刘*珍")


def test_a_van_on_shift_that_fell_silent_is_told() -> None:
    today = day()
    silent = replace(today, positions={1: replace(today.positions[1], t=NOW - timedelta(minutes=4))})
    (found,) = told(silent)
    assert (found.key, found.tone, found.van_id) == ("silent:1", "stale", 1)
    assert "4" in found.detail
    assert told(replace(silent, shifts=())) == ()


def test_a_beat_nobody_passed_for_long_is_told() -> None:
    assert told(day(), away_s=5399) == ()
    (found,) = told(day(), away_s=5700)
    assert found.title == "网格7 已 1 小时 35 分未巡"


def test_food_between_5_and_60_degrees_runs_its_clock_until_a_better_reading() -> None:
    warm = tap("reading", 60, container="cold", celsius=8.0)
    (found,) = told(day(taps=(warm,)))
    assert (found.tone, found.van_id) == ("late", 1)
    assert told(day(taps=(warm, tap("reading", 70, container="cold", celsius=4.0)))) == ()

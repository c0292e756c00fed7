"""What a dispatcher is told to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.journal import Entry
from maps.alerts import Alert, alerts
from maps.crew import doings
from maps.day import Day
from tests.maps.days import NOW, day, stop
from tracking.alert_store import Stored


def told(today: Day) -> tuple[Alert, ...]:
    return alerts(today, doings(today), "zh")


def stored(code: str, number: int = 1, **other: Any) -> Stored:
    made = Stored(
        id=number, district_id=1, code=code, subject="van:1", van_id=1, severity="warn",
        began=NOW - timedelta(minutes=5), ended=None, raised_at=NOW, historical=False, body={}, acked_at=None,
        acked_by=None, shelved_until=None, shelved_by=None,
    )  # fmt: skip
    return replace(made, **other)


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


def test_a_tap_stands_at_its_own_time_and_place() -> None:
    t_ms = 1_784_855_000_000
    (found,) = told(day(journal=(entry(1, "tap", 1, tap="no_answer", van=1, stop=2, t=t_ms),)))
    assert (found.at.timestamp() * 1000, found.detail) == (t_ms, "第2小区 刘*珍")


def test_an_alert_that_is_kept_says_who_took_it_on_and_how_grave_it_is() -> None:
    (found,) = told(day(alerts=(stored("long_driving", severity="high", body={"hours": 4.1}),)))
    assert (found.tone, found.title) == ("late", "1号车 连续驾驶 4.1 小时未休息")
    assert found.standing is not None
    assert (found.standing.severity, found.standing.acked_by) == ("重要", None)
    (taken,) = told(day(alerts=(stored("offline", acked_by="李建国"),)))
    assert taken.standing is not None and taken.standing.acked_by == "李*国"


def test_what_stands_comes_before_what_is_taken_on_shelved_or_over() -> None:
    later = NOW + timedelta(minutes=15)
    found = told(
        day(
            alerts=(
                stored("offline", 1, ended=NOW),
                stored("overspeed", 2, acked_by="王芳", body={"top_kmh": 91}),
                stored("off_beat", 3, shelved_until=later),
                stored("food_past", 4, severity="high"),
                stored("off_route", 5),
                stored("sos_unseen", 6, severity="sos"),
            )
        )
    )
    assert [each.key for each in found][:3] == ["alert:6", "alert:4", "alert:5"]
    assert {each.key: each.tone for each in found}["alert:1"] == "stale"


def test_food_past_its_time_names_its_container_until_it_is_over() -> None:
    def box(code: str, ended: datetime | None = None) -> str | None:
        body = {"container": "hot", "celsius": 50.0, "since": 0}
        (found,) = told(day(alerts=(stored(code, severity="high", body=body, ended=ended),)))
        return found.container

    assert (box("food_past"), box("food_past", NOW), box("food_near")) == ("hot", None, None)


def test_what_was_found_afterwards_is_no_news() -> None:
    assert told(day(alerts=(stored("offline", ended=NOW, historical=True),))) == ()


def test_what_a_beat_lacks_stands_in_its_middle_and_a_vans_goes_with_it() -> None:
    today = day(alerts=(stored("beat_unseen", 1, body={"beat": 7}), stored("overspeed", 2)))
    places = {each.key: each.place for each in alerts(today, doings(today), "zh")}
    assert places["alert:1"] == pytest.approx((115.98, 36.44))
    assert places["alert:2"] is None


def test_what_is_about_a_stop_or_a_fence_stands_there_and_names_no_door() -> None:
    door, hall = stop(1), stop(2, doorstep=False)
    late = {"late_s": 900}
    today = replace(
        day(
            stops=(door, hall),
            alerts=(
                stored("late", 1, body={"stop": 1, **late}),
                stored("late", 2, body={"stop": 2, **late}),
                stored("fence_enter", 3, body={"fence": 5}),
                stored("fence_enter", 4, body={"fence": 6}),
            ),
        ),
        fence_middles={5: (116.1, 36.5)},
    )
    found = {each.key: each for each in alerts(today, doings(today), "en")}
    assert [found[f"alert:{n}"].place for n in (1, 2, 3, 4)] == [door.at, hall.at, (116.1, 36.5), None]
    assert found["alert:1"].mark == "Late for a stop · Van 1"
    assert found["alert:2"].mark == ""
    assert all(each.with_van for each in found.values())

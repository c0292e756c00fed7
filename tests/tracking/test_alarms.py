"""Rules of the moment: from when on they hold, what they say, and that they do not flutter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.faults import MOMENTS, SOWN, T0, Moment
from tracking.alarm_rules import DEFAULTS
from tracking.alarms import Condition, Heading, Proved, Situation, VanNow, Waiting, conditions, is_due, unseen

NOW = datetime(2026, 7, 24, 2, 46, tzinfo=UTC)
VAN = VanNow(
    3, starts=NOW - timedelta(hours=2), ends=NOW + timedelta(hours=6), good_at=NOW - timedelta(seconds=2),
    heard_at=NOW, heading=Heading(42, NOW + timedelta(minutes=10), 300.0), proved=Proved(6000, NOW),
)  # fmt: skip


def of(*vans: VanNow, now: datetime = NOW) -> list[tuple[str, str, datetime]]:
    return said(Situation(vans=vans), now)


def said(situation: Situation, now: datetime = NOW) -> list[tuple[str, str, datetime]]:
    return [(each.code, each.subject, each.began) for each in conditions(situation, DEFAULTS, now)]


def due(moment: Moment, lasted_s: int) -> list[str]:
    now = T0 + timedelta(seconds=lasted_s)
    return [
        each.code
        for each in conditions(moment.at(lasted_s), DEFAULTS, now)
        if is_due(each, DEFAULTS[each.code], now)
    ]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.code)
def test_a_fault_raises_its_alert_within_its_delay_and_nothing_else(moment: Moment) -> None:
    assert due(moment, moment.within_s) == [moment.code]
    assert due(moment, moment.within_s - 2) == [] or moment.within_s == 0


def test_every_rule_has_its_fault() -> None:
    sown = {fault().code for fault in SOWN.values()} | {each.code for each in MOMENTS}
    assert sown | {"food_past"} == set(DEFAULTS)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_a_quiet_moment_is_told_of_nothing() -> None:
    assert of(VAN) == []
    assert said(Situation()) == []


@pytest.mark.parametrize(("good_s", "heard_s", "told"), [(181, 5, True), (180, 5, False), (900, 121, False)])
def test_a_position_is_lost_while_the_terminal_is_heard(good_s: int, heard_s: int, told: bool) -> None:
    van = replace(VAN, good_at=ago(good_s), heard_at=ago(heard_s))
    assert of(van) == ([("gps_lost", "van:3", ago(good_s))] if told else [])
    assert of(replace(van, ends=NOW)) == [], "off shift nobody asks"


def test_a_receiver_that_never_had_a_fix_is_lost_since_the_shift_began() -> None:
    assert of(replace(VAN, good_at=None)) == [("gps_lost", "van:3", NOW - timedelta(hours=2))]


def test_late_is_by_road_and_after_the_window() -> None:
    due = ago(0)
    van = replace(VAN, heading=Heading(42, due, 601.0))
    assert of(van) == [("late", "stop:42", ago(1))]
    (only,) = conditions(Situation(vans=(van,)), DEFAULTS, NOW)
    assert (only.body, only.van_id, only.severity) == ({"stop": 42, "late_s": 601}, 3, "high")
    assert of(replace(van, heading=Heading(42, due, 600.0))) == []
    assert of(replace(van, heading=Heading(42, due, None))) == [], "no road is known"
    assert of(replace(van, on_call=True)) == [], "an SOS goes before"


def test_what_stands_ends_later_than_it_began() -> None:
    van = replace(VAN, heading=Heading(42, NOW, 500.0))
    assert said(Situation(vans=(van,))) == []
    assert [each[0] for each in said(Situation(vans=(van,), open=frozenset({("late", "stop:42")})))] == [
        "late"
    ]
    near = replace(VAN, heading=Heading(42, NOW, 470.0))
    assert said(Situation(vans=(near,), open=frozenset({("late", "stop:42")}))) == []


def test_patrol_is_at_risk_when_the_rest_of_the_shift_does_not_suffice() -> None:
    van = replace(VAN, ends=NOW + timedelta(hours=4), proved=Proved(7200, NOW))
    assert of(van) == []
    assert of(replace(van, proved=Proved(7000, NOW))) == [("patrol_at_risk", "van:3", ago(200))]
    stale = Proved(7000, NOW - timedelta(seconds=200))
    assert of(replace(van, proved=stale)) == [], "the last minutes may all have been patrol"
    assert of(replace(van, proved=None)) == [], "a van without a beat owes none"
    fluttering = Situation(
        vans=(replace(van, proved=Proved(7250, NOW)),), open=frozenset({("patrol_at_risk", "van:3")})
    )
    assert [each[0] for each in said(fluttering)] == ["patrol_at_risk"]


def test_a_beat_that_nobody_passes_is_told_after_an_hour_and_a_half() -> None:
    assert said(Situation(beats={7: Waiting(3, ago(5399))})) == []
    assert said(Situation(beats={7: Waiting(3, ago(5400))})) == [("beat_unseen", "beat:7", ago(5400))]


def test_a_beat_does_not_wait_while_nobody_knows_where_its_van_is() -> None:
    assert said(Situation(beats={7: Waiting(3, ago(9000), silent_s=3601)})) == []
    assert said(Situation(beats={7: Waiting(3, ago(9000), silent_s=3600)})) == [
        ("beat_unseen", "beat:7", ago(9000))
    ]


@given(st.lists(st.integers(-5, 105), unique=True).map(sorted), st.integers(1, 60))
def test_the_first_long_time_without_a_pass_is_found(seconds: list[int], limit_s: int) -> None:
    passes = np.array([each * 1000 for each in seconds], np.int64)
    edges = [0, *[each for each in seconds if 0 < each < 100], 100]
    long = [pair for pair in pairwise(edges) if pair[1] - pair[0] >= limit_s]
    found = unseen(passes, (0, 100_000), limit_s)
    assert found == ((long[0][0] * 1000, long[0][1] * 1000) if long else None)


def test_a_call_is_told_after_a_minute() -> None:
    assert said(Situation(unseen={7: ago(59)})) == []
    assert said(Situation(unseen={7: ago(60)})) == [("sos_unseen", "sos:7", ago(60))]


def test_a_server_is_behind_by_its_own_word() -> None:
    assert said(Situation(server="a", behind_s=10)) == []
    assert said(Situation(server="a", behind_s=11)) == [("server_behind", "server:a", ago(11))]


def test_two_sockets_are_told_for_ten_minutes() -> None:
    assert said(Situation(twins={3: ago(600)})) == [("two_sockets", "van:3", ago(600))]
    assert said(Situation(twins={3: ago(601)})) == []


def test_a_locked_link_is_told_while_the_lock_lasts() -> None:
    assert said(Situation(locked={5: ago(300), 6: NOW})) == [
        ("share_locked", "share:5", ago(300)), ("share_locked", "share:6", NOW),
    ]  # fmt: skip
    later = {**DEFAULTS, "share_locked": replace(DEFAULTS["share_locked"], threshold=301.0)}
    assert conditions(Situation(locked={5: ago(300)}), later, NOW) == ()


def test_a_rule_that_is_switched_off_is_silent() -> None:
    rules = {code: replace(rule, enabled=False) for code, rule in DEFAULTS.items()}
    wrong = Situation(vans=(replace(VAN, good_at=None),), unseen={7: ago(600)}, behind_s=99)
    assert conditions(wrong, rules, NOW) == ()


@given(st.integers(0, 10_000), st.integers(0, 7200))
def test_the_delay_is_waited_for(lasted_s: int, delay_s: int) -> None:
    rule = replace(DEFAULTS["late"], on_delay_s=delay_s)
    one = Condition("late", "stop:1", "high", ago(lasted_s))
    assert is_due(one, rule, NOW) is (lasted_s >= delay_s)

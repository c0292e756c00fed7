"""Each sown fault raises its alert and no other, in its time, in whatever order its facts come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.faults import ENDS_MS, SHIFT_MS, SOWN, STEP_S, quiet, silent, told_until
from tracking.alarm_day import VanDay, _far, episodes
from tracking.alarm_rules import DEFAULTS, changed
from tracking.food_clock import Reading
from tracking.track import Track


def told(day: VanDay) -> list[tuple[str, int, int | None]]:
    return [(each.code, each.began_ms, each.ended_ms) for each in episodes(day, DEFAULTS)]


def test_a_quiet_day_is_told_of_nothing_at_any_time() -> None:
    for until_ms in range(SHIFT_MS - 600_000, ENDS_MS + 600_001, 1_800_000):
        assert told(told_until(quiet(), until_ms)) == [], until_ms


@pytest.mark.parametrize("name", SOWN)
def test_a_fault_raises_its_alert_within_its_delay_and_nothing_else(name: str) -> None:
    fault = SOWN[name]()
    due_ms = fault.began_ms + round(fault.within_s * 1000)
    standing = episodes(told_until(fault.day, due_ms), DEFAULTS)
    assert [(each.code, each.began_ms, each.ended_ms) for each in standing] == [
        (fault.code, fault.began_ms, None)
    ]
    before = told_until(fault.day, fault.began_ms - 1000)
    assert told(before) == []
    over = episodes(fault.day, DEFAULTS)
    assert [(each.code, each.began_ms) for each in over] == [(fault.code, fault.began_ms)]
    assert all(each.ended_ms is not None for each in over), "at the day's end everything has ended"


@pytest.mark.parametrize("name", SOWN)
def test_a_rule_that_is_switched_off_is_silent(name: str) -> None:
    fault = SOWN[name]()
    rules = {code: replace(rule, enabled=code != fault.code) for code, rule in DEFAULTS.items()}
    assert episodes(fault.day, rules) == ()


def test_food_too_warm_for_two_hours_stays_past_until_it_is_filled_anew() -> None:
    t_ms = SHIFT_MS
    near = ("food_near", t_ms + 5_400_000, t_ms + 7_200_000)
    warm, heated = Reading(t_ms, "hot", 50.0), Reading(t_ms + 9_000_000, "hot", 63.0)
    cooled, anew = Reading(t_ms + 9_600_000, "hot", 40.0), Reading(t_ms + 10_000_000, "hot", None)
    day = replace(quiet(), readings=(warm, heated, cooled))
    # Heating it again gives nothing back; while it stands it is told once.
    assert told(told_until(day, t_ms + 9_900_000)) == [near, ("food_past", t_ms + 7_200_000, None)]
    assert told(day) == [near, ("food_past", t_ms + 7_200_000, ENDS_MS)], "the shift's end is the food's"
    filled = replace(day, readings=(warm, heated, cooled, anew, Reading(t_ms + 10_500_000, "hot", 63.0)))
    assert told(filled) == [near, ("food_past", t_ms + 7_200_000, t_ms + 10_000_000)]
    soon = replace(day, readings=(warm, Reading(t_ms + 60_000, "hot", None)))
    assert told(soon) == []


def test_food_that_was_warmed_up_has_only_what_is_left_of_its_two_hours() -> None:
    t_ms, minute = SHIFT_MS, 60_000
    warm, good, again = (
        Reading(t_ms + m * minute, "hot", c) for m, c in ((0, 50.0), (80, 63.0), (100, 55.0))
    )
    day = replace(quiet(), readings=(warm, good, again))
    found = {each.code: each for each in episodes(told_until(day, t_ms + 150 * minute), DEFAULTS)}
    assert found["food_near"].began_ms == t_ms + 110 * minute
    assert (found["food_past"].began_ms, found["food_past"].ended_ms) == (t_ms + 140 * minute, None)
    assert found["food_past"].body["since"] == t_ms + 20 * minute
    refilled = replace(day, readings=(warm, Reading(t_ms + 80 * minute, "hot", None), again))
    assert told(told_until(refilled, t_ms + 150 * minute)) == []


def test_late_facts_shorten_a_silence_or_take_it_back() -> None:
    whole, fault = quiet(), silent(5000, 900)
    assert [each[0] for each in told(fault)] == ["offline"]
    assert told(whole) == []
    # Half of the backlog: the silence is the other half.
    kept = (whole.track.t_ms < SHIFT_MS + 5_000_000) | (whole.track.t_ms >= SHIFT_MS + 5_450_000)
    assert whole.beat_m is not None and whole.route_m is not None
    half = replace(
        whole, track=whole.track.take(kept), sign_ms=whole.track.t_ms[kept], beat_m=whole.beat_m[kept],
        route_m=whole.route_m[kept],
    )  # fmt: skip
    assert told(half) == [("offline", SHIFT_MS + 4_995_000, SHIFT_MS + 5_450_000)]


def test_a_break_by_tap_and_an_sos_excuse_a_stand() -> None:
    fault = SOWN["standing"]()
    span = (fault.began_ms, fault.began_ms + 3_700_000)
    assert told(replace(fault.day, pauses=(span,))) == []
    assert told(replace(fault.day, calls=(span,))) == []


def strays(
    off_m: Sequence[float], *, beat_m: float = 2000.0, gap_after: int | None = None
) -> list[tuple[str, int, int]]:
    """Off its beat and its route by so much from an hour on, a fix each 5 s: what is told, by fix."""
    day, first = quiet(), 7_000 // STEP_S
    metres = np.zeros(len(day.track))
    metres[first : first + len(off_m)] = off_m
    lat = day.track.lat + np.where(metres > 0, 0.01, 0.0)
    t_ms = day.track.t_ms.copy()
    if gap_after is not None:
        t_ms[first + gap_after + 1 :] += 301_000
    track = replace(day.track, t_ms=t_ms, lat=lat, speed_mps=np.full(len(metres), 8.0))
    gone = replace(
        day, until_ms=int(t_ms[-1]), track=track, sign_ms=t_ms, route_m=metres,
        beat_m=np.where(metres > 0, beat_m, 0.0),
    )  # fmt: skip
    rules = {
        code: replace(rule, enabled=code == "off_route", on_delay_s=0) for code, rule in DEFAULTS.items()
    }
    start_ms = int(t_ms[first])
    return [
        (each.code, (each.began_ms - start_ms) // 5000, ((each.ended_ms or day.until_ms) - start_ms) // 5000)
        for each in episodes(gone, rules)
    ]


def test_who_wavers_about_the_limit_strays_once_and_is_back_the_margin_nearer() -> None:
    wavering = [300.0, 510.0] + [495.0, 475.0] * 20 + [510.0, 465.0, 499.0]
    assert strays(wavering) == [("off_route", 1, 42)]


def test_who_comes_near_the_limit_and_never_passes_it_is_on() -> None:
    assert strays([490.0, 500.0] * 100) == []


def test_who_is_the_margin_outside_its_beat_at_most_is_in_it() -> None:
    assert strays([800.0] * 100, beat_m=30.0) == []
    assert strays([800.0] * 100, beat_m=31.0) == [("off_route", 0, 99)]


def test_a_gap_ends_what_is_known_of_straying() -> None:
    assert strays([800.0] * 4 + [490.0] * 50, gap_after=3) == [("off_route", 0, 3)]
    assert len(strays([800.0] * 4 + [810.0] * 50, gap_after=3)) == 2


@given(
    st.lists(st.tuples(st.floats(0, 1000), st.booleans()), max_size=60), st.sampled_from((30.0, 100.0, 500.0))
)
def test_straying_is_what_a_walk_from_fix_to_fix_finds(
    fixes: list[tuple[float, bool]], limit_m: float
) -> None:
    off_m = np.array([metres for metres, _ in fixes])
    t_ms = np.cumsum([301_000 if gap else 5000 for _, gap in fixes]).astype(np.int64)
    unknown = np.full(len(fixes), np.nan)
    track = Track(t_ms, unknown, unknown, unknown, unknown, unknown)
    day = replace(quiet(), track=track, sign_ms=t_ms, beat_m=None, route_m=off_m)
    found = _far(day, off_m, limit_m).tolist()
    away = False
    for n, (metres, gap) in enumerate(fixes):
        away = away and not (gap and n)
        away = metres > limit_m or (away and metres > limit_m - 30)
        assert found[n] is away


def test_an_sos_excuses_the_way_there() -> None:
    for name in ("off beat", "off route"):
        fault = SOWN[name]()
        assert told(replace(fault.day, calls=((fault.began_ms, fault.began_ms + 3_600_000),))) == []


def test_a_van_without_a_shift_is_told_only_what_its_device_tells() -> None:
    for name, sown in SOWN.items():
        free = replace(sown().day, shift=None)
        expected = {"speed", "no rest", "warm food", "battery", "device", "entered", "left", "dwelt"}
        assert bool(told(free)) is (name in expected), name


def test_two_stands_that_are_too_short_make_no_rest() -> None:
    fault = SOWN["no rest"]()
    short = (fault.day.track.t_ms // 1000 % 4000) < 900
    day = replace(fault.day, track=replace(fault.day.track, speed_mps=np.where(short, 0.0, 8.0)))
    (found,) = [each for each in episodes(day, DEFAULTS) if each.code == "long_driving"]
    assert found.began_ms > fault.began_ms, "the stands themselves are not driven"


@given(st.integers(60, 1800), st.integers(0, 2000))
def test_a_silence_is_told_exactly_when_it_is_longer_than_the_limit(limit_s: int, lasts_s: int) -> None:
    rule = changed(DEFAULTS["offline"], enabled=True, severity="warn", threshold=limit_s, on_delay_s=0)
    found = episodes(silent(6000, lasts_s), {**DEFAULTS, "offline": rule})
    gap_s = STEP_S * (1 + -(-lasts_s // STEP_S))
    assert bool([each for each in found if each.code == "offline"]) is (gap_s > limit_s)

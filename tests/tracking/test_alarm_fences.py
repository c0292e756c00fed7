"""What of a van's passages is told, and as how many alerts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.fencing import T0_MS, fence_of, rows, square, track_of
from tracking.alarm_day import VanDay, episodes
from tracking.alarm_fences import DayFences, Fenced, dwells, news
from tracking.alarm_rules import DEFAULTS
from tracking.fence import Fence, Hours, Told
from tracking.track import Track

YARD = replace(fence_of(square(100)), id=7, district_id=1)
Told3 = list[tuple[str, float, float | None]]
NOON_S = 12 * 3600


def at(fence: Fence, track: Track) -> tuple[Fenced, ...]:
    return DayFences(1, [fence]).seen(3, track)


def told(fence: Fence, track: Track, until_s: float = 1e6) -> Told3:
    """What the rules tell: code, from and to in seconds since noon."""
    until_ms = T0_MS + round(until_s * 1000)
    day = VanDay(3, until_ms, track, track.t_ms, fenced=at(fence, track))
    found = [each for each in episodes(day, DEFAULTS) if each.code.startswith("fence_")]
    assert all(each.subject == "van:3:fence:7" and each.body == {"fence": 7} for each in found)
    return [
        (each.code, _seconds(each.began_ms), None if each.ended_ms is None else _seconds(each.ended_ms))
        for each in found
    ]


def _seconds(t_ms: int) -> float:
    return (t_ms - T0_MS) / 1000


def drive(*spots: tuple[float, float]) -> Track:
    """Seconds, and metres east of the yard's middle."""
    return track_of([(second, east_m, 0) for second, east_m in spots])


THROUGH = drive((0, -300), (20, -200), (40, 0), (100, 0), (180, 0), (200, 300), (220, 400))


def test_an_entry_an_exit_and_a_dwell_are_three_alerts() -> None:
    assert told(YARD, THROUGH) == [
        ("fence_enter", 30.0, 30.0),
        ("fence_exit", pytest.approx(186.667, abs=0.001), pytest.approx(186.667, abs=0.001)),
        ("fence_dwell", 150.0, pytest.approx(186.667, abs=0.001)),
    ]


@pytest.mark.parametrize("kind", ["enter", "exit", "dwell"])
def test_only_what_the_fence_tells_is_told(kind: Told) -> None:
    fence = replace(YARD, tells=frozenset((kind,)))
    assert [each[0] for each in told(fence, THROUGH)] == [f"fence_{kind}"]
    assert told(replace(YARD, tells=frozenset()), THROUGH) == []


def test_news_stands_for_ten_minutes_and_a_dwell_until_the_van_has_left() -> None:
    standing = [each[0] for each in told(YARD, THROUGH, 235) if each[2] is None]
    assert standing == ["fence_enter", "fence_exit", "fence_dwell"]
    standing = [each[0] for each in told(YARD, THROUGH, 300) if each[2] is None]
    assert standing == ["fence_enter", "fence_exit"]
    assert [each for each in told(YARD, THROUGH, 800) if each[2] is None] == []


def test_who_comes_and_goes_is_one_entry_and_one_exit() -> None:
    spots = [(30.0 * n, -300.0 if n % 2 == 0 else 0.0) for n in range(20)]
    assert [each[0] for each in told(YARD, drive(*spots))] == ["fence_enter", "fence_exit"]
    far_apart = drive(
        (0, -300), (20, 0), (40, -300), *[(40.0 + 60 * n, -400.0) for n in range(1, 12)], (720, 0)
    )
    assert [each[0] for each in told(YARD, far_apart)] == ["fence_enter", "fence_enter", "fence_exit"]


def test_who_was_there_before_its_first_fix_did_not_enter_now_and_does_leave() -> None:
    ((code, began, ended),) = told(YARD, drive((0, 0), (20, 10), (40, 300)))
    assert (code, began) == ("fence_exit", ended)
    assert began == pytest.approx(26.2, abs=0.1)
    after_gap = drive((0, -300), (400, 0))
    assert [each[0] for each in told(YARD, after_gap)] == ["fence_enter"]


def test_hours_that_end_are_no_exit_and_hours_that_begin_find_who_is_there() -> None:
    timed = replace(YARD, hours=Hours(NOON_S + 60, NOON_S + 300, "Asia/Shanghai"))
    stands = drive(*[(20.0 * n, 5.0 * (n % 2)) for n in range(30)])
    assert told(timed, stands) == [("fence_enter", 60.0, 60.0), ("fence_dwell", 180.0, 300.0)]


def test_a_dwell_of_a_van_that_fell_silent_ends_with_its_last_fix() -> None:
    stands = drive((0, -300), *[(20.0 * n, 5.0 * (n % 2)) for n in range(1, 12)])
    assert told(YARD, stands, 230)[-1][2] is None
    assert told(YARD, stands, 600)[-1][2] == 220.0


def test_other_districts_fences_and_other_vans_are_nothing() -> None:
    assert at(replace(YARD, district_id=2), THROUGH) == ()
    assert at(replace(YARD, van_ids=frozenset((4,))), THROUGH) == ()
    assert at(fence_of(shapely.Point(5000, 0), 20), THROUGH) == ()
    assert DayFences(1, ()).seen(3, THROUGH) == ()


@given(rows, st.lists(st.floats(0, 1), max_size=4))
def test_what_is_told_does_not_depend_on_when_was_looked(
    spots: list[tuple[float, float, float]], cuts: list[float]
) -> None:
    track, followed = track_of(spots), DayFences(1, [YARD])
    for share in sorted(cuts):
        followed.seen(3, track.take(slice(0, round(share * len(track)))))
    assert followed.seen(3, track) == at(YARD, track)


@given(rows)
def test_dwells_lie_apart_within_the_time_inside(spots: list[tuple[float, float, float]]) -> None:
    track = track_of(spots)
    for fenced in at(YARD, track):
        found = list(dwells(fenced, 60))
        assert all(left is None or began <= left for began, left in found)
        for (_, left), (began, _) in pairwise(found):
            assert left is not None and left < began
        entered = news(fenced, "enter", int(track.t_ms[0]))
        assert all(np.isin(entered, [each.t_ms for each in fenced.passages]))

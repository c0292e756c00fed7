"""What a van did at a fence: by hand, and the same however its track comes in."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.fencing import T0_MS, fence_of, fences, rows, square, track_of
from tests.tracking.test_track import Row, fixes_of
from tracking.fence import Fence, Hours, Outline
from tracking.passage import Passage, Standing, advance, passages
from tracking.track import Fixes, Track, choose

Rows = list[tuple[float, float, float]]


def _told(track: Track, fence: Fence) -> list[tuple[str, str, float]]:
    return [(each.kind, each.how, (each.t_ms - T0_MS) / 1000) for each in passages(track, fence)]


def _drive(*spots: tuple[float, float, float]) -> Track:
    return track_of(spots)


def test_a_van_drives_in_and_out() -> None:
    track = _drive((0, -200, 0), (20, 0, 0), (40, 0, 0), (60, 200, 0))
    assert _told(track, fence_of(square(100))) == [("enter", "seen", 10.0), ("exit", "seen", 50.0)]


def test_a_fence_between_two_fixes_was_crossed() -> None:
    track = _drive((0, -300, 0), (60, 300, 0), (70, 400, 0))
    assert _told(track, fence_of(square(100))) == [("enter", "crossed", 20.0), ("exit", "crossed", 40.0)]
    enter, leave = _told(track, fence_of(shapely.Point(0, 0), 100))
    assert (enter[:2], leave[:2]) == (("enter", "crossed"), ("exit", "crossed"))
    assert [enter[2], leave[2]] == pytest.approx([20.0, 40.0], abs=0.01)


def test_a_crossing_that_ends_near_the_border_is_over_when_the_van_is_clear_of_it() -> None:
    track = _drive((0, -300, 0), (42, 120, 0), (50, 200, 0))
    told = _told(track, fence_of(square(100)))
    assert told == [("enter", "crossed", 20.0), ("exit", "crossed", 40.0)]


def test_an_island_in_a_hole_is_a_visit_of_its_own() -> None:
    fence = fence_of(shapely.union_all([square(400) - square(300), square(100)]))
    track = _drive((0, -600, 0), (25, -350, 0), (40, -200, 0), (60, 0, 0), (80, 200, 0))
    assert _told(track, fence) == [
        ("enter", "seen", 20.0), ("exit", "seen", 30.0), ("enter", "seen", 50.0), ("exit", "seen", 70.0),
    ]  # fmt: skip


def test_a_van_that_jitters_on_the_border_enters_once() -> None:
    draw = random.Random(7)
    spots = [(t, 100 + draw.gauss(0, 8), draw.gauss(0, 8)) for t in range(0, 7200, 5)]
    told = _told(_drive((-60, 500, 0), *spots, (7260, 500, 0)), fence_of(square(100)))
    assert [kind for kind, _, _ in told] == ["enter", "dwell", "exit"]


def test_a_dwell_is_told_once_when_it_is_reached() -> None:
    track = _drive((0, -200, 0), (20, 0, 0), (80, 0, 0), (140, 0, 0), (400, 0, 0), (420, 200, 0))
    told = _told(track, fence_of(square(100)))
    assert told == [("enter", "seen", 10.0), ("dwell", "seen", 130.0), ("exit", "seen", 410.0)]


def test_a_gap_proves_neither_a_way_nor_a_dwell() -> None:
    fence = fence_of(square(100))
    assert _told(_drive((0, -300, 0), (301, 300, 0)), fence) == []
    inside = _drive((0, 0, 0), (60, 0, 0), (400, 0, 0), (500, 0, 0), (530, 0, 0))
    assert _told(inside, fence) == [("enter", "gap", 0.0), ("dwell", "seen", 520.0)]
    left = _drive((0, 0, 0), (60, 0, 0), (900, 300, 0))
    assert _told(left, fence) == [("enter", "gap", 0.0), ("exit", "gap", 900.0)]
    come = _drive((0, 300, 0), (900, 0, 0))
    assert _told(come, fence) == [("enter", "gap", 900.0)]


def test_three_hundred_seconds_are_no_gap() -> None:
    told = _told(_drive((0, -300, 0), (300, 300, 0)), fence_of(square(100)))
    assert told == [("enter", "crossed", 100.0), ("exit", "crossed", 200.0)]


def test_outside_its_times_a_fence_is_not_there() -> None:
    noon_s = 12 * 3600
    fence = replace(fence_of(square(100)), hours=Hours(noon_s + 60, noon_s + 180, "Asia/Shanghai"))
    stood = _drive((0, 0, 0), (50, 0, 0), (70, 0, 0), (150, 0, 0), (190, 0, 0))
    assert _told(stood, fence) == [("enter", "hours", 70.0), ("exit", "hours", 190.0)]
    assert _told(_drive((30, -300, 0), (65, 300, 0)), fence) == []
    limited = replace(fence_of(square(100)), valid_to_ms=T0_MS + 15_000)
    assert _told(_drive((0, -200, 0), (20, 0, 0)), limited) == []


def test_hours_past_midnight_tell_of_the_night_alone() -> None:
    fence = replace(fence_of(square(100)), hours=Hours(22 * 3600, 6 * 3600, "Asia/Shanghai"))
    night_s = 11 * 3600 + 50 * 60  # 23:50
    day = _drive((0, -200, 0), (20, 0, 0), (40, 200, 0))
    late = _drive((night_s, -200, 0), (night_s + 20, 0, 0), (night_s + 240, 0, 0), (night_s + 500, 0, 0))
    assert _told(day, fence) == []
    assert [kind for kind, _, _ in _told(late, fence)] == ["enter", "dwell"]
    over = _drive((night_s + 590, 0, 0), (night_s + 610, 0, 0), (night_s + 630, 200, 0))
    assert [kind for kind, _, _ in _told(over, fence)] == ["enter", "exit"]


def test_only_what_the_fence_tells_is_told() -> None:
    track = _drive((0, -200, 0), (20, 0, 0), (200, 0, 0), (220, 200, 0))
    fence = replace(fence_of(square(100)), tells=frozenset(("exit",)))
    assert [kind for kind, _, _ in _told(track, fence)] == ["exit"]


def test_a_margin_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="above zero"):
        passages(_drive(), fence_of(square(10)), margin_m=0)


def _fixes(track: Track) -> Fixes:
    places = zip(track.t_ms.tolist(), track.lon.tolist(), track.lat.tolist(), strict=True)
    return fixes_of([Row((t - T0_MS) / 1000, lon, lat) for t, lon, lat in places])


@given(fences, rows, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(fence: Fence, spots: Rows, draw: random.Random) -> None:
    stored = _fixes(track_of(spots))
    order = [*range(len(stored)), *(n for n in range(len(stored)) if draw.random() < 0.5)]
    draw.shuffle(order)
    arrived = stored.take(np.array(order, np.int64))
    assert passages(choose(arrived), fence) == passages(choose(stored), fence)


@given(fences, rows, st.lists(st.integers(0, 30), max_size=4), st.integers(0, 7))
def test_a_track_in_parts_tells_what_the_whole_tells(
    fence: Fence, spots: Rows, cuts: list[int], hour_from: int
) -> None:
    # Noon of the track's day; some begin with the fence out of force, and see it come.
    hours = Hours(43_200 + hour_from * 60, 43_200 + 900, "Asia/Shanghai") if hour_from else None
    fence = replace(fence, hours=hours)
    track, outline = track_of(spots), Outline(fence)
    standing, told = Standing(), list[Passage]()
    ends = [0, *sorted(min(cut, len(track)) for cut in cuts), len(track)]
    for first, last in itertools.pairwise(ends):
        standing, more = advance(standing, track.take(slice(first, last)), outline)
        told += more
    assert tuple(told) == passages(track, fence)


@given(fences, rows)
def test_passages_alternate_in_time_order(fence: Fence, spots: Rows) -> None:
    told = passages(track_of(spots), fence)
    assert [each.t_ms for each in told] == sorted(each.t_ms for each in told)
    kinds = [each.kind for each in told if each.kind != "dwell"]
    assert kinds == [("enter", "exit")[n % 2] for n in range(len(kinds))]
    assert not any(math.isnan(each.lon + each.lat) for each in told)

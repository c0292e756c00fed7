"""Fences: when they count, and which steps touch them."""

from __future__ import annotations

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fleet.units import ms_of
from tests.tracking.fencing import MIDDLE, T0_MS, fence_of, fences, outside_m, square, track_of
from tracking.fence import Fence, Hours, Outline, ground

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _at(hour: int, minute: int = 0) -> int:
    return ms_of(datetime(2026, 7, 22, hour, minute, tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("since", "until", "on", "off"),
    [
        (8, 18, (8, 12, 17), (7, 18, 23)),
        (22, 6, (22, 23, 0, 5), (6, 12, 21)),
        (9, 9, (0, 8, 9, 23), ()),
    ],
)
def test_hours_may_pass_midnight(since: int, until: int, on: tuple[int, ...], off: tuple[int, ...]) -> None:
    hours = Hours(since * 3600, until * 3600, "Asia/Shanghai")
    assert hours.hold(np.array([_at(hour) for hour in on], np.int64)).all()
    assert not hours.hold(np.array([_at(hour) for hour in off], np.int64)).any()


def test_hours_follow_the_clock_where_it_is_set() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = Hours(3 * 3600, 4 * 3600, "Europe/Berlin")
    sunday = [datetime(2026, 3, 29, h, m, tzinfo=berlin) for h, m in ((1, 59), (3, 0), (3, 59), (4, 0))]
    assert hours.hold(np.array([ms_of(each) for each in sunday])).tolist() == [False, True, True, False]


def test_a_fence_counts_from_its_first_instant_to_before_its_last() -> None:
    place = fence_of(square(10))
    fence = Fence(1, "area", place.shape, valid_from_ms=10, valid_to_ms=20, van_ids=frozenset((3,)))
    assert fence.in_force(np.array([9, 10, 19, 20])).tolist() == [False, True, True, False]
    assert (fence.concerns(3), fence.concerns(4), place.concerns(4)) == (True, False, True)


def test_holes_are_outside_and_islands_in_them_inside() -> None:
    ring = square(200) - square(150)
    outline = Outline(fence_of(shapely.union_all([ring, square(50)])))
    places = track_of([(0, 0, 0), (1, 100, 0), (2, 175, 0), (3, 205, 0), (4, 240, 0)])
    touch = outline.touch(places.lon, places.lat)
    assert touch.starts.tolist() == [True, False, True, False]
    assert touch.ends.tolist() == [False, True, False, False]
    assert touch.is_near.tolist() == [False, True, True, False]
    assert touch.crosses.tolist() == [True, True, True, False]
    assert outside_m(outline, places.lon, places.lat) == pytest.approx([0, 50, 0, 5, 40], abs=0.01)


@given(fences)
def test_the_ground_that_is_drawn_is_what_lies_in_the_fence(fence: Fence) -> None:
    drawn = MIDDLE.flat(ground(fence))
    meant = MIDDLE.flat(fence.shape)
    if fence.kind != "area":
        meant = meant.buffer(fence.radius_m, quad_segs=64)
    assert drawn.is_valid and drawn.geom_type in ("Polygon", "MultiPolygon")
    assert drawn.symmetric_difference(meant).area <= 0.005 * meant.area


@given(fences, st.lists(st.tuples(st.integers(-600, 600), st.integers(-600, 600)), min_size=2, max_size=8))
def test_a_step_is_judged_as_by_its_distance_alone(fence: Fence, spots: list[tuple[int, int]]) -> None:
    track = track_of([(n, *spot) for n, spot in enumerate(spots)])
    outline = Outline(fence)
    touch = outline.touch(track.lon, track.lat)
    core, reach_m = MIDDLE.flat(fence.shape), 0.0 if fence.kind == "area" else fence.radius_m
    for n, (start, end) in enumerate(itertools.pairwise(spots)):
        way = shapely.Point(start) if start == end else shapely.LineString([start, end])
        for found, apart_m, within_m in (
            (touch.crosses[n], core.distance(way), reach_m),
            (touch.starts[n], core.distance(shapely.Point(start)), reach_m),
            (touch.ends[n], core.distance(shapely.Point(end)), reach_m),
            (touch.is_near[n], core.distance(shapely.Point(end)), reach_m + outline.margin_m),
        ):
            # The outline's plane is its own: a metre in ten kilometres off the one of the test.
            if apart_m == 0 or abs(apart_m - within_m) > 0.1:
                assert found == (apart_m <= within_m)


@given(fences, st.integers(-600, 600), st.integers(-600, 600))
def test_a_step_touches_between_its_first_contact_and_its_last(fence: Fence, east: int, north: int) -> None:
    track = track_of([(0, -east, -north), (1, east, north)])
    outline = Outline(fence)
    if not outline.touch(track.lon, track.lat).crosses[0]:
        return
    start, end = zip(track.lon.tolist(), track.lat.tolist(), strict=True)
    first, last = outline.contact(start, end)
    assert 0 <= first <= last <= 1
    for share in (first, last):
        lon = track.lon[:1] + (track.lon[1:] - track.lon[:1]) * share
        lat = track.lat[:1] + (track.lat[1:] - track.lat[:1]) * share
        assert outside_m(outline, lon, lat)[0] < 0.05


def test_no_step_and_no_place_are_no_trouble() -> None:
    track = track_of([(0, 0, 0)])
    assert track.t_ms[0] == T0_MS
    assert len(Outline(fence_of(square(10))).touch(track.lon, track.lat).crosses) == 0

"""Off the planned route, off the beats."""

from __future__ import annotations

import itertools

import pytest
import shapely
from hypothesis import given

from tests.tracking.fencing import MIDDLE, T0_MS, rows, square, track_of
from tracking.straying import Span, corridor_of, off_beat, off_route
from tracking.track import Track

LINE = MIDDLE.round(shapely.LineString([(0, 0), (1000, 0)]))


def _seconds(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [((each.starts_ms - T0_MS) / 1000, (each.ends_ms - T0_MS) / 1000) for each in spans]


def _drive(*spots: tuple[float, float, float]) -> Track:
    return track_of(spots)


def test_a_detour_is_one_span_from_clear_of_the_corridor_to_back_in_it() -> None:
    track = _drive((0, 0, 0), (10, 100, 60), (20, 200, 150), (30, 300, 200), (40, 400, 70), (50, 500, 40))
    (span,) = off_route(track, LINE, 50)
    assert _seconds((span,)) == [(20.0, 50.0)]
    assert span.farthest_m == pytest.approx(150, abs=0.1)
    assert span.lasts_s == 30.0


def test_beside_the_corridor_within_the_margin_is_on() -> None:
    assert off_route(_drive((0, 0, 70), (10, 100, 75), (20, 200, 60)), LINE, 50) == ()


def test_a_gap_ends_what_is_known() -> None:
    track = _drive((0, 0, 300), (10, 0, 310), (400, 0, 320), (420, 0, 300), (430, 0, 0))
    assert _seconds(off_route(track, LINE, 50)) == [(0.0, 10.0), (400.0, 430.0)]


def test_beats_count_together() -> None:
    beats = [MIDDLE.round(square(100)), MIDDLE.round(square(100, 200))]
    track = _drive((0, 0, 0), (10, 150, 0), (20, 250, 0), (30, 250, 200), (40, 250, 300), (50, 250, 50))
    assert _seconds(off_beat(track, beats)) == [(30.0, 50.0)]
    assert off_beat(track, []) == ()


def test_a_corridor_needs_a_line_and_a_width() -> None:
    with pytest.raises(ValueError, match="above zero"):
        corridor_of(LINE, 0)
    with pytest.raises(ValueError, match="Polygon"):
        corridor_of(square(3), 10)


@given(rows)
def test_spans_are_apart_and_in_time_order(spots: list[tuple[float, float, float]]) -> None:
    spans = off_route(track_of(spots), LINE, 50)
    assert all(span.farthest_m > 30 for span in spans)
    for one, two in itertools.pairwise(spans):
        assert one.starts_ms <= one.ends_ms < two.starts_ms

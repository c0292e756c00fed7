"""Estimates, lines and what of them lies inside a beat."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import driving, geo

HERE = (115.98, 36.45)
EAST = geo.destination(HERE, 90, 1000)
places = st.lists(st.tuples(st.floats(115.9, 116.1), st.floats(36.3, 36.6)), min_size=2, max_size=8)


@given(places)
def test_the_estimated_table_is_the_great_circle_with_a_detour(points: list[geo.LonLat]) -> None:
    table = driving.estimate_table(points)
    assert table.basis == "great-circle"
    for i, a in enumerate(points):
        for j, b in enumerate(points):
            assert table.metres[i, j] == pytest.approx(geo.haversine_m(a, b) * 1.35, abs=1)
            assert table.seconds[i, j] == pytest.approx(table.metres[i, j] * 3.6 / 25, abs=1)
    assert (table.seconds == table.seconds.T).all()
    assert not table.metres.diagonal().any()


@given(places)
def test_the_estimated_line_agrees_with_the_table(points: list[geo.LonLat]) -> None:
    line, table = driving.estimate_line(points), driving.estimate_table(points)
    for n, leg in enumerate(line.legs):
        assert leg.metres == pytest.approx(table.metres[n, n + 1], abs=1)
        assert line.part(leg) == (points[n], points[n + 1])
    assert line.seconds == sum(leg.seconds for leg in line.legs)
    assert list(line.offsets_s) == sorted(line.offsets_s)


def test_an_empty_table_is_empty() -> None:
    assert driving.estimate_table([]).seconds.shape == (0, 0)


def test_a_router_s_legs_become_offsets_with_the_cost_of_turns_spread() -> None:
    shape = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (2.0, 1.0)]
    line = driving.road_line(shape, [(30.0, 200.0, [10.0, 10.0]), (7.4, 50.0, [7.0])])
    assert line.offsets_s == pytest.approx((0, 15, 30, 37.4))
    assert [(leg.first, leg.last) for leg in line.legs] == [(0, 2), (2, 3)]
    assert (line.seconds, line.metres, line.basis) == (37, 250, "road")
    with pytest.raises(ValueError, match="fit"):
        driving.road_line(shape, [(30.0, 200.0, [10.0])])


def test_a_stop_at_the_same_place_takes_no_time() -> None:
    line = driving.road_line([(0.0, 0.0), (0.0, 0.0)], [(0.0, 0.0, [0.0])])
    assert (line.seconds, line.offsets_s) == (0, (0.0, 0.0))


def test_joined_lines_keep_their_legs_and_a_gap_makes_the_whole_unreachable() -> None:
    line = driving.estimate_line([HERE, EAST])
    both = driving.joined([line, line])
    assert both.seconds == 2 * line.seconds
    assert both.part(both.legs[1]) == (HERE, EAST)
    assert list(both.offsets_s) == sorted(both.offsets_s)
    broken = driving.joined([line, driving.no_way(EAST, HERE)])
    assert (broken.seconds, broken.metres) == (-1, -1)
    assert broken.legs[0].seconds > 0
    with pytest.raises(ValueError, match="no lines"):
        driving.joined([])


def test_half_a_line_lies_inside_a_beat_that_ends_half_way() -> None:
    square = _square(geo.destination(HERE, 90, 250), 250)
    points = [geo.destination(HERE, 90, 20.0 * n) for n in range(51)]
    line = driving.joined([driving.estimate_line(points)])
    whole = driving.Leg(0, 50, line.seconds, line.metres)
    assert driving.seconds_inside(line, whole, [square]) == pytest.approx(line.seconds / 2, rel=0.05)
    assert driving.seconds_inside(line, whole, []) == 0
    # The same part counts once, however many beats hold it.
    assert driving.seconds_inside(line, whole, [square, square]) == pytest.approx(line.seconds / 2, rel=0.05)


def test_shares_inside_for_all_pairs() -> None:
    square = _square(geo.destination(HERE, 90, 250), 250)
    share = driving.shares_inside([geo.destination(HERE, 90, 1), EAST], [square, square])
    assert share == pytest.approx(np.array([[1, 0.5], [0.5, 0]]), abs=0.1)
    assert not driving.shares_inside([HERE, EAST], []).any()


def _square(middle: geo.LonLat, half_m: float) -> list[geo.LonLat]:
    return [geo.destination(middle, turn, half_m * 2**0.5) for turn in (45, 135, 225, 315)]

"""Where near homes begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import LonLat, destination, haversine_m
from maps.redact import CELL_M, HOME_M, cell_of, is_private, told

_place = st.tuples(st.floats(115.9, 116.1), st.floats(36.3, 36.6))
_near = st.tuples(st.floats(0, 360), st.floats(0, HOME_M))


@given(_place, st.lists(_near, min_size=1, max_size=4))
def test_every_place_near_a_home_lies_in_a_private_cell(
    home: LonLat, near: list[tuple[float, float]]
) -> None:
    for heading_deg, distance_m in near:
        assert is_private(cell_of(destination(home, heading_deg, distance_m)), [home])


@given(_place, st.floats(0, 360), st.floats(0, CELL_M))
def test_a_cell_is_named_by_its_centre_whatever_place_in_it_is_asked(
    at: LonLat, heading_deg: float, distance_m: float
) -> None:
    cell, other = cell_of(at), destination(at, heading_deg, distance_m)
    assert haversine_m(at, cell) <= CELL_M
    assert haversine_m(cell, cell_of(cell)) < 0.01
    if haversine_m(other, cell) < CELL_M / 2 - 1:
        assert cell_of(other) == cell


@given(_place)
def test_away_from_homes_nothing_is_private(at: LonLat) -> None:
    assert not is_private(cell_of(at), [destination(at, 90, 1000)])
    assert not is_private(cell_of(at), [])
    assert haversine_m(told(at), at) < 2

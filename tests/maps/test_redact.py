"""What a guest sees gives no doorstep away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import LonLat, destination, haversine_m, snap_to_cell
from maps.redact import CELL_M, HOME_M, redact

_place = st.tuples(st.floats(115.9, 116.1), st.floats(36.3, 36.6))
_near = st.tuples(st.floats(0, 360), st.floats(0, HOME_M))


@given(_place, st.lists(_near, min_size=1, max_size=4))
def test_near_a_home_only_the_cell_is_seen(home: LonLat, dwell: list[tuple[float, float]]) -> None:
    for heading_deg, distance_m in dwell:
        at = destination(home, heading_deg, distance_m)
        shown = redact(at, [home])
        assert not shown.exact
        assert haversine_m(shown.at, snap_to_cell(at, CELL_M)) < 2


@given(_place, st.lists(_place, max_size=5), st.floats(0, 360), st.floats(0, CELL_M))
def test_a_cell_is_hidden_whole_or_not_at_all(
    at: LonLat, homes: list[LonLat], heading_deg: float, distance_m: float
) -> None:
    other = destination(at, heading_deg, distance_m)
    if snap_to_cell(at, CELL_M) == snap_to_cell(other, CELL_M):
        first, second = redact(at, homes), redact(other, homes)
        assert first.exact == second.exact
        assert first.exact or first == second


@given(_place)
def test_away_from_homes_a_van_is_where_it_is(at: LonLat) -> None:
    shown = redact(at, [destination(at, 90, 1000)])
    assert shown.exact
    assert haversine_m(shown.at, at) < 2

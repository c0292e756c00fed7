"""What a shared document shows of places and lines near homes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import LonLat, haversine_m, snap_to_cell
from maps.haze import Haze
from maps.redact import CELL_M, HOME_M, cell_of, is_private, told

POINTS = st.tuples(st.floats(115.95, 116.02), st.floats(36.42, 36.47))
LINES = st.lists(POINTS, max_size=12)
HOMES = st.lists(POINTS, max_size=8)


def centre_of(at: LonLat) -> LonLat:
    lon, lat = snap_to_cell(at, CELL_M)
    return round(lon, 5), round(lat, 5)


@given(POINTS, HOMES)
def test_a_place_is_shown_as_a_shared_map_shows_it(at: LonLat, homes: list[LonLat]) -> None:
    assert Haze(homes).place(at) == told(cell_of(at) if is_private(cell_of(at), homes) else at)


@given(POINTS, HOMES)
def test_what_was_hidden_once_stays_as_it_is(at: LonLat, homes: list[LonLat]) -> None:
    haze = Haze(homes)
    assert haze.place(haze.place(at)) == haze.place(at)


@given(LINES, HOMES)
def test_no_point_of_a_line_is_near_a_home_but_a_cells_centre(
    line: list[LonLat], homes: list[LonLat]
) -> None:
    for at in Haze(homes).line(line):
        near = any(haversine_m(at, home) < HOME_M for home in homes)
        assert not near or at == centre_of(at)


@given(LINES, HOMES)
def test_the_order_of_homes_tells_nothing(line: list[LonLat], homes: list[LonLat]) -> None:
    assert Haze(homes).line(line) == Haze(homes[::-1]).line(line)


@given(LINES)
def test_without_a_haze_a_line_is_itself(line: list[LonLat]) -> None:
    assert Haze(None).line(line) == tuple(line)


def test_an_errand_to_a_door_and_another_door_of_its_cell_look_the_same() -> None:
    cell = snap_to_cell((115.98, 36.44), CELL_M)
    doors = [(cell[0] + 0.0005, cell[1]), (cell[0] - 0.0007, cell[1] + 0.0004)]
    street = (cell[0], cell[1] - 0.02)
    haze = Haze(doors)
    assert haze.place(doors[0]) == haze.place(doors[1])
    assert haze.line([street, doors[0]])[-1] == haze.line([street, doors[1]])[-1]

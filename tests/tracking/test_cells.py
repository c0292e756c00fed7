"""The grid of the live feed: no place is lost between cells, and bad wishes are refused with a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.cells import MOST_BYTES, Cell, Refused, View, cell_of, view_of, wish_of

_lon = st.floats(-180, 180)
_lat = st.floats(-90, 90)


@given(_lon, _lat, _lon, _lat, _lon, _lat)
def test_a_view_holds_the_cell_of_every_place_inside_it(
    lon: float, lat: float, west: float, a: float, east: float, b: float
) -> None:
    south, north = min(a, b), max(a, b)
    view = view_of((west, south, east, north))
    inside = west <= lon <= east if west <= east else lon >= west or lon <= east
    if inside and south <= lat <= north:
        assert view.holds(cell_of(lon, lat))


@given(_lon, _lat)
def test_a_view_of_one_place_is_one_cell_and_says_its_bounds(lon: float, lat: float) -> None:
    view = view_of((lon, lat, lon, lat))
    cell = cell_of(lon, lat)
    assert view == View(cell.column, cell.row, cell.column, cell.row)
    west, south, east, north = view.bounds()
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    assert not view.holds(Cell(cell.column + 1, cell.row))
    assert not view.holds(Cell(cell.column, cell.row - 1))


def test_a_view_over_the_date_line_holds_both_its_sides_and_not_the_rest() -> None:
    view = view_of((179.9, -1, -179.9, 1))
    assert view.holds(cell_of(180, 0))
    assert view.holds(cell_of(-180, 0))
    assert not view.holds(cell_of(116, 0))
    assert not view.holds(cell_of(180, 2))
    # From just east of a place all the way round to just west of it.
    assert view_of((0.002, 0, 0.001, 0)).holds(cell_of(116, 0))


@given(st.one_of(st.none(), st.tuples(_lon, st.just(-1.0), _lon, st.just(1.0))))
def test_a_good_wish_is_followed(bounds: tuple[float, float, float, float] | None) -> None:
    message = json.dumps({"view": bounds, "later": "fields are ignored"})
    assert wish_of(message) == (None if bounds is None else view_of(bounds))
    assert wish_of(message.encode()) == wish_of(message)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ('{"view": [1, 2, 3]}', "view holds 3 numbers; send [west, south, east, north] in degrees"),
        ('{"view": [-181, 0, 0, 0]}', "west is -181; send degrees between -180 and 180"),
        ('{"view": [0, 0, 1, 90.5]}', "north is 90.5; send degrees between -90 and 90"),
        ('{"view": [0, 2, 1, 1]}', "south 2 lies north of north 1; send [west, south, east, north]"),
        ('{"view": "all"}', "Expected `array | null`, got `str` - at `$.view`; send "),
        ('{"view": ["a", 0, 0, 0]}', "Expected `float`"),
        ("{}", "missing required field `view`"),
        ("[]", "Expected `object`"),
        ("nonsense", "JSON is malformed"),
        ('{"view": [NaN, 0, 0, 0]}', "JSON is malformed"),
        ('{"view": [1e999, 0, 0, 0]}', ""),
        ("", "truncated"),
        (" " * (MOST_BYTES + 1), f"the message has {MOST_BYTES + 1} characters; send at most {MOST_BYTES}"),
    ],
)  # fmt: skip
def test_a_bad_wish_is_refused_with_a_sentence(message: str, why: str) -> None:
    refused = wish_of(message)
    assert isinstance(refused, Refused)
    assert why in refused.why


@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(message: bytes) -> None:
    assert isinstance(wish_of(message), Refused | View | None)

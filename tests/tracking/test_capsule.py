"""Pieces of lines against the same asked of Shapely, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from tracking.capsule import contact, pieces_of

_metre = st.integers(-50, 50)
_spot = st.tuples(_metre, _metre)
_lines = st.lists(_spot, min_size=2, max_size=6, unique=True).map(shapely.LineString)
_cores: st.SearchStrategy[BaseGeometry] = st.one_of(
    st.builds(shapely.Point, _spot),
    _lines,
    st.lists(_lines, min_size=2, max_size=3).map(shapely.MultiLineString),
)


def _way(start: tuple[int, int], end: tuple[int, int]) -> BaseGeometry:
    return shapely.Point(start) if start == end else shapely.LineString([start, end])


@given(_cores, _spot, _spot)
def test_distances_are_shapelys(core: BaseGeometry, start: tuple[int, int], end: tuple[int, int]) -> None:
    pieces = pieces_of(core)
    columns = [np.array([float(each)]) for each in (*start, *end)]
    assert np.sqrt(pieces.apart_sq(*columns[:2]).min()) == pytest.approx(core.distance(shapely.Point(start)))
    apart_m = np.sqrt(pieces.ways_apart_sq(*columns).min())
    assert apart_m == pytest.approx(core.distance(_way(start, end)), abs=1e-7)


@given(_cores, _spot, _spot, st.integers(1, 30))
def test_a_way_is_in_reach_from_its_first_contact_to_its_last(
    core: BaseGeometry, start: tuple[int, int], end: tuple[int, int], reach_m: int
) -> None:
    way = _way(start, end)
    if start == end or core.distance(way) > reach_m - 1e-3:
        return
    first, last = contact(pieces_of(core).one_by_one(), (*start, *end), reach_m)
    shared = way.intersection(core.buffer(reach_m, quad_segs=256))
    shares = [way.project(shapely.Point(spot)) / way.length for spot in shapely.get_coordinates(shared)]
    assert 0 <= first <= last <= 1
    for share in (first, last):
        assert core.distance(way.interpolate(share, normalized=True)) <= reach_m + 1e-6
    # The picture's corners lie on the border, so that it lies within it.
    assert first <= min(shares) + 1e-9 and last >= max(shares) - 1e-9


def test_long_pieces_are_cut() -> None:
    pieces = pieces_of(shapely.LineString([(0, 0), (10, 0), (10, 3)]), 4)
    assert len(pieces) == 4
    assert len(pieces.take(np.array([0, 3]))) == 2

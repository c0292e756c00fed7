"""The flat earth agrees with the round one within what it states."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import destination, haversine_m
from tracking.plane import Plane, plane_of

_MIDDLE = (116.0, 36.45)


@given(st.floats(0, 359), st.floats(1, 2_000))
def test_distances_from_the_point_are_those_on_the_sphere(heading_deg: float, away_m: float) -> None:
    place = destination(_MIDDLE, heading_deg, away_m)
    x, y = Plane(*_MIDDLE).metres(np.array([place[0]]), np.array([place[1]]))
    assert math.hypot(x[0], y[0]) == pytest.approx(haversine_m(_MIDDLE, place), rel=0.00012 * 2, abs=1e-6)


def test_a_shape_goes_there_and_back() -> None:
    ring = shapely.Polygon(
        [(116, 36), (116.1, 36), (116.1, 36.2)], [[(116.05, 36.02), (116.06, 36.02), (116.06, 36.03)]]
    )
    plane = plane_of(ring)
    assert (plane.lon, plane.lat) == pytest.approx((116.05, 36.1))
    assert shapely.equals_exact(plane.round(plane.flat(ring)), ring, tolerance=1e-9)

"""The bend of the town's plan."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import geo
from fleet.synthetic import plane

in_plan = st.tuples(st.floats(-4500, 4500), st.floats(-3500, 3500))


@given(in_plan)
def test_the_bend_never_folds(point: plane.Plan) -> None:
    u, v = point
    x, y = plane.bend(point)
    east, north = plane.bend((u + 1, v)), plane.bend((u, v + 1))
    area = (east[0] - x) * (north[1] - y) - (east[1] - y) * (north[0] - x)
    assert 0.5 < area < 1.6
    assert math.hypot(east[0] - x, east[1] - y) < 1.5


def test_places_are_true_to_scale_round_the_centre() -> None:
    a, b = plane.place((0, 0)), plane.place((500, 0))
    assert geo.haversine_m(a, plane.CENTRE) < 500
    assert geo.haversine_m(a, b) == pytest.approx(
        math.dist(plane.bend((0, 0)), plane.bend((500, 0))), rel=0.01
    )


def test_softened_rings_keep_their_corners_and_have_short_sides() -> None:
    ring = plane.box_ring(0, 0, 1000, 200)
    soft = plane.softened(ring, 90)
    assert set(ring) <= set(soft)
    assert all(math.dist(a, b) <= 90 for a, b in zip(soft, [*soft[1:], soft[0]], strict=True))

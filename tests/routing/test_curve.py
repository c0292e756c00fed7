from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing import curve
from routing.curve import MOST, NAMES, Curve
from routing.plan import Levels


def levels(*values: int) -> Levels:
    return Levels(*values)


def test_only_what_is_better_makes_a_point() -> None:
    made = Curve().with_point(0.5, levels(0, 2, 9, 9, 9, 9, 9))
    assert made.with_point(0.7, levels(0, 2, 9, 9, 9, 9, 9)) is made
    assert made.with_point(0.7, levels(0, 3, 0, 0, 0, 0, 0)) is made
    made = made.with_point(1.25, levels(0, 1, 99, 9, 9, 9, 9))
    assert [(p.seconds, p.values[1]) for p in made.points] == [(0.5, 2), (1.25, 1)]
    assert NAMES[1] == "mandatory_missed" and len(made.points[0].values) == len(NAMES)


@given(st.integers(1, 3 * MOST))
def test_a_long_curve_keeps_its_ends_and_its_order_and_is_bounded(n: int) -> None:
    made = Curve()
    for k in range(n):
        made = made.with_point(float(k), levels(0, 0, 10_000 - k, 0, 0, 0, 0))
    assert len(made.points) <= MOST
    assert (made.points[0].seconds, made.points[-1].seconds) == (0.0, float(n - 1))
    assert list(made.points) == sorted(made.points, key=lambda p: p.seconds)
    assert len({p.seconds for p in made.points}) == len(made.points)
    assert n > MOST or len(made.points) == n
    assert curve.curve_of(curve.as_json(made)) == made


def test_points_of_another_schema_are_left_out() -> None:
    assert curve.curve_of([[1.0, [2, 3]], [2.0, list(range(len(NAMES)))]]).points[0].seconds == 2.0

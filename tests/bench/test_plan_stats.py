import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.plan_stats import Bar, figures, interval, student_t

RATIOS = st.lists(st.floats(0.5, 2.0), min_size=2, max_size=60)


def test_an_interval_is_the_textbooks() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776 * math.sqrt(2.5) / math.sqrt(5)
    assert (found.mean, found.count) == (3.0, 5)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half))


@pytest.mark.parametrize(
    ("freedom", "told"), [(1, 12.706), (19, 2.093), (40, 2.021), (60, 2.000), (120, 1.980)]
)
def test_students_t_is_the_tables(freedom: int, told: float) -> None:
    assert student_t(freedom) == pytest.approx(told, abs=6e-4)


def test_it_goes_on_behind_its_table_without_a_step() -> None:
    assert student_t(30) > student_t(31) > student_t(32) > statistics.NormalDist().inv_cdf(0.975)


def test_one_value_has_no_spread_and_none_has_nothing() -> None:
    assert (interval([1.5]).low, interval([1.5]).high) == (-math.inf, math.inf)
    with pytest.raises(ValueError, match="two values"):
        student_t(0)
    with pytest.raises(ValueError, match="nothing"):
        interval([])


@given(RATIOS)
def test_an_interval_holds_its_mean_and_shrinks_with_more_of_the_same(ratios: list[float]) -> None:
    once, twice = interval(ratios), interval(ratios * 2)
    assert once.low <= once.mean <= once.high
    assert twice.high - twice.low <= once.high - once.low + 1e-12


def test_a_bar_is_held_against_mean_and_interval() -> None:
    above = figures("prize", [1.01, 1.02, 1.03], Bar(mean_from=1.0, low_above=1.0))
    assert [figure.ok for figure in above] == [True, False, None]  # 1.02 - 4.303 * 0.01 / sqrt(3)
    assert above[0].value == 2.0 and above[0].ratio == 1.02 and above[1].value == -0.4843
    assert [figure.expect for figure in above] == [">= 0 %", "> 0 %", ""]
    travel = Bar(mean_to=1.002, low_to=1.0)
    assert [figure.ok for figure in figures("travel", [0.99, 1.01, 1.0], travel)] == [True, True, None]
    assert [figure.ok for figure in figures("travel", [1.001, 1.001, 1.001], travel)] == [True, False, None]
    assert [figure.ok for figure in figures("travel", [1.01, 1.01, 1.01], travel)] == [False, False, None]


def test_nothing_measured_passes_no_bar() -> None:
    (only,) = figures("prize", [], Bar())
    assert only.ok is False


def test_one_instance_alone_shows_no_interval() -> None:
    found = figures("prize", [1.5], Bar(low_above=1.0))
    assert found[1].ok is False and found[1].ratio is None and found[1].value < -1e5

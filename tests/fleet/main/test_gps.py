import itertools
import statistics

from hypothesis import given
from hypothesis import strategies as st

from fleet.geo import haversine_m
from fleet.main import gps

HERE = (116.0, 36.45)


@given(st.integers(0, 2_000_000_000_000))
def test_the_same_instant_has_the_same_error(t_ms: int) -> None:
    assert gps.blur("van:1", t_ms, HERE) == gps.blur("van:1", t_ms, HERE)


def test_the_error_is_a_receivers() -> None:
    errors = [haversine_m(HERE, gps.blur("van:1", t * 2000, HERE)[0]) for t in range(6_000)]
    assert 3 < statistics.fmean(errors) < 12
    assert max(errors) < 40


def test_drift_is_slow() -> None:
    points = [gps.blur("van:1", t * 2000, HERE)[0] for t in range(2_000)]
    steps = [haversine_m(a, b) for a, b in itertools.pairwise(points)]
    assert statistics.fmean(steps) < 4


def test_a_van_is_out_of_reach_for_some_minutes_an_hour() -> None:
    hours = 8
    lost = sum(gps.in_dead_zone("van:1", s) for s in range(hours * 3600))
    assert hours * 60 < lost < hours * 240

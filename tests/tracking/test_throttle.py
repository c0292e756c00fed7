"""What is over the rate is taken and waited for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.throttle import Throttle


def test_a_burst_is_free_and_what_is_over_waits_for_its_share() -> None:
    throttle = Throttle(per_s=10.0, burst=20.0)
    assert throttle.take(20.0, 0.0) == 0.0
    assert throttle.take(5.0, 0.0) == pytest.approx(0.5)
    assert throttle.take(5.0, 1.0) == 0.0
    assert throttle.take(1.0, 1.0) == pytest.approx(0.1)


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(0, 2)), max_size=80))
def test_who_waits_as_told_never_sends_more_than_burst_and_rate(sends: list[tuple[float, float]]) -> None:
    throttle, now_s, sent = Throttle(per_s=50.0, burst=100.0), 0.0, 0.0
    for weight, pause_s in sends:
        now_s += pause_s
        sent += weight
        now_s += throttle.take(weight, now_s)
        assert sent <= 100.0 + 50.0 * now_s + 1e-6


def test_a_clock_that_steps_back_gives_and_takes_nothing() -> None:
    throttle = Throttle(per_s=1.0, burst=1.0)
    assert throttle.take(1.0, 100.0) == 0.0
    assert throttle.take(1.0, 50.0) == pytest.approx(1.0)
    assert throttle.take(0.0, 101.0) == 0.0

"""The food clock of the office, which must be that of the van's own screen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from maps.day import Tap
from maps.food import FoodClock, food_clock
from tests.maps.days import START, tap


def _read(minute: int, celsius: float, container: str = "hot") -> Tap:
    return tap("reading", minute, celsius=celsius, container=container)


# The readings, minutes and outcomes of the van's screen: see the test of its rules.
_TAPS = (_read(0, 65), _read(10, 50), _read(70, 61), _read(80, 30), tap("reload", 200))


@pytest.mark.parametrize(
    ("minute", "celsius", "left_min", "counting"),
    [
        (5, 65, 120, False),
        (40, 50, 90, True),
        (75, 61, 60, False),
        (100, 30, 40, True),
        (139, 30, 1, True),
        (140, 30, 0, True),
        (201, None, 120, False),
    ],
)
def test_it_counts_as_the_van_does(minute: int, celsius: float | None, left_min: int, counting: bool) -> None:
    now = START + timedelta(minutes=minute)
    assert food_clock(_TAPS, "hot", now) == FoodClock(celsius, left_min * 60, counting)


def test_another_container_is_another_clock() -> None:
    now = START + timedelta(minutes=30)
    taps = (_read(0, 20, "cold"), _read(10, 20, "hot"))
    assert food_clock(taps, "cold", now).left_s == 90 * 60
    assert food_clock(taps, "hot", now).left_s == 100 * 60
    assert food_clock((), "hot", now) == FoodClock(None, 7200, False)

from __future__ import annotations

import numpy as np

from routing.dice import below, uniform


def thrown(seed: int, count: int) -> list[float]:
    dice = np.array([seed], dtype=np.uint64)
    return [uniform(dice) for _ in range(count)]


def test_the_same_seed_throws_the_same_and_another_something_else() -> None:
    assert thrown(7, 50) == thrown(7, 50) != thrown(8, 50)


def test_throws_fill_their_range_evenly() -> None:
    throws = np.array(thrown(3, 20_000))
    assert throws.min() >= 0 and throws.max() < 1
    shares = np.histogram(throws, bins=10, range=(0, 1))[0] / len(throws)
    assert np.abs(shares - 0.1).max() < 0.01
    dice = np.array([5], dtype=np.uint64)
    assert {below(dice, 6) for _ in range(500)} == set(range(6))

"""Chance for compiled functions: the same seed throws the same."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from routing.compiling import small_kernel

Dice: TypeAlias = npt.NDArray[np.uint64]
"""The state of the generator of chance."""


@small_kernel
def uniform(rng: Dice) -> float:
    """A number in [0, 1). Source: xorshift64*, Vigna 2016."""
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@small_kernel
def below(rng: npt.NDArray[np.uint64], n: int) -> int:
    """A whole number in [0, n)."""
    return min(n - 1, int(uniform(rng) * n))

"""Ratios of pairs, instance by instance, with the interval in which their mean lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Final

from tests.bench.figure import Figure

_T: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 1 to 30 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % interval by Student's t; of one value alone the interval is all numbers."""

    mean: float
    low: float
    high: float
    count: int


def student_t(freedom: int) -> float:
    """Two-sided 95 %. Past the table by Cornish and Fisher's first two terms, right to three digits.

    Raises
    ------
    ValueError : no degree of freedom.
    """
    if freedom < 1:
        raise ValueError("two values at least have a spread")
    if freedom <= len(_T):
        return _T[freedom - 1]
    z = NormalDist().inv_cdf(0.975)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def interval(values: Sequence[float]) -> Interval:
    """The mean of values that do not depend on each other, n >= 1.

    Raises
    ------
    ValueError : no value.
    """
    if not values:
        raise ValueError("nothing was measured")
    mean = fmean(values)
    if len(values) == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = student_t(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, len(values))


@dataclass(frozen=True, slots=True)
class Bar:
    """What a mean ratio and its interval have to reach; None where nothing is asked."""

    mean_from: float | None = None
    mean_to: float | None = None
    low_above: float | None = None
    low_to: float | None = None


def figures(name: str, ratios: Sequence[float], bar: Bar) -> tuple[Figure, ...]:
    """The mean ratio and both ends of its interval, as per cent above 1, held against a bar.

    Nothing measured is a missed bar, not a passed one.
    """
    if not ratios:
        return (Figure(f"{name}: instances", 0, "", expect="> 0", ok=False),)
    found = interval(ratios)
    mean = Figure(
        f"{name}: mean of {found.count}",
        _per_cent(found.mean),
        "%",
        ratio=round(found.mean, 5),
        expect=_limits(bar.mean_from, bar.mean_to),
        ok=_within(found.mean, bar.mean_from, bar.mean_to),
    )
    if found.count == 1 and bar.low_above is None and bar.low_to is None:
        return (mean,)
    return mean, _low(name, found, bar), _end(f"{name}: interval to", found.high)


def _low(name: str, found: Interval, bar: Bar) -> Figure:
    expect = _limits(None, bar.low_to)
    ok = _within(found.low, None, bar.low_to)
    if bar.low_above is not None:
        expect = ", ".join(filter(None, [f"> {_per_cent(bar.low_above):g} %", expect]))
        ok = ok is not False and found.low > bar.low_above
    return _end(f"{name}: interval from", found.low, expect, ok)


def _end(name: str, value: float, expect: str = "", ok: bool | None = None) -> Figure:
    ratio = round(value, 5) if math.isfinite(value) else None
    return Figure(name, _per_cent(value), "%", ratio=ratio, expect=expect, ok=ok)


def _within(value: float, least: float | None, most: float | None) -> bool | None:
    """Whether it lies there; None where no limit is set."""
    if least is None and most is None:
        return None
    return (least is None or value >= least) and (most is None or value <= most)


def _limits(least: float | None, most: float | None) -> str:
    told = [f">= {_per_cent(least):g} %"] if least is not None else []
    return ", ".join([*told, *([f"<= {_per_cent(most):g} %"] if most is not None else [])])


def _per_cent(ratio: float) -> float:
    """Above 1. An interval without an end is told as a very wide one: JSON knows no infinity."""
    return round(100 * (max(-1e4, min(1e4, ratio)) - 1), 4)

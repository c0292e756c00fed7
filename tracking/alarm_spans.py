"""Times during which something held, from the instants at which it was seen to hold. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from tracking.track import Ints, Truths

Span: TypeAlias = tuple[int, int]
"""From and to, epoch milliseconds."""


def spans_of(t_ms: Ints, bridge_s: float) -> list[Span]:
    """The first and last of each run of instants, rising, that lie no farther apart than `bridge_s`."""
    if not len(t_ms):
        return []
    cuts = np.flatnonzero(np.diff(t_ms) > bridge_s * 1000)
    firsts = np.concatenate([[0], cuts + 1])
    lasts = np.concatenate([cuts, [len(t_ms) - 1]])
    return [(int(t_ms[a]), int(t_ms[b])) for a, b in zip(firsts, lasts, strict=True)]


def within(t_ms: Ints, spans: Iterable[Span]) -> Truths:
    """Which instants lie in any of some spans, their ends not included."""
    inside = np.zeros(len(t_ms), bool)
    for starts, ends in spans:
        inside |= (t_ms >= starts) & (t_ms < ends)
    return inside


def outside_s(span: Span, others: Sequence[Span]) -> float:
    """Seconds of a span that none of the others covers."""
    left_ms, at = span[1] - span[0], span[0]
    for starts, ends in sorted(others):
        lo, hi = max(at, starts), min(span[1], ends)
        if hi > lo:
            left_ms -= hi - lo
            at = hi
    return left_ms / 1000


def hold(on: Truths, off: Truths) -> Truths:
    """A state that `on` sets and `off` clears and that stays as it is between: hysteresis; clear at first."""
    order = np.arange(len(on))
    said = np.where(on | off, order, -1)
    last = np.maximum.accumulate(said) if len(on) else said
    held: Truths = (last >= 0) & on[np.maximum(last, 0)] if len(on) else on
    return held

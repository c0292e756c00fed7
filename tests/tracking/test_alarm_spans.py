from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracking.alarm_spans import hold, outside_s, spans_of, within

_INSTANTS = st.lists(st.integers(0, 500_000), unique=True).map(sorted)
_SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda p: (min(p), max(p))))


@given(_INSTANTS, st.integers(1, 60))
def test_spans_hold_every_instant_and_lie_farther_apart_than_the_bridge(
    times: list[int], bridge: int
) -> None:
    spans = spans_of(np.array(times, np.int64), bridge)
    assert all(any(a <= t <= b for a, b in spans) for t in times)
    assert all(after[0] - before[1] > bridge * 1000 for before, after in pairwise(spans))
    assert {t for span in spans for t in span} <= set(times)


@given(st.tuples(st.integers(0, 500), st.integers(0, 500)), _SPANS)
def test_what_others_leave_of_a_span_is_counted_once(
    pair: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    span = min(pair), max(pair)
    seconds = np.arange(span[0], span[1], dtype=np.int64)
    assert outside_s(span, others) * 1000 == int((~within(seconds, others)).sum())


@given(st.lists(st.floats(0, 1)))
def test_a_held_state_changes_only_past_both_limits(values: list[float]) -> None:
    share = np.array(values)
    held = hold(share < 0.3, share > 0.5)
    state = False
    for value, said in zip(values, held.tolist(), strict=True):
        state = True if value < 0.3 else False if value > 0.5 else state
        assert said is state

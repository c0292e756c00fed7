from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.place import Orders, call_of, places, squeeze, suits
from routing.timetable import timetable
from tests.routing.instances import tiny


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_the_bound_is_never_above_the_true_lateness(seed: int) -> None:
    problem = tiny(seed)
    calls = tuple(call_of(problem, n) for n in range(len(problem.visits) - 1))
    for place in places(problem, 0, calls, call_of(problem, len(problem.visits) - 1)):
        late_s = [b.short for b in place.timetable.breaches if b.code not in ("capacity", "food_clock")]
        assert place.late_s <= max(late_s, default=0)


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_what_is_squeezed_in_breaks_nothing_and_what_is_not_fits_nowhere(seed: int) -> None:
    problem = tiny(seed)
    orders: Orders = squeeze(problem, ((), ()))
    assert not any(timetable(problem, van, calls).breaches for van, calls in enumerate(orders))
    served = {call.index for calls in orders for call in calls}
    for n in set(range(len(problem.visits))) - served:
        for van, calls in enumerate(orders):
            tried = places(problem, van, calls, call_of(problem, n))
            assert not suits(problem, van, n) or all(place.timetable.breaches for place in tried)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.place import call_of
from routing.slack import latest_arrivals
from routing.timetable import Call, timetable
from tests.routing.instances import tiny


@given(st.integers(0, 10_000))
def test_a_stop_reached_by_its_latest_arrival_keeps_every_limit(seed: int) -> None:
    problem = tiny(seed)
    calls: tuple[Call, ...] = ()
    for n in range(len(problem.visits)):
        tried = (*calls, call_of(problem, n))
        if not timetable(problem, 0, tried).breaches:
            calls = tried
    stops = timetable(problem, 0, calls).stops
    latest_s = latest_arrivals(problem, 0, stops)
    assert all(stop.arrives_s <= last for stop, last in zip(stops, latest_s, strict=True))

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.naps import at_once, waited_out
from routing.problem import TimeWindow
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, in_a_row, tiny
from tests.routing.test_timetable import VAN

NAP = TimeWindow(100, 1000)


def test_a_nap_is_waited_out_where_nothing_is_late_for_it() -> None:
    awake = TimeWindow(0, 9000)
    problem = in_a_row((VAN,), (day_visit("A", 2, nap=NAP, windows=(awake,)), day_visit("B", 3)))
    calls = (Call("visit", 0, in_nap=True), Call("visit", 1))
    assert waited_out(problem, 0, calls) == (Call("visit", 0), Call("visit", 1))
    early = in_a_row((VAN,), (day_visit("A", 2, nap=NAP, windows=(TimeWindow(0, 900),)), day_visit("B", 3)))
    assert waited_out(early, 0, calls) == waited_out(early, 0, calls, hopeful=True) == calls


def test_who_would_be_late_for_waiting_is_called_on_at_once() -> None:
    early = in_a_row((VAN,), (day_visit("A", 2, nap=NAP, windows=(TimeWindow(0, 900),)),))
    assert at_once(early, 0, (Call("visit", 0),)) == (Call("visit", 0, in_nap=True),)
    late = in_a_row((VAN,), (day_visit("A", 2, nap=NAP),))
    assert at_once(late, 0, (Call("visit", 0),)) == (Call("visit", 0),)


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_what_kept_its_limits_keeps_them_when_naps_are_waited_out(seed: int) -> None:
    problem = tiny(seed)
    calls = tuple(Call(visit.kind, n, in_nap=True) for n, visit in enumerate(problem.visits))
    kept = calls[
        : next(n for n in range(len(calls), -1, -1) if not timetable(problem, 0, calls[:n]).breaches)
    ]
    assert not timetable(problem, 0, waited_out(problem, 0, kept)).breaches

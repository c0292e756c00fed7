from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.problem import Break, Item, Kitchen, Portion, Problem, TimeWindow, Van
from routing.timetable import Breach, Call, Rest, calls_of, earliest_begin, route_of, timetable, walk
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import problems, random_orders

VAN = Van("V1", 0, 0, 10_000, hot_cups=5, cold_cups=5)
ITEMS = (Item("soup", "cold", 0),)


def visit(n: int) -> Call:
    return Call("visit", n)


def test_stops_follow_the_road_and_wait_for_the_window() -> None:
    problem = in_a_row((VAN,), (day_visit("A", 2, windows=(TimeWindow(500, 900),)), day_visit("B", 3)))
    table = timetable(problem, 0, (visit(0), visit(1)))
    told = [(s.kind, s.site, s.arrives_s, s.begins_s, s.leaves_s) for s in table.stops]
    assert told == [
        ("start", 0, 0, 0, 0),
        ("visit", 2, 200, 500, 800),
        ("visit", 3, 900, 900, 1200),
        ("end", 0, 1500, 1500, 1500),
    ]
    assert table.breaches == ()


def test_a_window_missed_is_a_breach_with_its_seconds() -> None:
    problem = in_a_row((VAN,), (day_visit("A", 2, windows=(TimeWindow(0, 150),)),))
    assert timetable(problem, 0, (visit(0),)).breaches == (Breach("window", 50, 0),)


def test_a_late_return_and_too_many_cups_are_breaches() -> None:
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 7),))
    problem = in_a_row((replace(VAN, ends_s=450),), (drop,), ITEMS)
    breaches = timetable(problem, 0, (Call("dropoff", 0),)).breaches
    assert set(breaches) == {Breach("capacity", 2, -1, "cold"), Breach("shift_end", 50)}


def test_the_nap_is_waited_out_unless_it_may_be_entered() -> None:
    napping = day_visit("A", 2, nap=TimeWindow(100, 1000))
    assert earliest_begin(napping, 200, napping=False) == (1000, 0)
    assert earliest_begin(napping, 200, napping=True) == (200, 0)


def test_the_second_window_is_taken_when_the_first_is_over() -> None:
    twice = day_visit("A", 2, windows=(TimeWindow(0, 100), TimeWindow(400, 500)))
    assert earliest_begin(twice, 200, napping=True) == (400, 0)
    assert earliest_begin(twice, 700, napping=True) == (700, 200)


def test_the_break_is_taken_where_it_costs_least() -> None:
    van = replace(VAN, rest=Break(600, 1900, 300))
    problem = in_a_row((van,), (day_visit("A", 1), day_visit("B", 2, windows=(TimeWindow(1500, 9000),))))
    table = timetable(problem, 0, (visit(0), visit(1)))
    assert table.breaches == ()
    assert [stop.kind for stop in table.stops] == ["start", "visit", "break", "visit", "end"]
    assert table.stops[-1].leaves_s == 2000  # the wait for the window swallows the break


def test_a_short_day_needs_no_break() -> None:
    problem = in_a_row((replace(VAN, rest=Break(600, 2000, 300)),), (day_visit("A", 1),))
    kinds = [stop.kind for stop in timetable(problem, 0, (visit(0),)).stops]
    assert kinds == ["start", "visit", "end"]


def test_a_reload_starts_the_food_clock_and_the_count_anew() -> None:
    van = replace(VAN, ends_s=90_000)
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 4),))
    late = replace(drop, windows=(TimeWindow(9000, 9500),))
    kitchens = (Kitchen(0, TimeWindow(0, 90_000), 100, 8000),)
    problem = in_a_row((van,), (drop, late), ITEMS, kitchens=kitchens)
    assert timetable(problem, 0, (Call("dropoff", 0), Call("dropoff", 1))).breaches == (
        Breach("food_clock", 9300 - 7200, 1),
        Breach("capacity", 3, -1, "cold"),
    )
    with_reload = timetable(problem, 0, (Call("dropoff", 0), Call("reload", 0), Call("dropoff", 1)))
    assert with_reload.breaches == ()


def test_a_route_adds_up_its_driving_and_patrol() -> None:
    inside = np.array([False, True, True, True, True, True])
    beat_s = np.full((6, 6), 60, dtype=np.int32)
    van = replace(VAN, inside=inside, in_beat_s=beat_s)
    problem = in_a_row((van,), (day_visit("A", 2),))
    stops = timetable(problem, 0, (visit(0),)).stops
    route = route_of(problem, 0, stops)
    assert (route.drive_s, route.drive_m, route.patrol_s) == (400, 4000, 60 + 300 + 60)
    assert calls_of(problem, stops) == (visit(0),)


def test_a_break_that_would_begin_late_is_looked_at_when_asked_for() -> None:
    van = replace(VAN, rest=Break(500, 600, 300))
    problem = in_a_row((van,), (day_visit("A", 1, 550, windows=(TimeWindow(0, 350),)),))
    assert timetable(problem, 0, (visit(0),)).breaches == (Breach("window", 450, 0),)
    assert timetable(problem, 0, (visit(0),), late_break=True).breaches == (Breach("break", 50),)


def test_a_break_that_is_not_due_is_had_instead_of_a_wait_where_the_span_is_short() -> None:
    van = replace(VAN, rest=Break(500, 2000, 300), span_s=1200)
    problem = in_a_row((van,), (day_visit("A", 1, windows=(TimeWindow(1000, 2000),)),))
    table = timetable(problem, 0, (visit(0),))
    assert table.breaches == ()
    assert [stop.kind for stop in table.stops] == ["start", "break", "visit", "end"]


@given(problems(), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_no_other_place_for_the_break_is_better(problem: Problem, seed: int) -> None:
    problem = replace(problem, pace=(), vans=tuple(replace(van, leaves_by_s=None) for van in problem.vans))
    for van, calls in enumerate(random_orders(problem, seed)):
        found = timetable(problem, van, calls, late_break=True)
        if problem.vans[van].rest and "break" in [stop.kind for stop in found.stops]:
            gaps = range(len(calls) + 1)
            others = [walk(problem, van, calls, Rest(gap, after)) for gap in gaps for after in (False, True)]
            assert found.rank <= min(other.rank for other in others)

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from routing.checker import violations
from routing.handover import hand, is_handed, is_sound, missed, unhanded
from routing.problem import Equipment, Problem, TimeWindow, Van
from routing.search import Effort, Progress, finished, plan_along, solve
from routing.timetable import Call, calls_of, timetable
from tests.routing.instances import HOUR_S, day_visit, in_a_row
from tests.routing.problems import Sample, planned, samples

CLIMBER = frozenset({"climber"})
MORNING, AFTERNOON = TimeWindow(9 * HOUR_S, 11 * HOUR_S), TimeWindow(13 * HOUR_S, 15 * HOUR_S)


def shared_day(*, units: int = 1, spoilt: bool = False) -> Problem:
    """One climber for a morning on van 0 and an afternoon on van 1: only handed over it serves all."""
    crews = tuple(Van(f"V{n}", 0, 8 * HOUR_S, 16 * HOUR_S) for n in range(2))
    visits = (
        day_visit("early", 2, vans=frozenset({0}), windows=(MORNING,), equipment=CLIMBER, mandatory=True),
        day_visit("later", 4, vans=frozenset({1}), windows=(AFTERNOON,), equipment=CLIMBER, mandatory=True),
        day_visit("plain", 3),
    )
    if spoilt:  # both in the morning: no handover at noon helps
        visits = (visits[0], replace(visits[1], windows=(MORNING,)), visits[2])
    return in_a_row(crews, visits, equipment=(Equipment("climber", units),), centres=frozenset({0}))


def test_what_only_a_handover_serves_is_served() -> None:
    problem = shared_day()
    told: list[Progress] = []
    plan = solve(problem, Effort(steps=400, progress=told.append))
    assert violations(problem, plan) == ()
    assert plan.unserved == ()
    assert [sum(s.kind == "handover" for s in route.stops) for route in plan.routes] == [1, 1]
    levels = [each.levels for each in told if each.levels is not None]
    assert min(each.mandatory_missed for each in levels[:-1]) == 1
    assert levels[-1] == plan.levels


def test_the_taker_waits_for_the_giver_and_says_so_when_timed_again() -> None:
    problem = shared_day()
    given, taken = (
        next(s for s in route.stops if s.kind == "handover")
        for route in solve(problem, Effort(steps=400)).routes
    )
    assert given.leaves_s <= taken.leaves_s
    plan = solve(problem, Effort(steps=400))
    orders = tuple(calls_of(problem, route.stops) for route in plan.routes)
    assert [timetable(problem, van, calls).stops for van, calls in enumerate(orders)] == [
        route.stops for route in plan.routes
    ]


def test_orders_with_a_handover_can_be_begun_with() -> None:
    problem = shared_day()
    plan = solve(problem, Effort(steps=400))
    orders = tuple(calls_of(problem, route.stops) for route in plan.routes)
    again = solve(problem, Effort(steps=200, start=orders))
    assert violations(problem, again) == ()
    assert again.levels <= plan.levels


def test_without_a_need_or_a_way_nothing_is_handed_over() -> None:
    for problem in (shared_day(units=2), shared_day(spoilt=True), replace(shared_day(), centres=frozenset())):
        assert not is_handed(
            tuple(calls_of(problem, r.stops) for r in solve(problem, Effort(steps=400)).routes)
        )


def test_what_the_giver_used_in_the_afternoon_goes_with_the_thing() -> None:
    problem = shared_day()
    both = day_visit("either", 5, windows=(AFTERNOON,), equipment=CLIMBER, mandatory=True)
    problem = replace(problem, visits=(*problem.visits, both))
    orders = ((Call("visit", 0), Call("visit", 3)), (Call("visit", 2),))
    handed = hand(problem, orders)
    assert missed(problem, handed)[:2] == (0, 0)
    assert is_sound(problem, handed)
    assert Call("visit", 3, in_nap=True) in handed[1]


def test_a_search_begins_with_each_thing_on_as_many_vans_as_there_are_units() -> None:
    problem = shared_day()
    orders = ((Call("visit", 0), Call("handover", 0)), (Call("handover", 0), Call("visit", 1)))
    assert unhanded(problem, orders) == ((Call("visit", 0),), ())


@settings(max_examples=60, deadline=None)
@given(samples())
def test_on_any_day_less_is_left_out_or_nothing_changes(sample: Sample) -> None:
    problem = sample.problem
    orders = unhanded(problem, sample.orders)
    plan = planned(problem, orders)
    if violations(problem, plan) != ():
        return
    handed = hand(problem, tuple(tuple(c for c in calls if c.kind != "pass") for calls in orders))
    if is_handed(handed):
        assert missed(problem, handed) < missed(problem, orders)
        assert violations(problem, planned(problem, handed)) == ()
    before = plan_along(problem, orders)
    if violations(problem, before) == ():
        after = finished(problem, before)
        assert violations(problem, after) == ()
        assert after.levels <= before.levels

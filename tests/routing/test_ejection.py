"""A visit is put in where it is reached first, and no more is given up for it than must be."""

from __future__ import annotations

from dataclasses import replace

from routing.ejection import Within, answer, relieve
from routing.problem import TimeWindow
from routing.running import running
from routing.search import Effort, solve
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, district
from tests.routing.running_days import call_for_help, road, state_at


def test_each_van_is_weighed_and_says_why_it_does_not_go() -> None:
    problem, orders = road(1, 2, 3)
    far = replace(call_for_help(problem, 0, 0, 200), skills=frozenset())
    whole = replace(problem, visits=(*problem.visits, far))
    found = answer(whole, orders, 3)
    assert [(each.van, each.begins_s, each.why) for each in found.weighed] == [
        (0, 0, ""),
        (1, 500, "too_late"),
    ]
    skilled = replace(whole, visits=(*problem.visits, replace(far, skills=frozenset({"care"}))))
    nobody = answer(skilled, orders, 3)
    assert (nobody.van, nobody.orders) == (None, orders)
    assert {each.why for each in nobody.weighed} == {"skills"}


def test_a_booking_never_pushes_a_mandatory_visit_out_and_a_call_for_help_may() -> None:
    problem, orders = road(1)
    tight = replace(problem.visits[0], mandatory=True, windows=(TimeWindow(0, 300),))
    vans = (problem.vans[0], replace(problem.vans[1], ends_s=0))
    problem = replace(problem, visits=(tight,), vans=vans)
    booked = day_visit("B", 0, 1200, mandatory=True, windows=(TimeWindow(0, 60),))
    assert answer(replace(problem, visits=(tight, booked)), orders, 1).van is None
    found = answer(replace(problem, visits=(tight, replace(booked, sos=True))), orders, 1)
    assert (found.van, found.homeless) == (0, (0,))


def test_what_is_too_late_leaves_and_the_rest_stays() -> None:
    problem, orders = road(1, 2, 3)
    visits = (problem.visits[0], replace(problem.visits[1], windows=(TimeWindow(0, 10),)), problem.visits[2])
    late = replace(problem, visits=visits)
    room = relieve(late, 0, orders[0])
    assert [call.index for call in room.calls] == [0, 2]
    assert room.ejected == (Call("visit", 1),)
    assert timetable(late, 0, room.calls).breaches == ()


def test_help_keeps_the_budget_while_it_is_in_time_and_no_longer() -> None:
    problem, orders = road(1, 2, 3)
    tight = tuple(replace(v, windows=(TimeWindow(0, 1300),)) for v in problem.visits)
    whole = replace(problem, visits=(*tight, call_for_help(problem, 1, 0, 900)))
    # The first van is there at once, but its calls are too late by it; the other is there after 400 s.
    soon = answer(whole, orders, 3, Within(budget=0, in_time_s=100))
    kept = answer(whole, orders, 3, Within(budget=0, in_time_s=900))
    assert (soon.van, kept.van) == (0, 1)
    assert [(each.van, each.why) for each in kept.weighed] == [(1, ""), (0, "over_budget")]


def test_looking_no_further_than_the_best_serves_whom_looking_everywhere_serves() -> None:
    problem = district(vans=2, visits=120, dropoffs=0, cells=10, seed=7, side_m=4000)
    plan = solve(problem, Effort(steps=300, seed=7))
    rest = running(problem, plan, state_at(problem, plan, 12 * 3600))
    served = {call.index for calls in rest.orders for call in calls if call.kind == "visit"}
    left = [n for n in range(len(rest.problem.visits)) if n not in served]
    assert left
    for visit in left:
        for within in (Within(6), Within(1, insists=True)):
            wide = answer(rest.problem, rest.orders, visit, within)
            lean = answer(rest.problem, rest.orders, visit, within, weigh=False)
            assert (wide.van is None, wide.over) == (lean.van is None, lean.over)
            assert lean.weighed == ()


def test_a_call_for_help_has_the_same_van_whether_all_are_told_of_or_not() -> None:
    """Who is there first goes, whatever another van would lose."""
    problem = district(vans=4, visits=120, dropoffs=0, cells=10, seed=5, side_m=4000)
    plan = solve(problem, Effort(steps=300, seed=5))
    rest = running(problem, plan, state_at(problem, plan, 11 * 3600))
    vans = set()
    for site in range(0, 120, 10):
        asked = call_for_help(rest.problem, site, 11 * 3600, 3600)
        with_call = replace(rest.problem, visits=(*rest.problem.visits, asked))
        wide, lean = (
            answer(with_call, rest.orders, len(rest.problem.visits), Within(6), weigh=weigh)
            for weigh in (True, False)
        )
        assert (wide.van, wide.begins_s, wide.orders) == (lean.van, lean.begins_s, lean.orders)
        vans.add(wide.van)
    assert len(vans - {None}) > 1

"""Limits give way to what is being driven to, and to that alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.checker import violations
from routing.problem import Break, Item, Portion, TimeWindow, Van
from routing.running import State, VanNow, running
from routing.running_improve import plan_with
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row
from tests.routing.running_days import line


def test_a_window_that_will_be_missed_on_the_way_is_widened_and_told() -> None:
    problem, plan = line(4)
    problem = replace(problem, visits=(replace(problem.visits[0], windows=(TimeWindow(0, 450),)),))
    rest = running(problem, plan, State((VanNow(0, 700, heading=(0,)),)))
    assert [(e.van, e.visit, e.what, e.by_s) for e in rest.eased] == [(0, 0, "window", 650)]
    assert violations(rest.problem, plan_with(rest.problem, rest.orders)) == ()


@pytest.mark.parametrize(
    ("van", "free_s", "what"),
    [
        ({"rest": Break(0, 300, 100)}, 900, {"break"}),
        ({"span_s": 700}, 900, {"span"}),
        ({}, 19_900, {"shift_end"}),
    ],
)
def test_the_vans_own_limits_give_way_too(van: dict[str, object], free_s: int, what: set[str]) -> None:
    problem, plan = line(4, **van)
    rest = running(problem, plan, State((VanNow(0, free_s, heading=(0,)),)))
    assert {each.what for each in rest.eased} == what
    assert violations(rest.problem, plan_with(rest.problem, rest.orders)) == ()


def test_food_that_is_no_longer_safe_is_not_handed_out() -> None:
    drop = day_visit("S", 4, kind="dropoff", portions=(Portion(0, 3),))
    problem = in_a_row((Van("V1", 0, 0, 20_000, cold_cups=9),), (drop,), (Item("soup", "cold", 0),))
    plan = plan_with(problem, ((Call("dropoff", 0),),))
    rest = running(problem, plan, State((VanNow(0, 9000, heading=(0,)),)))
    assert [each.what for each in rest.eased] == ["food"]
    assert violations(rest.problem, plan_with(rest.problem, rest.orders)) == ()

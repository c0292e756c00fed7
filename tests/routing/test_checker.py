from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from routing.checker import Rule, violations
from routing.levels import plan_of
from routing.plan import Plan, Stop
from routing.problem import Break, Cell, Item, Kitchen, Portion, Problem, TimeWindow, Van
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row

VAN = Van(
    "V1",
    0,
    100,
    20_000,
    cold_cups=5,
    skills=frozenset({"care"}),
    rest=Break(1000, 4000, 600),
    batch_s=0,
    inside=np.ones(6, dtype=bool),
    in_beat_s=np.full((6, 6), 40, dtype=np.int32),
)
PROBLEM = replace(
    in_a_row(
        (VAN, replace(VAN, name="V2", depot=5)),
        (
            day_visit("A", 1, windows=(TimeWindow(0, 3000),), skills=frozenset({"care"})),
            day_visit("S1", 2, kind="dropoff", portions=(Portion(0, 4),)),
            day_visit(
                "S2", 3, kind="dropoff", windows=(TimeWindow(7000, 12_000),), portions=(Portion(0, 3),)
            ),
            day_visit("B", 4),
        ),
        (Item("soup", "cold", 0),),
    ),
    cells=(Cell(2, frozenset({0}), tour_s=200),),
    kitchens=(Kitchen(0, TimeWindow(0, 20_000), 300, 5000),),
)
CALLS = (Call("visit", 0), Call("dropoff", 1), Call("reload", 0), Call("pass", 0), Call("dropoff", 2))


def sound() -> Plan:
    routes = [
        route_of(PROBLEM, van, timetable(PROBLEM, van, calls).stops) for van, calls in enumerate((CALLS, ()))
    ]
    return plan_of(PROBLEM, routes)


def change(plan: Plan, kind: str, **fields: Any) -> Plan:
    """The plan with one stop of the first route altered, nothing else mended."""
    stops = tuple(replace(s, **fields) if s.kind == kind else s for s in plan.routes[0].stops)
    return replace(plan, routes=(replace(plan.routes[0], stops=stops), *plan.routes[1:]))


def rules(problem: Problem, plan: Plan) -> set[Rule]:
    return {each.rule for each in violations(problem, plan)}


def test_a_sound_plan_has_no_violation() -> None:
    plan = sound()
    assert [stop.kind for stop in plan.routes[0].stops].count("break") == 1
    assert violations(PROBLEM, plan) == ()


def begins(plan: Plan, kind: str) -> Stop:
    return next(stop for stop in plan.routes[0].stops if stop.kind == kind)


PLAN = sound()
A, PASS, REST = begins(PLAN, "visit"), begins(PLAN, "pass"), begins(PLAN, "break")
BARE = replace(VAN, skills=frozenset[str]())


@pytest.mark.parametrize(
    ("rule", "plan"),
    [
        ("travel", change(PLAN, "visit", arrives_s=A.arrives_s - 10)),
        ("service", change(PLAN, "visit", leaves_s=A.leaves_s - 10)),
        ("service", change(PLAN, "pass", leaves_s=PASS.leaves_s - 10)),
        ("service", change(PLAN, "break", leaves_s=REST.leaves_s - 10)),
        ("order", change(PLAN, "visit", begins_s=A.arrives_s - 10)),
        ("window", change(PLAN, "visit", begins_s=5000)),
        ("shift", change(PLAN, "start", arrives_s=0, begins_s=0, leaves_s=0)),
        ("shift", change(PLAN, "end", leaves_s=30_000)),
        ("break", change(PLAN, "break", begins_s=5000)),
        ("kitchen", change(PLAN, "reload", begins_s=4000)),
        ("route", change(PLAN, "visit", site=3)),
        ("route", change(PLAN, "visit", visit=99)),
        ("route", change(PLAN, "pass", site=4)),
        ("route", change(PLAN, "break", visit=3)),
        ("route", change(PLAN, "end", site=2)),
        ("route", change(PLAN, "end", site=77)),
        ("route", replace(PLAN, routes=(replace(PLAN.routes[0], stops=()), PLAN.routes[1]))),
        ("route", replace(PLAN, routes=(PLAN.routes[0], replace(PLAN.routes[1], van=9)))),
        ("duplicate", replace(PLAN, routes=(PLAN.routes[0], PLAN.routes[0]))),
        ("duplicate", replace(PLAN, unserved=(0, 3))),
        ("unserved", replace(PLAN, unserved=())),
        ("unserved", replace(PLAN, unserved=(3, 42))),
        ("totals", replace(PLAN, levels=replace(PLAN.levels, drive_s=1))),
        ("totals", replace(PLAN, routes=(replace(PLAN.routes[0], patrol_s=1), PLAN.routes[1]))),
    ],
)
def test_each_fault_in_a_plan_is_found(rule: Rule, plan: Plan) -> None:
    assert rule in rules(PROBLEM, plan)


def without(*kinds: str) -> Plan:
    """The first route timed anew without some of its calls, its visits then wrongly taken as they are."""
    stops = tuple(stop for stop in PLAN.routes[0].stops if stop.kind not in kinds)
    return replace(PLAN, routes=(replace(PLAN.routes[0], stops=stops), PLAN.routes[1]))


@pytest.mark.parametrize(
    ("rule", "problem", "plan"),
    [
        ("capacity", PROBLEM, without("reload")),
        ("food_clock", PROBLEM, without("reload")),
        ("break", PROBLEM, without("break")),
        ("break", replace(PROBLEM, vans=(replace(VAN, rest=None), PROBLEM.vans[1])), PLAN),
        ("skills", replace(PROBLEM, vans=(BARE, PROBLEM.vans[1])), PLAN),
        ("beat", replace(PROBLEM, cells=(replace(PROBLEM.cells[0], vans=frozenset({1})),)), PLAN),
        ("route", replace(PROBLEM, kitchens=()), PLAN),
        ("unreachable", replace(PROBLEM, seconds=np.full((6, 6), -1, dtype=np.int32)), PLAN),
    ],
)
def test_each_rule_of_the_problem_is_held_against_the_plan(rule: Rule, problem: Problem, plan: Plan) -> None:
    assert rule in rules(problem, plan)


def test_two_breaks_are_too_many() -> None:
    route = PLAN.routes[0]
    twice = tuple(s for stop in route.stops for s in ((stop, stop) if stop.kind == "break" else (stop,)))
    plan = replace(PLAN, routes=(replace(route, stops=twice), PLAN.routes[1]))
    assert "break" in rules(PROBLEM, plan)
    assert "2 breaks" in str([str(each) for each in violations(PROBLEM, plan)])

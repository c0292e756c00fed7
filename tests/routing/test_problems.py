from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.checker import violations
from routing.place import Orders
from routing.plan import Plan
from routing.problem import Cell, Kitchen, Problem, Relation, TimeWindow, Van, Visit
from routing.timetable import BreachCode, timetable
from routing.violation import Rule
from tests.routing.problems import (
    Sample,
    planned,
    problems,
    random_orders,
    random_problem,
    random_sample,
    samples,
)

SEEDS = range(40)


@pytest.mark.parametrize("kind", [Problem, Van, Visit, Cell, Kitchen, Relation])
def test_random_problems_use_every_field(kind: type) -> None:
    """Each field has more than one value somewhere."""
    rows: list[object] = []
    for seed in SEEDS:
        problem = random_problem(seed)
        rows += [
            row
            for group in (
                (problem,),
                problem.vans,
                problem.visits,
                problem.cells,
                problem.kitchens,
                problem.relations,
            )
            for row in group
            if isinstance(row, kind)
        ]
    same = {field.name for field in fields(kind) if len({_told(row, field.name) for row in rows}) < 2}
    assert same <= {"basis", "rates", "legs"}


def _told(row: object, name: str) -> str:
    value = getattr(row, name)
    return str(value.tolist()) if isinstance(value, np.ndarray) else str(value)


def test_random_problems_can_be_planned_and_come_again() -> None:
    served = 0
    for seed in SEEDS:
        problem, orders = random_sample(seed)
        plan = planned(problem, orders)
        assert violations(problem, plan) == ()
        served += sum(map(len, orders)) > 2
    assert served >= 0.9 * len(SEEDS)
    assert repr(random_problem(7)) == repr(random_sample.__wrapped__(7).problem)


def test_random_plans_meet_all_that_a_route_can_hold() -> None:
    plans = [planned(*random_sample(seed)) for seed in range(120)]
    kinds = {stop.kind for plan in plans for route in plan.routes for stop in route.stops}
    assert kinds == {"start", "visit", "dropoff", "reload", "break", "pass", "handover", "end"}
    reloads = [[s.kind for s in route.stops].count("reload") for plan in plans for route in plan.routes]
    assert max(reloads) >= 2


@given(samples())
@settings(max_examples=60, deadline=None)
def test_what_a_sound_plan_says_of_itself_is_true(sample: Sample) -> None:
    assert violations(*_plan(sample)) == ()


def _plan(sample: Sample) -> tuple[Problem, Plan]:
    return sample.problem, planned(*sample)


BY_TIMETABLE: dict[BreachCode, Rule] = {
    "unreachable": "unreachable",
    "capacity": "capacity",
    "food_clock": "food_clock",
    "window": "window",
    "shift_end": "shift",
    "span": "span",
    "break": "break",
    "kitchen": "kitchen",
}
OTHERS: frozenset[Rule] = frozenset({"skills", "vans", "beat", "equipment", "relation", "prefix"})
"""What calls in any order may break, and a timetable does not look at."""


def agree(problem: Problem, orders: Orders) -> None:
    """The timetable finds a limit broken where the checker does."""
    found = violations(problem, planned(problem, orders))
    for van, calls in enumerate(orders):
        breaches = {BY_TIMETABLE[each.code] for each in timetable(problem, van, calls).breaches}
        assert {each.rule for each in found if each.van == van} - OTHERS == breaches
    assert {each.rule for each in found if each.van < 0} <= OTHERS


@given(problems(), st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_timetable_and_checker_find_the_same_faults(problem: Problem, seed: int) -> None:
    agree(problem, random_orders(problem, seed))


@given(samples(), st.integers(-1, 1))
@settings(max_examples=150, deadline=None)
def test_they_agree_to_the_second(sample: Sample, spare: int) -> None:
    """Where shift, span, cups and hours are what a sound plan just needs, and one less or more."""
    problem, orders = sample
    vans, visits = list(problem.vans), list(problem.visits)
    for route in planned(problem, orders).routes:
        van, out_s, back_s = vans[route.van], route.stops[0].leaves_s, route.stops[-1].leaves_s
        idle_s = sum(s.leaves_s - s.begins_s for s in route.stops if s.kind in ("break", "reload"))
        vans[route.van] = replace(
            van,
            ends_s=back_s - min(back_s - van.starts_s, van.overtime_s) + spare,
            overtime_s=min(back_s - van.starts_s, van.overtime_s),
            span_s=max(1, back_s - out_s - idle_s + spare),
        )
        for stop in route.stops:
            if stop.visit is not None:
                window = TimeWindow(0, stop.begins_s + spare)
                visits[stop.visit] = replace(visits[stop.visit], windows=(window,), nap=None)
    agree(replace(problem, vans=tuple(vans)), orders)
    agree(replace(problem, visits=tuple(visits)), orders)

"""Whatever the rules of a day, what the search finds keeps them, and it finds the same without a clock."""

from __future__ import annotations

from itertools import pairwise

import pytest

from routing.checker import violations
from routing.doubts import set_aside
from routing.hunt import Hunt
from routing.place import beginning
from routing.problem import Problem
from routing.search import Effort, Progress, solve
from routing.timetable import timetable
from tests.routing.instances import district
from tests.routing.problems import random_problem


def can_begin(problem: Problem) -> bool:
    """Whether each van's locked visits can keep their limits as the search begins them."""
    vans = range(len(problem.vans))
    return not any(timetable(problem, van, beginning(problem, van)).breaches for van in vans)


@pytest.mark.parametrize("seed", range(40))
def test_every_plan_of_a_random_day_keeps_every_rule(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(set_aside(problem), Effort(steps=400, seed=seed))
    assert violations(problem, plan) == () or not can_begin(problem)


@pytest.mark.parametrize("seed", range(20))
def test_what_the_search_times_is_what_the_timetable_times(seed: int) -> None:
    problem = set_aside(random_problem(seed))
    hunt = Hunt(problem, seed)
    for _ in range(5):
        hunt.go(60, hunt.heat())
        for van, calls in enumerate(hunt.orders()):
            eager = tuple(type(c)(c.kind, c.index, c.kind in ("visit", "dropoff")) for c in calls)
            assert van in hunt.closed or timetable(problem, van, eager).breaches == ()


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    problem = district(vans=3, visits=40, dropoffs=6, cells=12)
    plans = [solve(problem, Effort(steps=4000, seed=3)) for _ in range(2)]
    assert plans[0] == plans[1]
    assert violations(problem, plans[0]) == ()


def test_two_hunts_side_by_side_are_as_repeatable_as_one() -> None:
    problem = district(vans=3, visits=40, dropoffs=6, cells=12)
    plans = [solve(problem, Effort(steps=2000, seed=3, cores=2)) for _ in range(2)]
    assert plans[0] == plans[1]


def test_the_incumbent_only_gets_better_and_is_told() -> None:
    told: list[Progress] = []
    plan = solve(district(vans=3, visits=60, dropoffs=8, cells=12), Effort(steps=6000, progress=told.append))
    levels = [each.levels for each in told if each.levels is not None]
    assert levels
    assert all(later <= sooner for sooner, later in pairwise(levels))
    assert plan.levels == levels[-1]


def test_orders_to_begin_with_are_never_made_worse() -> None:
    problem = district(vans=3, visits=40, dropoffs=6, cells=12)
    told: list[Progress] = []
    first = solve(problem, Effort(steps=3000, seed=1, progress=told.append))
    again = solve(problem, Effort(steps=50, seed=9, start=told[-1].orders))
    assert again.levels <= first.levels

"""An improvement is never worse, breaks no more promises than it may, and the same steps find the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.checker import violations
from routing.running_improve import Wish, improve, plan_with
from routing.running_repair import NewVisit, respond
from tests.routing.running_days import call_for_help, road

STEPS = Wish(steps=200)


@pytest.mark.parametrize("site", [0, 3, 5])
def test_what_was_given_up_comes_back_where_there_is_room(site: int) -> None:
    problem, orders = road(1, 2, 3)
    found = respond(problem, orders, NewVisit(call_for_help(problem, site, 0)), STEPS)
    better = improve(found.problem, found.answered, site, STEPS)
    assert violations(found.problem, better) == ()
    assert better.levels <= found.answered.levels
    assert better.levels.moved <= max(STEPS.budget, found.answered.levels.moved)
    assert improve(found.problem, found.answered, site, STEPS) == better


def test_without_a_budget_every_promise_is_kept() -> None:
    problem, orders = road(1, 2, 3)
    farther = replace(problem, visits=(*problem.visits, replace(problem.visits[0], promise=None, site=4)))
    plan = improve(farther, plan_with(farther, orders), 1, Wish(budget=0, steps=200))
    assert plan.levels.moved == 0
    assert plan.levels.prize_missed == 0

"""A part of the fleet is a problem of its own, and what is found there fits back in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.checker import violations
from routing.hunt import Hunt
from routing.place import orders_of
from routing.problem import PROMISE_S, Relation
from routing.running import running
from routing.running_improve import Wish, plan_with
from routing.running_part import held, nearest, part
from routing.running_repair import respond
from routing.timetable import timetable
from tests.routing.problems import random_sample
from tests.routing.running_days import road, state_at


def test_the_vans_that_are_or_will_be_near_are_looked_at() -> None:
    problem, orders = road(1, 2)
    assert nearest(problem, orders, 2, 1) == (0,)
    assert nearest(problem, orders, 5, 1) == (1,)
    assert nearest(problem, orders, 5, 6) == (0, 1)


def test_a_held_promise_is_a_window_and_a_van_but_for_the_budgets_nearest() -> None:
    problem, orders = road(1, 2, 3)
    locked = held(problem, plan_with(problem, orders), 3, 1)
    assert [visit.vans for visit in locked.visits] == [frozenset({0}), frozenset({0}), None]
    window = locked.visits[0].windows[0]
    assert (window.opens_s, window.closes_s) == (0, 100 + PROMISE_S)


def test_who_is_tied_to_another_vans_visit_stays_out_or_where_it_is() -> None:
    problem, orders = road(1, 2, 3)
    tied = replace(problem, relations=(Relation("not_same_day", (0, 2)),))
    few = part(tied, (orders[0][:2], ()), (1,))
    assert few.visits == ()
    whole = part(tied, (orders[0][:2], ()), (0, 1))
    assert whole.visits == (0, 1, 2) and whole.problem.relations == tied.relations


@pytest.mark.parametrize("seed", range(30))
def test_a_part_searched_by_itself_fits_into_the_whole(seed: int) -> None:
    sample = random_sample(seed)
    plan = plan_with(sample.problem, sample.orders)
    rest = running(sample.problem, plan, state_at(sample.problem, plan, 11 * 3600))
    found = respond(rest.problem, rest.orders, None, Wish(seconds=0))
    orders = orders_of(found.problem, found.plan)
    bare = [tuple(call for call in calls if call.kind not in ("pass", "handover")) for calls in orders]
    if any(timetable(found.problem, van, calls).breaches for van, calls in enumerate(bare)):
        return  # a road leads there by way of a pass only, which the search does not know
    small = part(found.problem, orders, (0, 1))
    hunt = Hunt(small.problem, seed)
    hunt.begin(small.orders)
    hunt.go(100, hunt.heat())
    whole = plan_with(found.problem, small.whole(hunt.orders(), orders))
    assert violations(found.problem, whole) == ()

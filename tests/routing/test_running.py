"""The rest of a running day: what is done is gone, what is driven to is locked, what was promised is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routing.checker import violations
from routing.problem import Equipment, Promise, Relation, Van
from routing.running import Running, Spot, State, VanNow, running
from routing.running_improve import plan_with
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import random_sample
from tests.routing.running_days import line, state_at


def test_what_is_done_is_gone_and_the_rest_keeps_its_promise() -> None:
    problem, plan = line(1, 2, 3)
    rest = running(problem, plan, State((VanNow(1, 400),), frozenset({0})))
    assert [visit.name for visit in rest.problem.visits] == ["A2", "A3"]
    assert rest.visits == (1, 2)
    assert [visit.promise for visit in rest.problem.visits] == [Promise(0, 500), Promise(0, 900)]
    assert rest.orders == ((Call("visit", 0), Call("visit", 1)),)
    again = plan_with(rest.problem, rest.orders)
    assert violations(rest.problem, again) == ()
    assert again.levels.moved == 0


def test_nobody_is_called_on_sooner_than_the_promise_allows() -> None:
    problem, plan = line(1, 5)
    early = running(problem, plan, State((VanNow(0, 0),), frozenset({0})))
    (window,) = early.problem.visits[0].windows
    assert window.opens_s == 0
    late = replace(problem, visits=(replace(problem.visits[0], service_s=3000), problem.visits[1]))
    plan = plan_with(late, ((Call("visit", 0), Call("visit", 1)),))
    rest = running(late, plan, State((VanNow(0, 0),), frozenset({0})))
    assert plan_with(rest.problem, rest.orders).routes[0].stops[1].begins_s == 3500 - 900


def test_what_is_being_driven_to_is_locked_even_out_of_its_order() -> None:
    problem, plan = line(1, 2, 3)
    rest = running(problem, plan, State((VanNow(0, 0, heading=(2,)),)))
    assert rest.problem.vans[0].prefix == (2,)
    assert [call.index for call in rest.orders[0]] == [2, 0, 1]


def test_a_van_on_the_road_begins_where_it_is() -> None:
    problem, plan = line(1, 2, 3)
    row = np.array([50, 50, 150, 250, 350, 450], np.int32)
    rest = running(problem, plan, State((VanNow(Spot(116.0, 36.5, row, row * 10), 1000, heading=(1,)),)))
    van = rest.problem.vans[0]
    assert van.depot == 6 and van.ends_at == 0
    assert rest.problem.seconds[6].tolist() == [*row.tolist(), 0]
    assert (rest.problem.seconds[:6, 6] == -1).all()
    whole = plan_with(rest.problem, rest.orders)
    assert whole.routes[0].stops[1].arrives_s == 1150
    assert violations(rest.problem, whole) == ()


def test_what_was_used_stays_on_its_van_and_what_belongs_together_too() -> None:
    vans = (Van("V1", 0, 0, 20_000), Van("V2", 5, 0, 20_000))
    climber = frozenset({"climber"})
    visits = (
        day_visit("A", 1, equipment=climber),
        day_visit("B", 2, equipment=climber),
        day_visit("C", 3),
        day_visit("D", 4),
    )
    problem = in_a_row(
        vans,
        visits,
        equipment=(Equipment("climber"),),
        relations=(Relation("same_van", (0, 2)), Relation("not_same_day", (0, 3))),
    )
    plan = plan_with(problem, (tuple(Call("visit", n) for n in (0, 1, 2)), ()))
    rest = running(problem, plan, State((VanNow(1, 400), VanNow(5, 400)), frozenset({0})))
    assert [visit.vans for visit in rest.problem.visits] == [frozenset({0}), frozenset({0}), frozenset()]


def test_a_state_of_another_fleet_is_refused() -> None:
    problem, plan = line(1)
    with pytest.raises(ValueError, match="2 vans are told of"):
        running(problem, plan, State((VanNow(0, 0), VanNow(0, 0))))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("hour", [10, 12, 14])
def test_a_random_day_that_runs_as_planned_goes_on_as_planned(seed: int, hour: int) -> None:
    sample = random_sample(seed)
    plan = plan_with(sample.problem, sample.orders)
    state = state_at(sample.problem, plan, hour * 3600)
    rest: Running = running(sample.problem, plan, state)
    served = {stop.visit for route in plan.routes for stop in route.stops if stop.visit is not None}
    still = {rest.visits[c.index] for calls in rest.orders for c in calls if c.kind in ("visit", "dropoff")}
    assert still | (state.done & served) == served
    assert not still & state.done

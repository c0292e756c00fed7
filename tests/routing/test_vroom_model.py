from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing.vroom_eta import timed
from routing.vroom_json import decode
from routing.vroom_model import orders_for
from routing.vroom_problem import Task, Vehicle, VroomProblem
from routing.vroom_read import problem_of
from routing.vroom_write import Driven, cost_of, loads_of
from tests.routing import vroom_problems as problems

Json = dict[str, Any]
Value = tuple[int, int, int]


def read(problem: Json) -> VroomProblem:
    return problem_of(decode(json.dumps(problem).encode()), Roads(""))


def route(problem: VroomProblem, vehicle: Vehicle, order: tuple[int, ...]) -> Driven | None:
    """The route in this order, if it keeps everything."""
    tasks = [problem.tasks[n] for n in order]
    if not all(vehicle.may(task) for task in tasks) or not _paired(order, tasks):
        return None
    steps = timed(problem, vehicle, order)
    if steps is None or len(order) > (vehicle.max_tasks or len(order)):
        return None
    if vehicle.max_travel_s is not None and steps[-1].drive_s > vehicle.max_travel_s:
        return None
    full = any(
        a > r for load in loads_of(problem, steps) for a, r in zip(load, vehicle.capacity, strict=True)
    )
    return None if full else Driven(vehicle, steps)


def _paired(order: tuple[int, ...], tasks: list[Task]) -> bool:
    for n, task in enumerate(tasks):
        if task.partner is not None:
            if task.partner not in order:
                return False
            if task.kind == "delivery" and order.index(task.partner) > n:
                return False
    return True


def value(problem: VroomProblem, routes: list[Driven]) -> Value:
    """Priority, then tasks, then cost, each better when smaller."""
    done = [
        problem.tasks[s.index] for r in routes for s in r.steps if s.kind != "break" and s.index is not None
    ]
    return -sum(t.priority for t in done), -len(done), sum(cost_of(problem, each) for each in routes)


def best_of_all(problem: VroomProblem) -> Value:
    """Of every order of every choice of tasks on the first vehicle."""
    vehicle = problem.vehicles[0]
    found = [(0, 0, 0)]
    for size in range(1, len(problem.tasks) + 1):
        for order in itertools.permutations(range(len(problem.tasks)), size):
            driven = route(problem, vehicle, order)
            if driven is not None:
                found.append(value(problem, [driven]))
    return min(found)


@given(problems.small())
@settings(max_examples=20)
def test_nothing_is_better_than_what_is_found(small: Json) -> None:
    small["vehicles"] = small["vehicles"][:1]
    small["shipments"] = small["shipments"][:1]
    problem = read(small)
    (order,) = orders_for(problem, 0.15)
    driven = route(problem, problem.vehicles[0], order)
    assert driven is not None or order == ()
    shared = len({t.place.index for t in problem.tasks}) < len(problem.tasks) or any(
        t.place.index == v.start.index for t in problem.tasks for v in problem.vehicles if v.start
    )
    found = value(problem, [driven] if driven and order else [])
    # At a shared place the model is on the safe side with what has to be set up, and may lose by it.
    if shared and any(task.setup_s for task in problem.tasks):
        assert found >= best_of_all(problem)
    else:
        assert found == best_of_all(problem)


def test_a_break_that_no_shift_holds_is_named() -> None:
    problem = problems.example(1)
    problem["vehicles"][1]["breaks"][0]["time_windows"] = [[problems.T + 14300, problems.T + 20000]]
    with pytest.raises(InvalidInput, match="Break 2 of vehicle 2 does not fit"):
        orders_for(read(problem), 0.1)


def test_profiles_drive_by_their_own_matrices() -> None:
    problem = problems.example(2)
    slow = [[3 * s for s in row] for row in problem["matrices"]["car"]["durations"]]
    problem["matrices"]["bike"] = {"durations": slow}
    problem["vehicles"].append({**problem["vehicles"][0], "id": 1, "profile": "bike"})
    first, second = orders_for(read(problem), 0.2)
    assert (len(first), second) == (2, ())

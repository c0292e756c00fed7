from __future__ import annotations

import json

from fleet.roads import Roads
from routing.vroom_eta import timed
from routing.vroom_json import decode
from routing.vroom_read import problem_of
from routing.vroom_write import Driven, Spent, cost_of, loads_of, solution_json
from tests.routing import vroom_problems as problems


def test_the_first_examples_documented_routes_are_said_as_documented() -> None:
    problem = problem_of(decode(json.dumps(problems.example(1)).encode()), Roads(""))
    orders = [(0, 1, 2), (3, 4, 5)]
    routes = []
    for vehicle, order in zip(problem.vehicles, orders, strict=True):
        steps = timed(problem, vehicle, order)
        assert steps is not None
        routes.append(Driven(vehicle, steps))
    assert [cost_of(problem, each) for each in routes] == [6565, 12146]
    assert [load[0] for load in loads_of(problem, routes[1].steps)] == [1, 0, 1, 1, 0, 0]
    told = solution_json(problem, routes, Spent(1, 2))
    assert told["summary"] == {
        "cost": 18711, "routes": 2, "unassigned": 0, "setup": 0, "service": 2100, "duration": 18711,
        "waiting_time": 0, "priority": 0, "delivery": [4], "pickup": [2],
        "distance": told["summary"]["distance"],
        "violations": [], "computing_times": {"loading": 1, "solving": 2, "routing": 0},
    }  # fmt: skip
    arrivals = [[step["arrival"] for step in route["steps"]] for route in told["routes"]]
    assert arrivals == [
        [1600417272, 1600419600, 1600420790, 1600422685, 1600424737],
        [1600416000, 1600418941, 1600423057, 1600423357, 1600425566, 1600429346],
    ]
    assert [step["type"] for step in told["routes"][1]["steps"]][3] == "break"


def test_what_has_no_task_is_no_route_and_what_is_left_is_said() -> None:
    problem = problem_of(decode(json.dumps(problems.example(1)).encode()), Roads(""))
    told = solution_json(problem, [], Spent(0, 0))
    assert told["routes"] == [] and told["summary"]["cost"] == 0
    assert [(each["type"], each["id"]) for each in told["unassigned"]][-2:] == [
        ("pickup", 4),
        ("delivery", 3),
    ]
    assert told["unassigned"][0]["location"] == list(problems.ONE)

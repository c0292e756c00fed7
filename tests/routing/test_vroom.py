from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fleet.errors import InvalidInput, Unavailable
from fleet.roads import Matrix, Roads
from routing.vroom import solve_json
from tests.routing import vroom_problems as problems
from tests.routing.vroom_judge import faults

Json = dict[str, Any]


class _Documented(Roads):
    """Roads that know the documentation's legs."""

    def table(self, points: Any) -> Matrix:
        assert all(point in problems.PLACES for point in points)
        known = problems.matrices()["car"]
        which = np.ix_(*[[problems.PLACES.index(point) for point in points]] * 2)
        seconds, metres = np.array(known["durations"])[which], np.array(known["distances"])[which]
        return Matrix(seconds.astype(np.int32), metres.astype(np.int32), "road")


def solved(problem: Json, seconds: float = 1.0, roads: Roads | None = None) -> Json:
    return solve_json(json.dumps(problem).encode(), roads or Roads(""), seconds=seconds)


def test_the_documentations_first_example_with_a_shipment_and_a_break() -> None:
    problem = problems.example(1)
    solution = solved(problem)
    assert faults(problem, solution) == []
    assert (solution["code"], solution["unassigned"]) == (0, [])
    assert solution["summary"]["cost"] <= problems.COST[1]
    assert (solution["summary"]["delivery"], solution["summary"]["pickup"]) == ([4], [2])
    assert solution["summary"]["service"] == 2100
    assert "break" in [step["type"] for step in solution["routes"][1]["steps"]]


def test_the_documentations_second_example_by_matrix_alone() -> None:
    problem = problems.example(2)
    solution = solved(problem, 0.3)
    assert faults(problem, solution) == []
    assert solution["summary"]["cost"] == problems.COST[2]
    (route,) = solution["routes"]
    assert [(s["type"], s.get("id"), s["arrival"], s["location_index"]) for s in route["steps"]] == [
        ("start", None, 0, 0),
        ("job", 1414, 2104, 1),
        ("job", 1515, 4359, 2),
        ("end", None, 5461, 3),
    ]
    assert "load" not in route["steps"][0] and "distance" not in route


def test_the_documentations_third_example_gives_times_to_given_routes() -> None:
    problem = problems.example(3)
    solution = solve_json(json.dumps(problem).encode(), Roads(""), given=True)
    assert solution["summary"]["cost"] == problems.COST[3]
    assert solution["summary"]["violations"] == [
        {"cause": "load"},
        {"cause": "lead_time", "duration": 800},
        {"cause": "delay", "duration": 2712},
    ]
    first, second = solution["routes"]
    assert [s["arrival"] - problems.T for s in first["steps"]] == [0, 2328, 3518, 5413, 7465]
    assert [s["load"] for s in first["steps"]] == [[7], [5], [3], [0], [0]]
    assert [s["arrival"] - problems.T for s in second["steps"]] == [-800, 2141, 6257, 8466, 12246]
    assert second["steps"][3]["violations"] == [{"cause": "delay", "duration": 1266}]
    asked = {**problem, "options": {"c": True, "g": True}}
    assert solved(asked)["routes"] == solution["routes"], "vroom-express's clients ask in the problem"


def test_locations_alone_need_roads() -> None:
    plain = problems.without_matrices(problems.example(1))
    for row in (
        *plain["vehicles"],
        *plain["jobs"],
        *(s[h] for s in plain["shipments"] for h in ("pickup", "delivery")),
    ):
        for key in ("location_index", "start_index", "end_index"):
            row.pop(key, None)
    with pytest.raises(Unavailable, match="no road server answers"):
        solved(plain)
    solution = solved(plain, roads=_Documented())
    assert solution["summary"]["cost"] <= problems.COST[1]
    assert solution["routes"][0]["steps"][0]["location"] == list(problems.DEPOT)


@given(problems.small())
@settings(max_examples=25)
def test_whatever_is_asked_for_is_kept(problem: Json) -> None:
    assert faults(problem, solved(problem, 0.1)) == []


def test_priority_goes_before_cost_and_many_before_few() -> None:
    problem = problems.example(2)
    problem["vehicles"][0]["max_tasks"] = 1
    problem["jobs"][0]["priority"] = 1
    assert [u["id"] for u in solved(problem, 0.2)["unassigned"]] == [1515]
    problem["jobs"] = [{"id": n, "location_index": n % 4} for n in range(6)]
    problem["vehicles"][0]["max_tasks"] = 4
    assert len(solved(problem, 0.2)["unassigned"]) == 2


def test_a_vehicle_that_costs_less_is_taken() -> None:
    problem = problems.example(2)
    one = problem["vehicles"][0]
    problem["vehicles"] = [{**one, "costs": {"fixed": 900}}, {**one, "id": 1, "costs": {"fixed": 100}}]
    assert [route["vehicle"] for route in solved(problem, 0.2)["routes"]] == [1]
    problem["vehicles"][0]["costs"] = {"per_hour": 1800}
    solution = solved(problem, 0.2)
    assert [(r["vehicle"], r["cost"]) for r in solution["routes"]] == [(0, 2730)]


def test_the_given_steps_are_where_the_search_begins() -> None:
    problem = problems.example(2)
    problem["vehicles"][0]["steps"] = [{"type": "job", "id": 1515}, {"type": "job", "id": 1414}]
    assert solved(problem, 0.3)["summary"]["cost"] == problems.COST[2]
    problem["vehicles"][0]["max_tasks"] = 1
    with pytest.raises(InvalidInput, match="break a limit"):
        solved(problem, 0.3)


def test_no_vehicle_for_a_task_leaves_it_out() -> None:
    problem = problems.example(2)
    problem["jobs"][0] |= {"skills": [7], "description": "道口"}
    solution = solved(problem, 0.2)
    assert solution["unassigned"] == [{"id": 1414, "type": "job", "description": "道口", "location_index": 1}]
    assert solved({**problem, "jobs": []}, 0.2)["routes"] == []

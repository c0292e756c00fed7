from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.errors import InvalidInput
from fleet.roads import Roads
from fleet.words import catalogue
from routing.vroom_json import decode
from routing.vroom_problem import EVER, VroomProblem
from routing.vroom_read import problem_of
from tests.routing import vroom_problems as problems

Json = dict[str, Any]


def read(problem: Json) -> VroomProblem:
    return problem_of(decode(json.dumps(problem).encode()), Roads(""))


def test_the_first_example_is_laid_out() -> None:
    problem = read(problems.example(1))
    assert [(t.kind, t.id, t.partner) for t in problem.tasks] == [
        ("job", 1, None), ("job", 2, None), ("job", 5, None), ("job", 6, None),
        ("pickup", 4, 5), ("delivery", 3, 4),
    ]  # fmt: skip
    assert (problem.dimensions, problem.tasks[4].pickup, problem.tasks[5].delivery) == (1, (1,), (1,))
    assert problem.tasks[1].windows == (EVER,)
    assert problem.vehicles[1].rests[0].windows == ((problems.T + 7200, problems.T + 9000),)
    assert problem.drive_s(problem.vehicles[0], 0, 1) == 2328


def bad(change: str, value: Any) -> Json:
    """The first example with one thing changed: `a/0/b` is a path into it."""
    problem = problems.example(1)
    *path, last = [int(part) if part.isdigit() else part for part in change.split("/")]
    row: Any = problem
    for part in path:
        row = row[part]
    row[last] = value
    return problem


@pytest.mark.parametrize(
    ("change", "value", "said"),
    [
        ("vehicles", [], "no vehicle"),
        ("jobs/0/id", 2, "two of job 2"),
        ("vehicles/1/id", 1, "two of vehicle 1"),
        ("jobs/2/location_index", 7, "job 5 has the index 7, and the matrices have 7 rows"),
        ("jobs/2/location_index", None, "job 5 has no index"),
        ("jobs/3/time_windows", [[9, 3]], "job 6 has a time window that ends before it begins: 9 to 3"),
        ("jobs/3/time_windows", [], "job 6 has no time window"),
        ("jobs/0/delivery", [1, 2], "job 2 has a pickup of 1 numbers, and others have 2"),
        ("vehicles/0/profile", "bike", "Vehicle 1 has the profile bike"),
        ("vehicles/1/breaks/0/max_load", [1], "break 2 of vehicle 2 has a max_load"),
        ("vehicles/0/steps", [{"type": "job", "id": 99}], "vehicle 1 has a step job 99"),
        ("vehicles/0/steps", [{"type": "jump"}], "a step of the type jump"),
        ("vehicles/0/steps", [{"type": "job", "id": 5}] * 2, "two of the step job 5"),
        ("matrices/car/distances", None, "."),
        ("matrices/car/durations", [[0, 1], [1]], "not a square of 2 rows"),
        ("matrices/car/durations", None, "no durations"),
        ("jobs/0/priority", 101, "cannot be read"),
        ("jobs/0/servise", 3, "unknown field .servise. - at .\\$.jobs"),
        ("vehicles/0/speed_factor", 0, "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_one_sentence_naming_the_row(change: str, value: Any, said: str) -> None:
    if said == ".":
        assert not read(bad(change, value)).has_distances()
        return
    with pytest.raises(InvalidInput, match=said) as told:
        read(bad(change, value))
    assert told.value.text in catalogue()


def test_costs_that_contradict_each_other_are_refused() -> None:
    problem = problems.example(1)
    problem["matrices"]["car"]["costs"] = problem["matrices"]["car"]["durations"]
    problem["vehicles"][0]["costs"] = {"per_hour": 3600, "per_km": 2}
    with pytest.raises(InvalidInput, match="Vehicle 1 costs by hour or kilometre"):
        read(problem)
    problem = problems.example(2)
    problem["vehicles"][0]["max_distance"] = 3
    with pytest.raises(InvalidInput, match="Vehicle 0 needs distances"):
        read(problem)
    problem["vehicles"][0] = {"id": 0}
    with pytest.raises(InvalidInput, match="neither start nor end"):
        read(problem)
    with pytest.raises(InvalidInput, match="cannot be read"):
        decode(b"{")


def test_the_old_names_are_read() -> None:
    problem = problems.example(2)
    problem["matrix"] = problem.pop("matrices")["car"]["durations"]
    problem["vehicles"][0]["capacity"] = [3]
    problem["jobs"][0]["amount"] = [2]
    laid = read(problem)
    assert laid.tasks[0].delivery == (2,) and laid.tasks[1].delivery == (0,)
    assert laid.drive_s(laid.vehicles[0], 0, 1) == 2104

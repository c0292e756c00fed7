from __future__ import annotations

import json
from typing import Any

from fleet.roads import Roads
from routing.vroom_eta import Step, timed
from routing.vroom_json import decode
from routing.vroom_read import problem_of
from tests.routing import vroom_problems as problems


def steps(order: list[int], problem: dict[str, Any] | None = None, **vehicle: Any) -> tuple[Step, ...] | None:
    """Of the second example's one vehicle, with more said of it."""
    asked = problem or problems.example(2)
    asked["vehicles"][0] |= vehicle
    laid = problem_of(decode(json.dumps(asked).encode()), Roads(""))
    return timed(laid, laid.vehicles[0], order)


def begins(made: tuple[Step, ...] | None) -> list[int]:
    assert made is not None
    return [step.begins for step in made]


def test_a_route_leaves_as_late_as_its_end_allows() -> None:
    problem = problems.example(2)
    problem["jobs"][1] |= {"time_windows": [[6000, 7000]], "service": 100}
    made = steps([0, 1], problem, time_window=[0, 9000])
    assert begins(made) == [6000 - 4359, 6000 - 2255, 6000, 6100 + 1102]
    assert made is not None and [step.waiting_s for step in made] == [0, 0, 0, 0]


def test_a_break_is_taken_on_the_way_when_its_window_opens_there() -> None:
    rest = {"id": 7, "service": 60, "time_windows": [[1000, 1000]]}
    made = steps([0, 1], breaks=[rest], time_window=[0, 6000])
    assert made is not None and [step.kind for step in made] == ["start", "break", "job", "job", "end"]
    # What is driven before the break is driven no more after it.
    assert (made[1].begins, made[1].drive_s) == (1000, 1000 - made[0].begins)
    assert made[2].arrival == made[0].begins + 2104 + 60
    assert steps([0, 1], breaks=[{**rest, "time_windows": [[7000, 8000]]}], time_window=[0, 6000]) is None


def test_setting_up_is_once_at_a_place() -> None:
    problem = problems.example(2)
    problem["jobs"] = [{"id": n, "location_index": 1, "setup": 30, "service": 5} for n in range(2)]
    made = steps([0, 1], problem)
    assert made is not None and [step.setup_s for step in made] == [0, 30, 0, 0]
    assert made[3].arrival - made[1].begins == 30 + 5 + 5 + 3152


def test_of_two_windows_the_first_that_can_be_met() -> None:
    problem = problems.example(2)
    problem["jobs"][0]["time_windows"] = [[0, 2000], [5000, 5100]]
    assert begins(steps([0, 1], problem, time_window=[0, 20000]))[1] == 5000
    problem["jobs"][0]["time_windows"] = [[0, 2000]]
    assert steps([0, 1], problem, time_window=[0, 20000]) is None


def test_a_free_start_begins_at_the_first_task() -> None:
    problem = problems.example(2)
    problem["vehicles"] = [{"id": 0, "end_index": 3}]
    made = steps([0, 1], problem)
    assert made is not None and made[-1].drive_s == 2255 + 1102

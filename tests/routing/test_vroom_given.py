from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing.vroom import solve_json
from routing.vroom_given import _HARD, _Pull, best_times
from routing.vroom_problem import EVER
from tests.routing import vroom_problems as problems

spans = st.tuples(st.integers(0, 6), st.integers(0, 3)).map(lambda s: (s[0], s[0] + s[1])) | st.just(EVER)
pulls = st.builds(_Pull, spans, spans)


def cost(times: list[int] | tuple[int, ...], wanted: list[_Pull]) -> int:
    total = 0
    for time, pull in zip(times, wanted, strict=True):
        for (low, high), weight in ((pull.window, 1), (pull.hard, _HARD)):
            total += weight * max(low - time, time - high, 0)
    return total


@given(st.lists(pulls, min_size=1, max_size=3), st.lists(st.integers(0, 3), min_size=2, max_size=2))
def test_no_other_times_are_less_out_of_their_windows(wanted: list[_Pull], gaps: list[int]) -> None:
    gaps = gaps[: len(wanted) - 1]
    times = best_times(wanted, gaps)
    assert all(b - a >= gap for (a, b), gap in zip(itertools.pairwise(times), gaps, strict=True))
    others = (
        each
        for each in itertools.product(range(-6, 16), repeat=len(wanted))
        if all(b - a >= gap for (a, b), gap in zip(itertools.pairwise(each), gaps, strict=True))
    )
    assert cost(times, wanted) == min(cost(each, wanted) for each in others)


def routed(steps: list[dict[str, Any]], **vehicle: Any) -> dict[str, Any]:
    problem = problems.example(2)
    problem["vehicles"][0] |= {"steps": steps, **vehicle}
    return solve_json(json.dumps(problem).encode(), Roads(""), given=True)


JOBS = [{"type": "job", "id": 1414}, {"type": "job", "id": 1515}]


def test_what_a_given_route_breaks_is_told() -> None:
    made = routed(JOBS, max_tasks=1, max_travel_time=100, breaks=[{"id": 1}])
    causes = [each["cause"] for each in made["routes"][0]["violations"]]
    assert causes == ["max_tasks", "max_travel_time", "missing_break"]
    assert made["unassigned"] == []
    made = routed(JOBS[:1], breaks=[{"id": 1, "service": 60, "time_windows": [[3000, 3100]]}])
    assert [u["id"] for u in made["unassigned"]] == [1515]


def test_a_break_is_where_it_was_put() -> None:
    rest = {"id": 1, "service": 60, "time_windows": [[3000, 3100]]}
    steps = [JOBS[0], {"type": "break", "id": 1}, JOBS[1]]
    (route,) = routed(steps, breaks=[rest])["routes"]
    assert route["violations"] == []
    assert [s["type"] for s in route["steps"]] == ["start", "job", "break", "job", "end"]
    begins = [s["arrival"] + s["waiting_time"] for s in route["steps"]]
    assert begins[2] == 3000 and begins[3] == 3060 + 2255
    assert route["service"] == 60 and route["duration"] == 5461


def test_hard_times_hold_or_are_refused() -> None:
    made = routed([{**JOBS[0], "service_at": 5000}, JOBS[1]])
    assert made["routes"][0]["steps"][1]["arrival"] + made["routes"][0]["steps"][1]["waiting_time"] == 5000
    with pytest.raises(InvalidInput, match="hard times in the steps of vehicle 0"):
        routed([{**JOBS[0], "service_after": 5000}, {**JOBS[1], "service_before": 6000}])


def test_a_shipment_out_of_order_is_told() -> None:
    problem = problems.example(1)
    order = [("delivery", 3), ("pickup", 4), ("job", 1)]
    problem["vehicles"][1]["steps"] = [{"type": kind, "id": n} for kind, n in order]
    made = solve_json(json.dumps(problem).encode(), Roads(""), given=True)
    (route,) = made["routes"]
    told = [[v["cause"] for v in step["violations"]] for step in route["steps"]]
    assert told[1] == told[2] == ["precedence"]
    assert "skills" in told[3]

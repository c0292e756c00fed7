from __future__ import annotations

from dataclasses import replace

import pytest

from routing.checker_routes import leg_s, route_violations, shape_violations
from routing.plan import Route, Stop
from routing.problem import Van
from tests.routing.instances import in_a_row

PROBLEM = in_a_row((Van("V1", 0, 0, 9000),), ())
IDLE = Route(0, (Stop("start", 0, 0, 0, 0), Stop("end", 0, 0, 0, 0)), 0, 0, 0)


def test_a_van_that_stays_at_home_breaks_nothing() -> None:
    assert list(shape_violations(PROBLEM, IDLE)) == []
    assert list(route_violations(PROBLEM, IDLE)) == []


@pytest.mark.parametrize("stop", [Stop("visit", 0, 0, 0, 0, visit=0), Stop("start", 0, 0, 0, 0, kitchen=0)])
def test_a_stop_names_what_there_is_and_only_what_it_is_for(stop: Stop) -> None:
    route = replace(IDLE, stops=(stop, IDLE.stops[1]) if stop.kind == "start" else (*IDLE.stops[:1], stop))
    assert [each.rule for each in shape_violations(PROBLEM, route)] == ["route"]


def test_a_drive_takes_the_pace_of_the_hour_it_begins_in() -> None:
    paced = replace(PROBLEM, pace=(*(100,) * 8, 133, *(100,) * 15))
    assert leg_s(paced, 0, 2, 8 * 3600 - 1) == 200
    assert leg_s(paced, 0, 2, 8 * 3600) == 266
    assert leg_s(paced, 0, 1, 32 * 3600) == 133
    assert leg_s(paced, 0, 0, 8 * 3600) == 0
    assert leg_s(replace(paced, pace=(101,) * 24, seconds=paced.seconds // 100), 0, 1, 0) == 2
    assert leg_s(replace(paced, seconds=paced.seconds - 1), 0, 0, 0) is None

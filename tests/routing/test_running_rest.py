"""A break that slips to another gap takes promises along, so it stays where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.problem import Break, Promise
from routing.running import running
from routing.running_changes import broken_by, changes
from routing.running_improve import plan_with
from routing.running_rest import hold_breaks
from routing.search import Effort, solve
from routing.timetable import Call, timetable
from tests.routing.instances import HOUR_S, district
from tests.routing.running_days import line, state_at


def test_a_break_is_held_where_it_keeps_the_promises() -> None:
    problem, _ = line(1, 2, 3, rest=Break(0, 1000, 1200))
    orders = (tuple(Call("visit", n) for n in range(3)),)
    # Promised with the break behind the second call. To begin with it the day would end no later.
    visits = tuple(
        replace(visit, promise=Promise(0, begins_s))
        for visit, begins_s in zip(problem.visits, (100, 500, 2100), strict=True)
    )
    held = hold_breaks(replace(problem, visits=visits), orders)
    assert broken_by(held, orders) == 0
    kinds = [stop.kind for stop in timetable(held, 0, orders[0]).stops]
    assert kinds == ["start", "visit", "visit", "break", "visit", "end"]
    assert held.vans[0].rest is not None and held.vans[0].rest.latest_s == 1000


@pytest.mark.parametrize("hour", [10.2, 11.4, 12.9])
def test_the_rest_of_a_day_that_goes_as_planned_breaks_no_promise(hour: float) -> None:
    problem = district(vans=3, visits=60, dropoffs=8, cells=12)
    plan = solve(problem, Effort(steps=300))
    rest = running(problem, plan, state_at(problem, plan, int(hour * HOUR_S)))
    assert changes(rest.problem, plan_with(rest.problem, rest.orders)) == ()
    assert broken_by(rest.problem, rest.orders) == 0

"""Each broken promise is told once, and so many are counted."""

from __future__ import annotations

from dataclasses import replace

from routing.problem import Promise
from routing.running_changes import Change, changes, moved_on
from routing.running_improve import plan_with
from routing.timetable import Call
from tests.routing.running_days import road


def test_what_is_late_elsewhere_or_left_out_is_told_and_a_quarter_of_an_hour_is_not() -> None:
    problem, _ = road(1, 2, 3, 4)
    visits = list(problem.visits)
    visits[1] = replace(visits[1], promise=Promise(0, visits[1].promise.begins_s + 900))  # type: ignore[union-attr]
    visits[2] = replace(visits[2], promise=Promise(0, 5000))
    problem = replace(problem, visits=tuple(visits))
    plan = plan_with(problem, (tuple(Call("visit", n) for n in (0, 1, 2)), (Call("visit", 3),)))
    told = changes(problem, plan)
    assert [(each.visit, each.what, each.van) for each in told] == [(3, "van", 1), (2, "time", 0)]
    assert sum(moved_on(problem, route.van, route.stops) for route in plan.routes) == 2
    nobody = changes(problem, plan_with(problem, ((), ())))
    assert [each.what for each in nobody] == ["dropped"] * 4
    assert nobody[0] == Change(0, "dropped", 0, 100)
    assert len(nobody) == plan_with(problem, ((), ())).levels.moved

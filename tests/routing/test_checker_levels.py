from __future__ import annotations

from dataclasses import replace

from routing.checker_levels import levels_of_stops, levels_violations, totals_violations
from routing.plan import Levels, Plan, Route, Stop
from routing.problem import Cell, Promise, TimeWindow, Van
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V1", 0, 0, 1000, overtime_s=500, worked_s=100)
VISITS = (
    day_visit("A", 2, 900, nap=TimeWindow(200, 201), promise=Promise(0, 1101), familiar=frozenset({1})),
    day_visit("B", 3, sos=True, mandatory=True, promise=Promise(0, 0)),
    day_visit("C", 3, prize=3),
    day_visit("D", 3, kind="dropoff", prize=5),
)
PROBLEM = replace(
    in_a_row((VAN, Van("V2", 0, 0, 1000)), VISITS), cells=(Cell(2, frozenset({0})), Cell(4, frozenset()))
)
STOPS = (
    Stop("start", 0, 0, 0, 0),
    Stop("visit", 2, 200, 200, 1100, visit=0),
    Stop("end", 0, 1300, 1300, 1300),
)
ROUTE = Route(0, STOPS, 400, 4000, 0)


def test_each_level_is_added_up_from_the_stops() -> None:
    levels = Levels(
        sos_missed=1,
        mandatory_missed=0,
        prize_missed=3,
        patrol_short_min=0,
        unseen_min=14,  # seen at 200 of 1000 s
        portions_missed=0,
        cost=400 + 900 + 2 * 600 + 300 + 70 + 3 * 300,
        naps=1,
        moved=2,
        unfamiliar=1,
        imbalance_s=700,
        overtime_s=300,
        drive_s=400,
    )
    plan = Plan((ROUTE,), (1, 2, 3), levels)
    assert levels_of_stops(PROBLEM, plan) == levels.figures()
    assert list(levels_violations(PROBLEM, plan)) == []
    assert list(totals_violations(PROBLEM, ROUTE)) == []


def test_who_calls_for_help_is_not_disturbed() -> None:
    visits = (replace(VISITS[0], sos=True), *VISITS[1:])
    plan = Plan((ROUTE,), (1, 2, 3), Levels(0, 0, 0, 0, 0, 0, 0))
    assert levels_of_stops(replace(PROBLEM, visits=visits), plan)["naps"] == 0

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.levels import plan_of
from routing.plan import Levels
from routing.problem import Cell, Item, Portion, TimeWindow, Van
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row


def test_levels_say_what_is_missing_and_what_it_took() -> None:
    inside = np.ones(6, dtype=bool)
    van = Van("V1", 0, 0, 10_000, cold_cups=9, inside=inside, in_beat_s=np.zeros((6, 6), dtype=np.int32))
    visits = (
        day_visit("A", 1, nap=TimeWindow(0, 1000)),
        day_visit("B", 2, mandatory=True),
        day_visit("C", 3, prize=7),
        day_visit("S", 4, kind="dropoff", prize=50, portions=(Portion(0, 4),)),
    )
    problem = replace(
        in_a_row((van,), visits, (Item("soup", "cold", 0),)),
        cells=(Cell(1, frozenset({0})), Cell(5, frozenset({0}))),
        patrol_target_s=1000,
    )
    stops = timetable(problem, 0, (Call("visit", 0, in_nap=True),)).stops
    plan = plan_of(problem, [route_of(problem, 0, stops)])
    assert plan.unserved == (1, 2, 3)
    assert plan.levels == Levels(
        sos_missed=0,
        mandatory_missed=1,
        prize_missed=7,
        patrol_short_min=12,  # 700 s
        unseen_min=167,  # nobody comes near the cell at the far end in 10,000 s
        portions_missed=4,
        cost=200 + 900,
        naps=1,
        drive_s=200,
    )

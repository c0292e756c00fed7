from __future__ import annotations

from dataclasses import replace

from routing import trial
from routing.ground import ground_of, lay
from routing.problem import DANGER_S, HANDOVER_S, Cell, Item, Kitchen, Portion, TimeWindow, Van
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row


def test_every_kind_of_call_has_its_row() -> None:
    drop = day_visit("S", 1, 300, kind="dropoff", portions=(Portion(0, 5),), service_by_van=(450,))
    other = day_visit("A", 2, windows=(TimeWindow(0, 100), TimeWindow(200, 300)))
    problem = replace(
        in_a_row((Van("V", 0, 0, 9000, overtime_s=60),), (drop, other), (Item("soup", "cold", 900),)),
        kitchens=(Kitchen(3, TimeWindow(600, 900), 120, 700),),
        cells=(Cell(4, frozenset({0}), tour_s=77),),
    )
    calls = (Call("dropoff", 0), Call("handover", 5), Call("pass", 0))
    ground = ground_of(problem, 0, calls)
    row = lay(problem, 0, ground, 1)
    assert [list(ground.nodes[:, each]) for each in (trial.SITE, trial.TAKES)] == [
        [1, 5, 4, 2, 3],
        [450, HANDOVER_S, 77, 300, 120],
    ]
    assert row == 3
    assert list(ground.nodes[:, trial.HOLD]) == [900 + DANGER_S, -1, -1, -1, -1]
    assert (ground.nodes[0, trial.COLD], ground.nodes[0, trial.HOT]) == (5, 0)
    assert list(ground.nodes[4, trial.OPENS :]) == [700, 900, 700]
    assert ground.windows[row].tolist() == [[0, 100], [200, 300]]
    assert (ground.van[trial.ENDS], ground.van[trial.SPAN], ground.van[trial.REST]) == (9060, -1, 0)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fleet.errors import InvalidInput
from routing.problem import Break, Cell, Item, Kitchen, Portion, Problem, TimeWindow, Van
from routing.vetting import vet
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V7", 0, 0, 10_000)
GOOD = in_a_row((VAN,), (day_visit("E0042 (visit)", 1),), (Item("soup", "cold", 60),))
AWAY = np.ones((6, 6), dtype=np.int32)


def with_visit(**change: Any) -> Problem:
    return replace(GOOD, visits=(replace(GOOD.visits[0], **change),))


def test_a_sound_problem_passes() -> None:
    vet(GOOD)


@pytest.mark.parametrize(
    ("problem", "named"),
    [
        (with_visit(site=99), "E0042"),
        (with_visit(service_s=-1), "E0042"),
        (with_visit(windows=()), "E0042"),
        (with_visit(windows=(TimeWindow(10, 5),)), "E0042"),
        (with_visit(windows=(TimeWindow(0, 10), TimeWindow(5, 20))), "E0042"),
        (with_visit(prize=0), "E0042"),
        (with_visit(portions=(Portion(3, 1),)), "E0042"),
        (replace(GOOD, vans=(replace(VAN, depot=50),)), "V7"),
        (replace(GOOD, vans=(replace(VAN, ends_s=0),)), "V7"),
        (replace(GOOD, vans=(replace(VAN, hot_cups=-1),)), "V7"),
        (replace(GOOD, vans=(replace(VAN, rest=Break(50, 40, 60)),)), "V7"),
        (replace(GOOD, kitchens=(Kitchen(0, TimeWindow(0, 5), 1, 9),)), "site 0"),
        (replace(GOOD, items=(Item("soup", "cold", -5),)), "soup"),
        (replace(GOOD, cells=(Cell(77, frozenset({0})),)), "cell 0"),
        (replace(GOOD, seconds=AWAY[:3, :3]), "3x3"),
        (replace(GOOD, seconds=AWAY), "site 0"),
    ],
)
def test_what_cannot_be_right_is_named(problem: Problem, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        vet(problem)

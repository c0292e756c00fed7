from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fleet.words import translate
from routing.checker import violations
from routing.doubts import doubts, set_aside
from routing.problem import Item, Portion, Problem, TimeWindow, Van, frozen_matrix
from routing.vetting import vet
from tests.routing.instances import day_visit, in_a_row, tiny
from tests.routing.problems import Sample, planned, samples

VANS = (
    Van("V1", 0, 3600, 7200, hot_cups=9, cold_cups=2, overtime_s=600),
    Van("V2", 5, 3600, 7200, hot_cups=2, cold_cups=9, skills=frozenset({"care"})),
)
ITEMS = (Item("soup", "cold", 0), Item("tea", "hot", 0))


def alone(**change: Any) -> Problem:
    return in_a_row(VANS, (day_visit("E0042", 2, **change),), ITEMS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"windows": (TimeWindow(0, 3599),)},
            "may begin at 00:00-00:59 only, outside all shifts (01:00-02:10",
        ),
        ({"windows": (TimeWindow(7501, 9000),)}, "02:05-02:30"),
        (
            {"windows": (TimeWindow(7000, 9000),), "vans": frozenset({1})},
            "outside all shifts (01:00-02:00)",
        ),
        ({"portions": (Portion(0, 10),)}, "asks for 10 cold cups, no van holds more than 9"),
        ({"portions": (Portion(0, 3),), "vans": frozenset({0})}, "no van holds more than 2"),
        ({"portions": (Portion(0, 3), Portion(1, 3))}, "more hot and cold cups than any one van holds"),
        ({"skills": frozenset({"bathing"})}, "needs bathing, which no van on shift has"),
        ({"skills": frozenset({"care"}), "vans": frozenset({0})}, "needs care"),
    ],
)
def test_what_nobody_can_serve_is_named_with_the_mend(change: dict[str, Any], said: str) -> None:
    (doubt,) = doubts(alone(**change))
    told = translate("en", doubt.text, **doubt.params)
    assert "E0042" in told
    assert said in told
    assert told.count(". ") == 1
    assert translate("zh", doubt.text, **doubt.params) != told


@pytest.mark.parametrize(
    "change",
    [
        {"windows": (TimeWindow(0, 100), TimeWindow(7500, 9000))},
        {"windows": (TimeWindow(0, 3600),)},
        {"portions": (Portion(0, 9), Portion(1, 2))},
        {"windows": (TimeWindow(0, 1),), "vans": frozenset[int]()},
    ],
)
def test_what_somebody_might_serve_is_not_doubted(change: dict[str, Any]) -> None:
    assert doubts(alone(**change)) == ()


@pytest.mark.parametrize(
    ("origins", "to", "doubted"),
    [
        ([0, 1, 3, 4, 5], [2], True),
        ([2], [0, 1, 3, 4, 5], True),
        ([0, 5], [2], False),  # by way of the other places
        ([0, 1], [2, 3, 4, 5], False),  # from the other depot
    ],
)
def test_a_place_without_a_road_there_and_back_is_named(
    origins: list[int], to: list[int], doubted: bool
) -> None:
    problem = alone()
    seconds = problem.seconds.copy()
    seconds[np.ix_(origins, to)] = -1
    found = doubts(replace(problem, seconds=frozen_matrix(seconds)))
    assert [doubt.kind for doubt in found] == ["unreachable"] * doubted


def test_a_day_without_vans_has_no_doubts() -> None:
    assert doubts(in_a_row((), (day_visit("A", 1),))) == ()


def test_what_is_set_aside_keeps_its_place_unless_it_is_locked() -> None:
    visits = (day_visit("A", 1), day_visit("B", 2, windows=(TimeWindow(0, 1),)))
    problem = in_a_row(VANS, visits)
    aside = set_aside(problem)
    assert [visit.vans for visit in aside.visits] == [None, frozenset()]
    vet(aside)
    locked = replace(problem, vans=(replace(VANS[0], prefix=(1,)), VANS[1]))
    assert set_aside(locked) is locked


@given(samples())
@settings(max_examples=50, deadline=None)
def test_what_a_sound_plan_serves_was_never_doubted(sample: Sample) -> None:
    """Least of all when the vans, hours and cups are just enough for it."""
    problem, orders = sample
    plan = planned(problem, orders)
    begins = {s.visit: s.begins_s for route in plan.routes for s in route.stops if s.visit is not None}
    visits = list(problem.visits)
    for n, begins_s in begins.items():
        visits[n] = replace(visits[n], windows=(TimeWindow(begins_s, begins_s),))
    tight = replace(problem, visits=tuple(visits))
    assert violations(tight, plan) == ()
    assert not {doubt.visit for doubt in doubts(tight)} & set(begins)


@pytest.mark.parametrize("seed", range(20))
def test_with_its_doubts_set_aside_a_problem_can_be_vetted(seed: int) -> None:
    vet(set_aside(tiny(seed)))

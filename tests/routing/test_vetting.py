from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fleet.errors import InvalidInput
from fleet.words import catalogue
from routing.problem import (
    Break,
    Cell,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    Promise,
    Rates,
    Relation,
    TimeWindow,
    Van,
)
from routing.vetting import vet, vet_cadence
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import problems

VAN = Van("V7", 0, 0, 10_000, cold_cups=5)
GOOD = in_a_row((VAN,), (day_visit("E0042 (visit)", 1), day_visit("E0043", 2)), (Item("soup", "cold", 60),))
AWAY = np.ones((6, 6), dtype=np.int32)
NOBODY = frozenset[int]()


def with_visit(**change: Any) -> Problem:
    return replace(GOOD, visits=(replace(GOOD.visits[0], **change), GOOD.visits[1]))


def with_van(**change: Any) -> Problem:
    return replace(GOOD, vans=(replace(VAN, **change),))


def with_two(prefix: tuple[int, ...], other: tuple[int, ...], *relations: Relation) -> Problem:
    vans = (replace(VAN, prefix=prefix), replace(VAN, name="V8", prefix=other))
    return replace(GOOD, vans=vans, relations=relations)


def locked(**change: Any) -> Problem:
    return replace(with_visit(**change), vans=(replace(VAN, prefix=(0,)),))


def test_a_sound_problem_passes() -> None:
    vet(GOOD)
    vet(with_two((0,), (1,)))
    vet(with_visit(prize=0, mandatory=True))
    vet(with_van(rest=Break(-50, 40, 60)))  # of a day that is under way
    vet(with_van(rest=Break(10_001, 10_002, 60)))  # never due


@given(problems())
@settings(max_examples=50, deadline=None)
def test_random_problems_pass(problem: Problem) -> None:
    vet(problem)


@pytest.mark.parametrize(
    ("problem", "named"),
    [
        # What the planner's rule book names: these are refused before any solver runs.
        (with_visit(windows=(TimeWindow(-500, -5),)), r"E0042 \(visit\) may begin at -00:08--00:00 only"),
        (
            with_visit(portions=(Portion(0, 6),)),
            r"E0042 \(visit\) asks for 6 cold cups, no van holds more than 5",
        ),
        (replace(GOOD, seconds=np.where(np.eye(6), 0, -1)), r"No road leads to E0042 \(visit\)"),
        (with_visit(prize=-3), r"E0042 \(visit\) has a prize outside 1 to 10000"),
        (with_visit(prize=-3, mandatory=True), r"E0042 \(visit\) has a prize"),
        # Visits
        (with_visit(site=99), "E0042"),
        (with_visit(service_s=-1), "E0042"),
        (with_visit(windows=()), "E0042"),
        (with_visit(windows=(TimeWindow(10, 5),)), "E0042"),
        (with_visit(windows=(TimeWindow(0, 10), TimeWindow(5, 20))), "E0042"),
        (with_visit(prize=0), "E0042"),
        (with_visit(nap=TimeWindow(9, 8)), "E0042.* nap"),
        (with_visit(portions=(Portion(3, 1),)), "E0042"),
        (with_visit(equipment=frozenset({"climber"})), "E0042.* equipment"),
        (with_visit(vans=frozenset({1})), "E0042.* names a van"),
        (with_visit(familiar=frozenset({-1})), "E0042.* names a van"),
        (with_visit(promise=Promise(4, 0)), "E0042.* names a van"),
        (with_visit(service_by_van=(1, 2)), "E0042.* service times by van"),
        (with_visit(service_by_van=(-1,)), "E0042.* service times by van"),
        # Vans
        (with_van(depot=50), "V7"),
        (with_van(home=-2), "V7 ends its day"),
        (with_van(ends_s=0), "V7"),
        (with_van(overtime_s=-1), "V7 has overtime"),
        (with_van(leaves_by_s=-1), "V7 would have to leave"),
        (with_van(leaves_by_s=10_001), "V7 would have to leave"),
        (with_van(span_s=0), "V7 has a longest span"),
        (with_van(hot_cups=-1), "V7"),
        (with_van(cold_aboard=6), "V7 starts with more cups"),
        (with_van(hot_aboard=-1), "V7 starts with more cups"),
        (with_van(patrolled_s=-1), "V7 has patrolled"),
        (with_van(worked_s=-1), "V7 has patrolled"),
        (with_van(rest=Break(50, 40, 60)), "V7"),
        (with_van(rest=Break(-60, -1, 60)), "break of van V7"),
        (with_van(inside=np.ones(6, dtype=bool)), "beat table of van V7"),
        (with_van(inside=np.ones(6, dtype=bool), in_beat_s=AWAY[:5]), "beat table of van V7"),
        (with_van(inside=np.ones(6, dtype=bool), in_beat_s=-AWAY), "beat table of van V7"),
        (replace(GOOD, vans=(VAN, VAN)), "Two vans are called V7"),
        # What is locked, and what belongs together
        (with_van(prefix=(2,)), "V7 is locked to a visit"),
        (with_van(prefix=(0, 0)), r"E0042 \(visit\) is locked twice"),
        (with_two((0,), (0,)), r"E0042 \(visit\) is locked twice"),
        (locked(vans=NOBODY), r"E0042 \(visit\) is locked to the van V7"),
        (locked(skills=frozenset({"care"})), r"E0042 \(visit\) is locked to the van V7"),
        (with_two((0,), (1,), Relation("same_van", (0, 1))), "Relation 1 is broken"),
        (with_two((0, 1), (), Relation("not_same_day", (0, 1))), "Relation 1 is broken"),
        (replace(GOOD, relations=(Relation("same_van", (0, 2)),)), "Relation 1 names a visit"),
        (replace(GOOD, relations=(Relation("same_van", (1,)),)), "Relation 1 does not hold"),
        (replace(GOOD, relations=(Relation("same_van", (1, 1)),)), "Relation 1 does not hold"),
        # Means
        (replace(GOOD, kitchens=(Kitchen(0, TimeWindow(0, 5), 1, 9),)), "site 0"),
        (replace(GOOD, kitchens=(Kitchen(9, TimeWindow(0, 5), 1, 0),)), "kitchen 9"),
        (replace(GOOD, kitchens=(Kitchen(0, TimeWindow(0, 5), -1, 0),)), "kitchen site 0"),
        (replace(GOOD, items=(Item("soup", "cold", -5),)), "soup"),
        (replace(GOOD, equipment=(Equipment("climber", 0),)), "climber"),
        (replace(GOOD, equipment=(Equipment("climber"), Equipment("climber"))), "climber"),
        (replace(GOOD, cells=(Cell(77, frozenset({0})),)), "cell 0"),
        (replace(GOOD, cells=(Cell(1, frozenset({0}), tour_s=-1),)), "cell 0"),
        # The day
        (replace(GOOD, centres=frozenset({0, 6})), "Centre 6"),
        (replace(GOOD, pace=(100,) * 23), "23 values"),
        (replace(GOOD, pace=(*(100,) * 23, 0)), "hour 23 is 0 %"),
        (replace(GOOD, rates=Rates(moved=-1)), "rate of moved is -1"),
        (replace(GOOD, patrol_target_s=-60), "target is -60 s"),
        (replace(GOOD, seconds=AWAY[:3, :3]), "3x3"),
        (replace(GOOD, seconds=AWAY), "site 0"),
        (replace(GOOD, seconds=np.where(np.eye(6), 0, -7)), "-7 s from site 0 to site 1"),
    ],
)
def test_what_cannot_be_right_is_named(problem: Problem, named: str) -> None:
    with pytest.raises(InvalidInput, match=named) as raised:
        vet(problem)
    assert str(raised.value).count(". ") == 1


def test_a_skill_that_nobody_has_today_is_no_mistake() -> None:
    vet(with_visit(skills=frozenset({"bathing"})))


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ((7, 9, 8), "E0042 (visit) has a minimum gap of 9 days above its maximum of 8"),
        ((7, -1, 8), "E0042 (visit) has gaps of -1 to 8 days"),
        ((0, 0, 0), "E0042 (visit) has gaps of 0 to 0 days"),
        ((9, 2, 8), "E0042 (visit) has a target of 9 days outside 2 to 8"),
    ],
)
def test_gaps_that_contradict_each_other_are_named(gaps: tuple[int, int, int], said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        vet_cadence(*gaps, "E0042 (visit)")
    assert said in str(raised.value)


def test_gaps_in_order_pass() -> None:
    vet_cadence(1, 0, 1, "E0042 (visit)")
    vet_cadence(7, 7, 7, "E0042 (visit)")


@pytest.mark.parametrize("module", ["vetting", "vetting_rows", "doubts"])
def test_every_sentence_is_said_in_chinese_too(module: str) -> None:
    nodes = ast.walk(ast.parse(Path(f"routing/{module}.py").read_text()))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    sentences = {text for text in texts if "{" in text and text.endswith(".")}
    assert sentences
    assert sentences - catalogue().keys() == set()

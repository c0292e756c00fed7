from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.errors import InvalidInput
from routing import parts_search
from routing.checker import violations
from routing.explain import orders_of, relaxed, with_visit
from routing.parts import Most, parted
from routing.parts_search import Joined, along_parts, explain_parts, solve_parts
from routing.problem import Problem
from routing.search import Effort, Progress, solve
from routing.timetable import timetable
from tests.routing.instances import HOUR_S, district
from tests.routing.problems import Sample, random_sample, samples
from tests.routing.wide_days import laid_from, on_earth, wide

SMALL = Most(3, 55)
_OF_TIME = {"window", "later_window", "shift_end", "span", "capacity", "food_clock", "fits"}


@pytest.fixture(scope="module")
def town() -> Problem:
    """More calls than its short shifts have time for."""
    whole = on_earth(district(vans=6, visits=90, dropoffs=6, cells=6))
    vans = (replace(van, ends_s=van.starts_s + 3 * HOUR_S, rest=None) for van in whole.vans)
    return replace(whole, vans=tuple(vans), patrol_target_s=HOUR_S)


@given(samples(), st.integers(1, 2))
@example(random_sample(90), 1)
@settings(max_examples=12, deadline=None)
def test_the_judge_of_the_whole_day_finds_nothing_in_the_joined_plan(sample: Sample, vans: int) -> None:
    whole = on_earth(sample.problem)
    joined = solve_parts(wide(whole), laid_from(whole), Effort(steps=200), Most(vans, 8))
    assert violations(joined.problem, joined.plan) == ()
    assert violations(whole, joined.plan) == (), "neither by the whole tables"


def test_a_day_in_parts_is_nearly_as_good_as_whole(town: Problem) -> None:
    heard: list[Progress] = []
    effort = Effort(steps=2000, progress=heard.append, cores=2)
    joined = solve_parts(wide(town), laid_from(town), effort, SMALL)
    whole = solve(town, Effort(steps=2000))
    assert violations(town, joined.plan) == ()
    assert joined.plan.levels.mandatory_missed == whole.levels.mandatory_missed
    assert joined.plan.levels.prize_missed <= 1.1 * whole.levels.prize_missed
    told = [each.levels for each in heard if each.levels is not None]
    assert told == sorted(told, reverse=True), "the whole only gets better"
    assert told[-1] == joined.plan.levels
    assert all(len(each.orders) == len(town.vans) for each in heard)


def test_the_same_seed_gives_the_same_plan_with_any_cores(town: Problem) -> None:
    plans = [
        solve_parts(wide(town), laid_from(town), Effort(steps=200, seed=1, cores=cores), SMALL).plan
        for cores in (1, 2)
    ]
    assert plans[0] == plans[1]


@pytest.mark.parametrize(("part_s", "phases"), [(60.0, {"hunt"}), (0.1, {"hunt", "hunt again"})])
def test_parts_are_planned_twice_where_there_is_time(
    town: Problem, monkeypatch: pytest.MonkeyPatch, part_s: float, phases: set[str]
) -> None:
    monkeypatch.setattr(parts_search, "_PART_S", part_s)
    heard: list[Progress] = []
    joined = solve_parts(wide(town), laid_from(town), Effort(4.0, progress=heard.append), SMALL)
    assert {each.stage for each in heard} == phases
    assert violations(town, joined.plan) == ()


def test_a_cancelled_search_keeps_the_parts_that_are_done(town: Problem) -> None:
    heard: list[Progress] = []
    effort = Effort(steps=300, progress=heard.append, cancelled=lambda: bool(heard))
    done = solve_parts(wide(town), laid_from(town), effort, Most(1, 55))
    assert 0 < len(done.plan.routes) < len(town.vans)
    assert violations(done.problem, done.plan) == ()
    assert solve_parts(wide(town), laid_from(town), Effort(60.0, cancelled=lambda: True)).plan.routes == ()


def test_a_search_goes_on_from_orders_and_makes_a_plan_of_them_alone(town: Problem) -> None:
    first = solve_parts(wide(town), laid_from(town), Effort(steps=300), SMALL).plan
    orders = orders_of(town, first)
    along = along_parts(wide(town), laid_from(town), orders, SMALL)
    assert violations(town, along.plan) == ()
    assert len(along.plan.unserved) <= len(first.unserved)
    again = solve_parts(wide(town), laid_from(town), Effort(steps=300, start=orders), SMALL)
    assert again.plan.levels <= along.plan.levels


@pytest.fixture(scope="module")
def joined(town: Problem) -> Joined:
    """A plan that leaves some visits out."""
    return solve_parts(wide(town), laid_from(town), Effort(steps=100), SMALL)


def test_every_unserved_visit_has_its_reasons(town: Problem, joined: Joined) -> None:
    reasons = explain_parts(joined.problem, laid_from(town), joined.plan, SMALL)
    assert reasons.keys() == set(joined.plan.unserved) != set()
    assert all(1 <= len(each) <= SMALL.vans for each in reasons.values())


def test_visits_that_are_in_no_part_have_reasons_that_hold(town: Problem, joined: Joined) -> None:
    tight = Most(1, 14)
    groups = parted(joined.problem, orders_of(town, joined.plan), tight)
    outside = {n for group in groups if not group.vans for n in group.visits}
    assert outside & set(joined.plan.unserved)
    reasons = explain_parts(joined.problem, laid_from(town), joined.plan, tight)
    assert reasons.keys() == set(joined.plan.unserved)
    orders = orders_of(town, joined.plan)
    for visit in outside:
        assert reasons[visit]
        for each in reasons[visit]:
            if each.position is not None and all(need.code in _OF_TIME for need in each.needs):
                order = with_visit(town, orders[each.van], visit, each)
                mended = relaxed(town, visit, each)
                assert timetable(mended, each.van, order).breaches == (), "the change lets the visit in"


def test_a_wrong_row_is_told_before_any_part_is_planned(town: Problem) -> None:
    vans = (*town.vans[:-1], town.vans[0])
    with pytest.raises(InvalidInput, match="Two vans are called V1"):
        solve_parts(wide(Problem(town.sites, town.seconds, town.metres, vans, ())), laid_from(town))

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.parts import Group, Most, parted
from routing.place import Orders
from routing.problem import Equipment, Problem
from routing.timetable import Call
from tests.routing.instances import day_visit, district, in_a_row
from tests.routing.problems import Sample, samples
from tests.routing.wide_days import on_earth

SIZES = st.builds(Most, st.integers(1, 3), st.integers(2, 12))


def nothing(problem: Problem) -> Orders:
    return tuple(() for _ in problem.vans)


def visits_of(orders: Orders, van: int) -> set[int]:
    return {call.index for call in orders[van] if call.kind in ("visit", "dropoff")}


def group_of(groups: tuple[Group, ...], van: int) -> Group:
    return next(group for group in groups if van in group.vans)


@given(samples(), SIZES, st.booleans(), st.integers(0, 1))
@settings(max_examples=150, deadline=None)
def test_each_van_and_each_visit_is_in_one_group(sample: Sample, most: Most, begun: bool, turn: int) -> None:
    problem = on_earth(sample.problem)
    orders = sample.orders if begun else nothing(problem)
    groups = parted(problem, orders, most, turn)
    assert sorted(van for group in groups for van in group.vans) == list(range(len(problem.vans)))
    assert sorted(n for group in groups for n in group.visits) == list(range(len(problem.visits)))
    assert groups == parted(problem, orders, most, turn), "the same day is parted in the same way"


@given(samples(), SIZES, st.booleans(), st.integers(0, 1))
@settings(max_examples=150, deadline=None)
def test_what_is_tied_stays_together(sample: Sample, most: Most, begun: bool, turn: int) -> None:
    problem = on_earth(sample.problem)
    orders = sample.orders if begun else nothing(problem)
    groups = parted(problem, orders, most, turn)
    home = {n: group for group in groups for n in group.visits}
    for relation in problem.relations:
        assert len({id(home[n]) for n in relation.visits}) == 1
    for n, van in enumerate(problem.vans):
        own = group_of(groups, n)
        assert visits_of(orders, n) | set(van.prefix) <= set(own.visits)
    for n, visit in enumerate(problem.visits):
        if visit.vans is not None and len(visit.vans) == 1:
            assert visit.vans <= set(home[n].vans)


@given(samples(), SIZES, st.booleans(), st.integers(0, 1))
@settings(max_examples=150, deadline=None)
def test_each_group_has_whole_units_of_equipment(sample: Sample, most: Most, begun: bool, turn: int) -> None:
    problem = on_earth(sample.problem)
    orders = sample.orders if begun else nothing(problem)
    groups = parted(problem, orders, most, turn)
    for k, thing in enumerate(problem.equipment):
        assert sum(group.units[k] for group in groups) <= thing.units
        users = {
            van
            for van in range(len(problem.vans))
            for n in visits_of(orders, van) | set(problem.vans[van].prefix)
            if thing.code in problem.visits[n].equipment
        }
        for group in groups:
            here = users.intersection(group.vans)
            assert len(here) <= group.units[k] or (here == users and group.units[k] == thing.units)


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_groups_are_no_larger_than_they_may_be(seed: int, turn: int) -> None:
    problem = on_earth(district(vans=17, visits=230, dropoffs=20, cells=60, seed=seed))
    most = Most(vans=4, places=90)
    groups = parted(problem, nothing(problem), most, turn)
    for group in groups:
        cells = sum(not cell.vans.isdisjoint(group.vans) for cell in problem.cells)
        assert 1 <= len(group.vans) <= most.vans
        assert len(group.visits) + cells <= most.places
    assert len(groups) <= 8, "and not much smaller"


def test_with_another_turn_the_borders_lie_elsewhere() -> None:
    problem = on_earth(district(vans=17, visits=230, dropoffs=20, cells=60))
    first, other = (parted(problem, nothing(problem), Most(4, 90), turn) for turn in (0, 1))
    assert {group.vans for group in first}.isdisjoint(group.vans for group in other)


@given(samples(), st.integers(1, 3), st.integers(0, 1))
@settings(max_examples=150, deadline=None)
def test_a_visit_is_with_a_van_that_may_serve_it(sample: Sample, vans: int, turn: int) -> None:
    problem = replace(on_earth(sample.problem), relations=())
    groups = parted(problem, nothing(problem), Most(vans, 1000), turn)
    for group in groups:
        for n in group.visits:
            visit = problem.visits[n]
            if not visit.equipment:
                able = _able(problem, n)
                assert not able or able.intersection(group.vans)


def _able(problem: Problem, n: int) -> set[int]:
    visit = problem.visits[n]
    hot, cold = problem.cups_of(visit, "hot"), problem.cups_of(visit, "cold")
    return {
        k
        for k, van in enumerate(problem.vans)
        if (visit.vans is None or k in visit.vans)
        and visit.skills <= van.skills
        and hot <= van.hot_cups
        and cold <= van.cold_cups
        and any(max(w.opens_s, van.starts_s) <= min(w.closes_s, van.ends_s) for w in visit.windows)
    }


def test_one_van_is_given_no_more_visits_than_its_table_may_hold() -> None:
    problem = district(vans=1, visits=30, dropoffs=0, cells=4)
    mandatory = {n for n, visit in enumerate(problem.visits) if visit.mandatory}
    groups = parted(problem, nothing(problem), Most(4, 20))
    (manned,) = (group for group in groups if group.vans)
    assert len(manned.visits) == 16
    assert mandatory <= set(manned.visits) or set(manned.visits) <= mandatory


def test_visits_go_where_the_thing_is_that_they_need() -> None:
    van = district(vans=2).vans[0]
    vans = tuple(
        replace(van, name=f"V{n}", depot=site, inside=None, in_beat_s=None) for n, site in enumerate((0, 5))
    )
    visits = tuple(
        day_visit(f"A{n}", n, equipment=frozenset({"climber"} if n in (0, 5) else ())) for n in range(6)
    )
    problem = in_a_row(vans, visits, equipment=(Equipment("climber", 1),))
    groups = parted(problem, ((), ()), Most(1, 100))
    (has,) = (group for group in groups if group.units == (1,))
    assert {0, 5} <= set(has.visits)
    orders: Orders = ((), (Call("visit", 5),))
    held = group_of(parted(problem, orders, Most(1, 100)), 1)
    assert held.units == (1,), "the unit stays where it is in use"
    assert {0, 5} <= set(held.visits)

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.change import KINDS, Change, applied, of_needs, reached
from routing.explain import Need, explain, relaxed
from routing.levels import plan_of
from routing.place import squeeze
from routing.problem import Promise
from routing.timetable import route_of, timetable
from routing.vetting import vet
from tests.routing.instances import district, tiny


@given(st.integers(0, 100_000))
@settings(max_examples=40)
def test_the_changes_of_a_reason_relax_at_least_what_explain_proves(seed: int) -> None:
    problem = tiny(seed)
    orders = squeeze(problem, ((),) * len(problem.vans))
    plan = plan_of(
        problem,
        [route_of(problem, v, timetable(problem, v, calls).stops) for v, calls in enumerate(orders)],
    )
    for visit, reasons in explain(problem, plan).items():
        for reason in reasons:
            changes = of_needs(reason.van, visit, reason.needs)
            if changes is None:
                continue
            mine = applied(problem, changes)
            theirs = relaxed(problem, visit, reason)
            for a, b in zip(mine.vans, theirs.vans, strict=True):
                assert a.ends_s >= b.ends_s and a.skills >= b.skills
                assert (a.hot_cups, a.cold_cups) >= (b.hot_cups, b.cold_cups)
            for c, d in zip(mine.visits, theirs.visits, strict=True):
                assert c.windows[-1].closes_s >= d.windows[-1].closes_s
            for e, f in zip(mine.items, theirs.items, strict=True):
                assert e.hold_s >= f.hold_s


def test_no_change_helps_where_no_road_leads() -> None:
    assert of_needs(0, 1, [Need("unreachable")]) is None
    assert of_needs(0, 1, [Need("fits"), Need("patrol", 60)]) == ()
    assert of_needs(0, 1, [Need("shift_end", 61)]) == (Change("shift", 0, minutes=2),)


def test_a_van_more_is_like_the_other_and_serves_its_beats() -> None:
    problem = district(vans=2, visits=4, dropoffs=1, cells=6)
    more = applied(problem, [Change("van_more", 1)])
    vet(more)
    assert len(more.vans) == 3
    assert (more.vans[2].depot, more.vans[2].ends_s) == (problem.vans[1].depot, problem.vans[1].ends_s)
    assert [2 in cell.vans for cell in more.cells] == [1 in cell.vans for cell in problem.cells]


def test_without_a_van_every_index_still_means_the_same_van() -> None:
    problem = district(vans=3, visits=4, dropoffs=0, cells=6)
    visits = list(problem.visits)
    visits[0] = replace(visits[0], vans=frozenset({0, 2}), familiar=frozenset({1}), promise=Promise(1, 100))
    visits[1] = replace(visits[1], vans=frozenset({1}), promise=Promise(2, 100), service_by_van=(10, 20, 30))
    down = applied(replace(problem, visits=tuple(visits)), [Change("van_down", 1)])
    vet(down)
    assert [van.name for van in down.vans] == ["V1", "V3"]
    assert (down.visits[0].vans, down.visits[0].familiar) == (frozenset({0, 1}), frozenset())
    assert down.visits[0].promise is None
    assert (down.visits[1].vans, down.visits[1].promise) == (None, Promise(1, 100))
    assert down.visits[1].service_by_van == (10, 30)
    names = [{problem.vans[n].name for n in cell.vans} - {"V2"} for cell in problem.cells]
    assert [{down.vans[n].name for n in cell.vans} for cell in down.cells] == names


def test_a_shorter_shift_loses_its_break_and_never_ends_before_it_begins() -> None:
    problem = district(vans=1, visits=1, dropoffs=0, cells=0)
    van = applied(problem, [Change("shift", -1, minutes=-240)]).vans[0]
    assert van.rest is None
    assert van.ends_s == problem.vans[0].ends_s - 4 * 3600
    none = applied(problem, [Change("shift", 0, minutes=-720)]).vans[0]
    assert none.ends_s == none.starts_s


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_change_reaches_tells_two_problems_apart(kind: str) -> None:
    problem = district(vans=2, visits=3, dropoffs=1, cells=2)
    problem = replace(problem, visits=tuple(replace(v, mandatory=False) for v in problem.visits))
    problem = replace(problem, vans=tuple(replace(v, span_s=8 * 3600) for v in problem.vans))
    change = Change(
        next(each for each in KINDS if each == kind), 0, 0, problem.kitchens[0].site, 30, 5, "singing"
    )
    after = applied(problem, [change])
    if kind != "van_down":
        assert reached(after, change) != reached(problem, change)
    assert len(after.vans) == 2 + (kind == "van_more") - (kind == "van_down")
    assert np.array_equal(after.seconds, problem.seconds)

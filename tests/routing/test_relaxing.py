from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.change import Change
from routing.checker import violations
from routing.desk import Edit, Session, edited, opened, plan
from routing.explain import explain, orders_of
from routing.place import call_of
from routing.problem import Equipment, Item, Kitchen, Portion, Problem, TimeWindow, Van
from routing.relaxing import edits_for
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row
from tests.routing.proofs import thinned


@given(st.integers(0, 100_000))
@settings(max_examples=25)
def test_what_is_offered_lets_the_visit_in_and_breaks_nothing(seed: int) -> None:
    problem, made = thinned(seed)
    assume(not violations(problem, made))
    session = opened(problem, orders_of(problem, made))
    assume(not violations(problem, plan(session)))
    for visit, reasons in explain(problem, plan(session)).items():
        for reason in reasons:
            edits = edits_for(session, visit, reason)
            if edits is None:
                continue
            after = edited(session, edits)
            found = after.where(visit)
            assert found is not None and found[0] == reason.van
            assert violations(after.problem, plan(after)) == ()


def offered(session: Session, visit: int, van: int = 0) -> tuple[Edit, ...]:
    (reason,) = (each for each in explain(session.problem, plan(session))[visit] if each.van == van)
    edits = edits_for(session, visit, reason)
    assert edits is not None
    after = edited(session, edits)
    assert after.where(visit) is not None
    assert violations(after.problem, plan(after)) == ()
    return edits


def short_of_soup() -> Problem:
    van = Van("V1", 0, 0, 90_000, cold_cups=5, cold_aboard=2)
    drop = day_visit("S", 1, kind="dropoff", portions=(Portion(0, 5),))
    problem = in_a_row((van,), (drop, day_visit("A", 2)), (Item("soup", "cold", 90_000),))
    return replace(problem, kitchens=(Kitchen(0, TimeWindow(600, 9000), 300, 0),))


def test_a_reload_that_would_do_is_put_in_with_the_visit() -> None:
    problem = short_of_soup()
    session = opened(problem, ((call_of(problem, 1),),))
    first, last = offered(session, 0)
    assert (first.call, last.visit) == (Call("reload", 0), 0)


def test_one_more_thing_is_assumed_where_another_van_has_it() -> None:
    vans = (Van("V1", 0, 0, 90_000), Van("V2", 0, 0, 90_000))
    climb = frozenset({"climber"})
    visits = (day_visit("A", 1, equipment=climb), day_visit("B", 1, equipment=climb))
    problem = replace(in_a_row(vans, visits), equipment=(Equipment("climber"),))
    session = opened(problem, ((call_of(problem, 0),), ()))
    change, _ = offered(session, 1, van=1)
    assert change.change == Change("kit", cups=1, what="climber")


def test_leaving_later_is_assumed_where_nobody_need_work_longer() -> None:
    van = Van("V1", 0, 0, 90_000, span_s=1000)
    problem = in_a_row((van,), (day_visit("A", 1, windows=(TimeWindow(5000, 6000),)),))
    change, _ = offered(opened(problem, ((),)), 0)
    assert change.change is not None and change.change.kind == "leave"


def test_a_shift_that_is_over_is_made_longer() -> None:
    problem = in_a_row((Van("V1", 0, 5000, 5000),), (day_visit("A", 1),))
    change, _ = offered(opened(problem, ((),)), 0)
    assert change.change is not None and change.change.kind == "shift"


@pytest.mark.parametrize("decided", ["lock", "forbid"])
def test_what_a_planner_has_decided_is_taken_back(decided: str) -> None:
    vans = (Van("V1", 0, 0, 90_000), Van("V2", 0, 0, 90_000))
    problem = in_a_row(vans, (day_visit("A", 1),))
    edit = Edit("lock", 0, 1) if decided == "lock" else Edit("forbid", 0, 0)
    session = edited(opened(problem, ((), ())), [edit])
    assert [each.kind for each in offered(session, 0)] == [
        "unlock" if decided == "lock" else "allow", "add",
    ]  # fmt: skip


def test_nothing_is_offered_about_what_is_begun_or_what_nobody_decided() -> None:
    early = day_visit("B", 1, windows=(TimeWindow(0, 100),))
    late = day_visit("A", 2, windows=(TimeWindow(0, 900),))
    problem = in_a_row((Van("V1", 0, 0, 1300, prefix=(0,)),), (late, early))
    session = opened(problem, ((call_of(problem, 0),),))
    (reason,) = explain(problem, plan(session))[1]
    if "prefix" in {need.code for need in reason.needs}:
        assert edits_for(session, 1, reason) is None
    aside = in_a_row((Van("V1", 0, 0, 90_000),), (day_visit("A", 1, vans=frozenset()),))
    session = opened(aside, ((),))
    (reason,) = explain(aside, plan(session))[0]
    assert edits_for(session, 0, reason) is None

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import InvalidInput
from routing import search
from routing.checker import violations
from routing.doubts import set_aside
from routing.problem import Break, Item, Kitchen, Portion, Problem, TimeWindow, Van
from routing.search import Effort, Progress, solve
from routing.solver import Run
from routing.stage import Stage
from routing.timetable import Call
from tests.routing.instances import day_visit, district, in_a_row, tiny


@given(st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_a_plan_never_breaks_a_rule(seed: int) -> None:
    problem = set_aside(tiny(seed))
    plan = solve(problem, Effort(seconds=0.1, seed=seed))
    assert violations(problem, plan) == ()


def test_a_district_is_served_whole_and_patrolled() -> None:
    problem = district(vans=3, visits=24, dropoffs=4, cells=15, side_m=3000)
    heard: list[Progress] = []
    plan = solve(problem, Effort(seconds=0.6, progress=heard.append))
    assert violations(problem, plan) == ()
    assert plan.unserved == ()
    assert plan.levels.patrol_short_min == 0
    assert heard
    assert all(0 <= each.share <= 1 and each.served + each.unserved == 28 for each in heard)


def test_an_overloaded_day_serves_the_mandatory_first() -> None:
    van = Van("V1", 0, 0, 3 * 3600, rest=Break(3600, 5400, 600))
    visits = tuple(day_visit(f"A{n}", 1 + n % 5, 1500, mandatory=n < 4, prize=1 + n) for n in range(12))
    problem = in_a_row((van,), visits)
    plan = solve(problem, Effort(seconds=0.3))
    assert violations(problem, plan) == ()
    assert plan.levels.mandatory_missed == 0
    assert plan.unserved


def test_a_van_reloads_when_its_cups_or_its_clock_ask_for_it() -> None:
    van = Van("V1", 0, 0, 30_000, cold_cups=5)
    drops = tuple(day_visit(f"S{n}", n, kind="dropoff", portions=(Portion(0, 4),)) for n in (1, 2))
    kitchens = (Kitchen(0, TimeWindow(0, 30_000), 300, 6000),)
    problem = in_a_row((van,), drops, (Item("soup", "cold", 0),), kitchens=kitchens)
    plan = solve(problem, Effort(seconds=0.3))
    assert violations(problem, plan) == ()
    assert plan.unserved == ()
    assert "reload" in [stop.kind for stop in plan.routes[0].stops]


def test_a_nap_gives_way_before_a_visit_is_left_out() -> None:
    van = Van("V1", 0, 0, 2000)
    problem = in_a_row((van,), (day_visit("A", 1, nap=TimeWindow(0, 5000)),))
    plan = solve(problem, Effort(seconds=0.3))
    assert plan.unserved == ()
    assert plan.levels.naps == 1


def test_a_cancelled_search_still_gives_a_sound_plan() -> None:
    problem = district(vans=2, visits=10, dropoffs=0, cells=4)
    plan = solve(problem, Effort(seconds=60, cancelled=lambda: True))
    assert violations(problem, plan) == ()


def test_nothing_to_do_is_a_plan_of_short_routes() -> None:
    problem = in_a_row((Van("V1", 0, 0, 5000),), ())
    plan = solve(problem, Effort(seconds=0.1))
    assert violations(problem, plan) == ()
    assert [stop.kind for stop in plan.routes[0].stops] == ["start", "end"]


def test_a_bad_problem_is_refused_before_any_search() -> None:
    problem = in_a_row((Van("V1", 0, 0, 5000),), (day_visit("E0042", 1),))
    broken = replace(problem, visits=(replace(problem.visits[0], windows=()),))
    with pytest.raises(InvalidInput, match="E0042"):
        solve(broken)


@pytest.mark.parametrize(("span_s", "hunted"), [(None, 900), (30_000, 1000)])
def test_what_is_not_polished_is_hunted_to_the_end(span_s: int | None, hunted: int) -> None:
    van = Van("V1", 0, 0, 3000, span_s=span_s)
    heard: list[Progress] = []
    solve(in_a_row((van,), (day_visit("A", 1),)), Effort(steps=1000, progress=heard.append))
    assert round(1000 * max(each.share for each in heard)) == pytest.approx(hunted, abs=25)


def test_the_librarys_orders_count_only_where_our_timetable_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = in_a_row((Van("V1", 0, 0, 900),), (day_visit("A", 5, mandatory=True),))

    def too_late(_: Problem, __: Stage, run: Run, ___: int) -> None:
        run.found(((Call("visit", 0),),))

    monkeypatch.setattr(search, "improve", too_late)
    plan = solve(set_aside(problem), Effort(steps=10))
    assert plan.unserved == (0,)
    assert violations(problem, plan) == ()


def test_reloads_of_a_start_are_no_visits_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of ten are left out: too many to polish, however often the van reloads."""
    polished: list[Stage] = []
    monkeypatch.setattr(search, "improve", lambda *given: polished.append(given[1]))
    vans = tuple(Van(f"V{n}", 0, 0, 8_000, cold_cups=5) for n in range(2))
    short = tuple(day_visit(f"A{n}", 1 + n % 5, 300) for n in range(8))
    long = tuple(day_visit(f"B{n}", 1, 7_900) for n in range(2))
    kitchens = (Kitchen(0, TimeWindow(0, 20_000), 60, 0),)
    turn = Call("reload", 0)
    start = tuple((*(Call("visit", n) for n in half), turn) for half in (range(4), range(4, 8)))
    for visits in ((*short, *long), short):
        problem = in_a_row(vans, visits, (Item("soup", "cold", 0),), kitchens=kitchens)
        solve(problem, Effort(steps=500, start=start))
        assert bool(polished) == (visits == short)

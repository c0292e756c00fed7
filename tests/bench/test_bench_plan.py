import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import bench_plan, plan_sets, plan_solomon, plan_toptw
from tests.bench.figure import Figure, Mode
from tests.bench.plan_runs import Book, Outcome


@pytest.mark.parametrize("mode", ["default", "full"])
def test_everything_that_is_asked_for_is_measured(mode: Mode) -> None:
    names = [case.name for case in bench_plan.cases(mode)]
    assert {"5x80", "5x200", "50x2000", "team orienteering", "VRPTW", "demo's day"} <= set(names)
    assert len(set(names)) == len(names)


def test_what_is_kept_of_a_full_run_names_the_code_it_rests_on() -> None:
    assert all(case.version for case in bench_plan.cases("full"))


def test_a_case_has_one_core_and_gives_the_others_back() -> None:
    before = os.sched_getaffinity(0)
    seen: list[int] = []

    def measure() -> Iterator[Figure]:
        seen.append(len(os.sched_getaffinity(0)))
        yield Figure("cores", 1, "")

    assert len(list(bench_plan._on_one_core(measure))) == 1
    assert seen == [1] and os.sched_getaffinity(0) == before


def test_without_the_data_folder_the_sets_say_that_they_were_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_toptw, "DATA", tmp_path / "toptw")
    monkeypatch.setattr(plan_solomon, "DATA", tmp_path / "solomon")
    assert [case.name for case in bench_plan.cases("full")]
    (teams,) = plan_sets.orienteering(Book(None), (("c104", 1),), 30.0)
    (routes,) = plan_sets.solomon(Book(None), None, 60.0, few=False)
    assert "skipped" in teams.name and "skipped" in routes.name


def test_few_instances_are_held_together_and_all_of_them_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: plan_toptw.Orienteering(name, 10, ()) for name in ("one", "two")}
    told = {name: plan_toptw.Published({1: 100, 2: 200}, 100) for name in known}
    monkeypatch.setattr(plan_toptw, "instances", lambda: known)
    monkeypatch.setattr(plan_toptw, "published", lambda: told)
    scores = {("one", 1): 99, ("two", 1): 102, ("one", 2): 199}
    monkeypatch.setattr(
        plan_sets,
        "collected",
        lambda instance, paths, _s: Outcome(0, 0, 0, 0, 0, 1.0, own=scores[instance.name, paths]),
    )
    found = {each.name: each for each in plan_sets.orienteering(Book(None), list(scores), 30.0)}
    assert found["team orienteering m = 1: mean score of 2"].ok is True
    assert found["team orienteering m = 2: mean score of 1"].ok is None
    assert found["team orienteering: mean score of 3"].ok is True
    assert found["team orienteering: mean score of 3"].beside_value == pytest.approx(400 / 3, abs=0.01)
    assert found["team orienteering m = 1: worst beside proven"].value == -1.0


def test_a_short_plan_that_leaves_somebody_out_is_no_short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    fleets = {name: plan_solomon.Fleet(name, 25, 200, ()) for name in ("A", "B")}
    monkeypatch.setattr(plan_solomon, "instances", lambda: fleets)
    monkeypatch.setattr(
        plan_solomon, "best_known", lambda: dict.fromkeys(fleets, plan_solomon.BestKnown(1000, 9))
    )
    left = {"A": 0, "B": 1}
    monkeypatch.setattr(
        plan_sets,
        "driven",
        lambda fleet, _vans, _s: Outcome(0, left[fleet.name], left[fleet.name], 0, 0, 1.0, own=1005, vans=10),
    )
    found = {each.name: each for each in plan_sets.solomon(Book(None), None, 60.0, few=False)}
    assert found["VRPTW: instances with somebody unserved"].ok is False
    assert found["VRPTW distance beside best known: mean of 1"].ratio == 1.005
    assert found["VRPTW: with more vans than the best known"].value == 1

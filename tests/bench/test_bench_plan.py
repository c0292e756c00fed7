import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import bench_plan, plan_sets, plan_solomon, plan_toptw
from tests.bench.figure import Figure, Mode
from tests.bench.plan_runs import Book


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

import json
from functools import partial
from pathlib import Path

import pytest

from routing.levels import plan_of
from routing.problem import Van
from routing.timetable import Call, route_of, timetable
from tests.bench import plan_runs
from tests.bench.plan_runs import Book, Outcome, apart, calls, code_version, judged, peer_version
from tests.routing.instances import day_visit, in_a_row

GOOD = Outcome(0, 0, 0, 100, 3600, 1.0)


def test_an_outcome_is_the_checkers_and_the_levels() -> None:
    problem = in_a_row(
        (Van("V1", 0, 0, 3600), Van("V2", 0, 0, 3600)),
        (day_visit("one", 1), day_visit("two", 2, prize=7), day_visit("three", 3, mandatory=True)),
        patrol_target_s=0,
    )
    tables = [timetable(problem, van, each) for van, each in enumerate(([Call("visit", 0)], []))]
    plan = plan_of(problem, [route_of(problem, van, table.stops) for van, table in enumerate(tables)])
    assert judged(problem, plan, 1.234) == Outcome(0, 1, 2, 1, 200, 1.23, vans=1)
    assert calls(plan) == ((1,), ())


def test_what_breaks_a_rule_loses_then_mandatory_visits_prize_and_travel_count() -> None:
    worse = (
        Outcome(0, 0, 0, 100, 3601, 1.0),
        Outcome(0, 0, 0, 99, 0, 1.0),
        Outcome(0, 1, 0, 1000, 0, 1.0),
        Outcome(1, 0, 0, 1000, 0, 1.0),
    )
    ranks = [each.rank for each in (GOOD, *worse)]
    assert ranks == sorted(ranks)


def test_a_known_outcome_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "results" / "runs.jsonl"
    measured: list[int] = []

    def measure() -> Outcome:
        measured.append(1)
        return GOOD

    assert Book(path).outcome("run", "v1", measure) == GOOD
    again = Book(path)
    assert again.outcome("run", "v1", measure) == again.outcome("run", "v1", measure) == GOOD
    assert len(measured) == 1
    assert again.outcome("run", "v2", measure) == again.outcome("another", "v1", measure) == GOOD
    assert len(measured) == 3
    assert again.outcome("endless", "v1", lambda: None) is None
    assert Book(path).outcome("endless", "v1", measure) is None
    assert len(path.read_text().splitlines()) == 4


def test_a_line_that_was_broken_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    Book(path).outcome("first", "v1", lambda: GOOD)
    path.write_text(path.read_text() + '{"run": "torn", "ver')
    Book(path).outcome("second", "v1", lambda: GOOD)
    lines = path.read_text().splitlines()
    assert [json.loads(lines[n])["run"] for n in (0, 2)] == ["first", "second"]
    known = Book(path)
    assert known.outcome("second", "v1", lambda: None) == GOOD
    assert known.outcome("torn", "v1", lambda: None) is None


def test_nothing_is_kept_without_a_file() -> None:
    book = Book(None)
    assert book.outcome("run", "v1", lambda: GOOD) == book.outcome("run", "v1", lambda: None) == GOOD


def test_a_version_follows_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_runs, "ROOT", tmp_path)
    (tmp_path / "routing").mkdir()
    files = {name: tmp_path / f"routing/{name}.py" for name in ("search", "hunt", "walk", "desk")}
    files["search"].write_text("from routing.hunt import (\n    Hunt,\n)\n")
    files["hunt"].write_text("from routing import walk, search\n")
    files["walk"].write_text("import numpy\n")
    files["desk"].write_text("from routing import search\n")
    first, peer = code_version("routing.search"), peer_version("nothing", "routing.search")
    assert peer.startswith("nothing none, ")
    files["desk"].write_text("")
    assert code_version("routing.search") == first
    files["walk"].write_text("import math\n")
    assert code_version("routing.search") != first
    assert peer_version("nothing", "routing.search") == peer
    files["search"].write_text("")
    assert peer_version("nothing", "routing.search") != peer


def test_the_version_of_the_search_is_of_all_its_parts() -> None:
    paths = {path.stem for path in plan_runs._closure(("routing.search",))}
    assert {"search", "hunt", "walk", "ruin", "timetable", "problem", "packing"} <= paths
    assert not {"store", "api", "jobs"} & paths


def _holding(mib: int) -> Outcome:
    held = bytearray(mib << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    return GOOD


def _dying() -> Outcome:
    raise SystemExit(3)


def test_a_process_of_its_own_tells_its_own_memory() -> None:
    held = bytearray(256 << 20)  # ours, which is not to be counted as its
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])
    little, much = (apart(partial(_holding, mib), 60) for mib in (1, 200))
    assert little is not None and much is not None and little.prize == 100
    assert 190 <= much.peak_mib - little.peak_mib <= 215
    assert 0 < little.peak_mib < 256


def test_a_process_past_its_time_is_none_and_a_dead_one_is_told() -> None:
    assert apart(partial(_holding, 1), 0) is None
    with pytest.raises(RuntimeError, match="died"):
        apart(_dying, 60)

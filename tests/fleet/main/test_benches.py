import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import NotFound
from fleet.main import benches
from tests.bench import bench_ingest
from tests.bench.figure import Case, Figure


def test_an_unknown_benchmark_is_told_which_there_are() -> None:
    with pytest.raises(NotFound, match="ingest"):
        benches.run("nothing", "quick", as_json=True)


RATE = Figure("rate", 12.0, "fixes/s", "insert", 2.0, 6.0, ">= 5", ok=True)
TAIL = Figure("tail", 3.0, "ms", "limit", 2.0, 1.5, "<= 1", ok=False)


def test_figures_are_printed_one_json_object_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_ingest, "cases", lambda _mode: [Case("all", lambda: iter([RATE, TAIL]))])
    assert benches.run("ingest", "quick", as_json=True) is False
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == ["rate", "tail"]
    assert set(lines[0]) == {"name", "value", "unit", "beside", "beside_value", "ratio", "expect", "ok"}


def test_a_full_run_that_was_broken_off_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "RESULTS", tmp_path)
    measured: list[str] = []

    def first() -> Iterator[Figure]:
        measured.append("first")
        yield RATE

    def second() -> Iterator[Figure]:
        measured.append("second")
        if len(measured) == 2:
            raise KeyboardInterrupt
        yield RATE

    monkeypatch.setattr(bench_ingest, "cases", lambda _mode: [Case("1", first), Case("2", second)])
    with pytest.raises(KeyboardInterrupt):
        benches.run("ingest", "full", as_json=True)
    assert benches.run("ingest", "full", as_json=True) is True
    assert measured == ["first", "second", "second"]
    assert len(capsys.readouterr().out.splitlines()) == 3
    kept = json.loads((tmp_path / "ingest.json").read_text())
    assert len(kept["figures"]) == 2 and kept["machine"]
    assert not (tmp_path / "ingest.part.json").exists()


def test_figures_of_another_version_are_measured_again_and_are_no_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "RESULTS", tmp_path)

    def broken_off() -> Iterator[Figure]:
        raise KeyboardInterrupt

    def run_of(version: str, rate: float, *more: Case) -> None:
        first = Case("1", lambda: iter([replace(RATE, value=rate)]), version)
        monkeypatch.setattr(bench_ingest, "cases", lambda _mode: [first, *more])
        benches.run("ingest", "full", as_json=True)

    with pytest.raises(KeyboardInterrupt):
        run_of("old", 1.0, Case("2", broken_off))
    run_of("new", 2.0)
    assert [json.loads(line)["value"] for line in capsys.readouterr().out.splitlines()] == [1.0, 2.0]
    kept = json.loads((tmp_path / "ingest.json").read_text())
    assert [figure["value"] for figure in kept["figures"]] == [2.0]

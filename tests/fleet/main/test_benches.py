import json
from collections.abc import Iterator

import pytest

from fleet.errors import NotFound
from fleet.main import benches
from tests.bench import bench_ingest
from tests.bench.figure import Figure


def test_an_unknown_benchmark_is_told_which_there_are() -> None:
    with pytest.raises(NotFound, match="ingest"):
        benches.run("nothing", "quick", as_json=True)


def test_figures_are_printed_one_json_object_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(_mode: str) -> Iterator[Figure]:
        yield Figure("rate", 12.0, "fixes/s", "insert", 2.0, 6.0, ">= 5", True)
        yield Figure("tail", 3.0, "ms", "limit", 2.0, 1.5, "<= 1", False)

    monkeypatch.setattr(bench_ingest, "run", measured)
    assert benches.run("ingest", "quick", as_json=True) is False
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == ["rate", "tail"]
    assert set(lines[0]) == {"name", "value", "unit", "beside", "beside_value", "ratio", "expect", "ok"}

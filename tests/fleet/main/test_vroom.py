from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.errors import InvalidInput
from fleet.main.vroom import Order, solve_file
from fleet.settings import Settings
from tests.routing import vroom_problems as problems


def test_a_file_in_and_a_file_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "problem.json", tmp_path / "solution.json"
    source.write_text(json.dumps(problems.example(2)))
    settings = Settings(home=tmp_path)
    solve_file(settings, Order(source, out, seconds=0.2))
    assert json.loads(out.read_text())["summary"]["cost"] == problems.COST[2]
    assert capsys.readouterr().out == ""
    source.write_text(json.dumps(problems.example(3)))
    solve_file(settings, Order(source, given=True))
    assert json.loads(capsys.readouterr().out)["summary"]["cost"] == problems.COST[3]


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(InvalidInput, match=r"nowhere\.json cannot be read"):
        solve_file(settings, Order(tmp_path / "nowhere.json"))
    source = tmp_path / "problem.json"
    source.write_text(json.dumps(problems.example(2)))
    with pytest.raises(InvalidInput, match="cannot be written"):
        solve_file(settings, Order(source, tmp_path, seconds=0.1))

from datetime import date
from pathlib import Path

import pytest
import typer

from fleet.main.options import day_of, settings_of


def test_what_is_typed_outranks_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAREVAN_PORT", "9001")
    monkeypatch.setenv("CAREVAN_HOME", "/nowhere")
    assert settings_of(None, port=None).port == 9001
    assert settings_of(tmp_path, port=9002).port == 9002
    assert settings_of(tmp_path).home == tmp_path


def test_a_day_or_none() -> None:
    assert day_of("") is None
    assert day_of("2026-07-20") == date(2026, 7, 20)
    with pytest.raises(typer.BadParameter, match="20/7"):
        day_of("20/7")

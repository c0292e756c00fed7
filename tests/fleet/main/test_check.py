from pathlib import Path

import pytest

from fleet.main import check
from fleet.settings import Settings, default_home


def test_tests_are_run_in_the_checkout_and_their_status_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir("/")
    settings = Settings(home=Path(str(Settings().home or default_home())))
    one = ["tests/fleet/test_errors.py", "-q", "-n0"]
    assert check.run_tests(settings, one) == 0
    assert "1 passed" in capfd.readouterr().out
    assert check.run_tests(settings, [*one, "-k", "nothing_like_this"]) == 5

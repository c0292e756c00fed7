from pathlib import Path

import pytest

from fleet.settings import Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAREVAN_HOME", str(tmp_path))
    monkeypatch.setenv("CAREVAN_PORT", "9001")
    settings = Settings()
    assert (settings.home, settings.port, settings.host) == (tmp_path, 9001, "127.0.0.1")
    assert settings.vendor_dir == tmp_path / "vendor"
    assert settings.cluster_dir.parent == settings.roads_dir.parent == tmp_path

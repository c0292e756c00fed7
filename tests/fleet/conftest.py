"""OSRM's tools for the tests of the roads, where set-up has brought them."""

from pathlib import Path

import pytest

from fleet import osrm
from fleet.settings import Settings


@pytest.fixture(scope="session")
def road_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of its own that borrows the installed tools."""
    tools = Settings().home
    if not osrm.installed(tools):
        pytest.skip(f"OSRM's tools are not installed in {tools / 'osrm'}: run ./carevan once")
    home = tmp_path_factory.mktemp("roads-home")
    (home / "osrm").symlink_to(tools / "osrm")
    return home

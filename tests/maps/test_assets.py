"""The browser assets: brought by npm, served by us, asked of nobody else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from fleet.errors import Unavailable
from maps import assets

FAKE_NPM = """
import pathlib
for line in %r:
    path = pathlib.Path("node_modules") / line
    (path if line.endswith("images") else path.parent).mkdir(parents=True, exist_ok=True)
    if not line.endswith("images"):
        path.write_text("x")
"""


def fake_npm(folder: Path) -> tuple[str, ...]:
    """An npm that makes the files which we take, out of thin air."""
    script = folder / "npm.py"
    script.write_text(
        FAKE_NPM % [f"{each.name}/{inside}" for each in assets.PACKAGES for inside in each.files]
    )
    return sys.executable, str(script)


def test_install_brings_everything_once(tmp_path: Path) -> None:
    vendor, npm = tmp_path / "home" / "vendor", fake_npm(tmp_path)
    assert assets.install(vendor, npm) is True
    assert assets.installed(vendor)
    assert assets.install(vendor, ("never-called",)) is False
    for address in filter(None, assets.ASSETS.values()):
        assert (vendor / address.removeprefix("/vendor/")).is_file()


def test_a_missing_or_failing_npm_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    with pytest.raises(Unavailable, match="not installed"):
        assets.install(vendor, ("no-such-npm-here",))
    with pytest.raises(Unavailable, match="could not fetch"):
        assets.install(vendor, (sys.executable, "-c", "raise SystemExit(1)"))
    assert not vendor.exists()


def test_the_lock_names_no_host_and_pins_every_package() -> None:
    text = (assets.LOCK_DIR / "package-lock.json").read_text()
    assert "://" not in text
    locked = json.loads(text)["packages"]
    wanted = json.loads((assets.LOCK_DIR / "package.json").read_text())["dependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all("integrity" in each for name, each in locked.items() if name)
    assert {each.name for each in assets.PACKAGES} == set(wanted)


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js">',
        "<link href='//cdn.example/x.css'>",
        "<style>a{background:url(https://cdn.example/x.png)}</style>",
        '<form action="http://other.example/">',
    ],
)
def test_a_page_that_asks_a_foreign_host_is_refused(html: str) -> None:
    with pytest.raises(ValueError, match="not self-contained"):
        assets.check(html)


def test_our_own_pages_and_the_map_s_licence_pass() -> None:
    html = '<script src="/vendor/x.js"></script><a href="https://www.openstreetmap.org/copyright">©</a>'
    assert assets.check(html) == html


def test_an_asset_nobody_decided_about_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"add it to maps\.assets"):
        assets.address("Map", "something new")

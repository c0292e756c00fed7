"""Lint, types, contracts and tests, as CI runs them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from fleet.main import npm
from fleet.settings import Settings
from maps import assets
from routing.search import warm_up

ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("fleet", "tracking", "routing", "maps", "replay", "tests")


def run_tests(settings: Settings, arguments: Sequence[str]) -> int:
    """Bring the browser assets, compile the search, run pytest in the checkout; returns its exit status."""
    assets.install(settings.vendor_dir, npm.command(settings.home))
    warm_up()
    return _run("pytest", [sys.executable, "-m", "pytest", *arguments])


def run_checks(settings: Settings) -> int:
    """Run everything; the first failure's exit status, else 0."""
    folder = Path(sys.executable).parent
    steps: tuple[tuple[str, list[str]], ...] = (
        ("lint", [str(folder / "ruff"), "check", "."]),
        ("format", [str(folder / "ruff"), "format", "--check", "."]),
        ("types", [str(folder / "mypy"), *(f"-p{name}" for name in _PACKAGES)]),
        ("import contracts", [str(folder / "lint-imports")]),
    )
    for name, command in steps:
        status = _run(name, command)
        if status:
            return status
    return run_tests(settings, ())


def _run(name: str, command: Sequence[str]) -> int:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    status = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    print(
        f"== {name}: {'ok' if status == 0 else f'failed ({status})'} in {time.monotonic() - began:.1f} s",
        flush=True,
    )
    return status

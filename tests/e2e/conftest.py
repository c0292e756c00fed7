"""The whole product as `./carevan demo` runs it, and a real Chromium before it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from fleet.main import npm
from fleet.settings import Settings, default_home
from maps import assets

# A busy machine is no failure: what comes late has come.
expect.set_options(timeout=60_000)
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that runs: its address and the logins it printed."""

    address: str
    logins: dict[str, str]
    home: Path


def start_demo(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the demo in its own process group, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = Path(os.environ.get("CAREVAN_HOME") or default_home())
    # OSRM's programs come with the environment, not with the demo's home; so does what was compiled.
    home.mkdir(parents=True, exist_ok=True)
    for name in ("osrm", "node", "compiled"):
        if (own / name).exists() and not (home / name).exists():
            (home / name).symlink_to(own / name)
    place = ("--home", str(home), "--port", str(port))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "fleet.main", "demo", *place, *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "CAREVAN_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def until_ready(process: subprocess.Popen[str]) -> tuple[str, dict[str, str]]:
    """Read what the demo prints until it says how to end it; the address and the logins."""
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ctrl-C"):
            break
    text = "".join(said)
    address = re.search(r"Open (http://\S+)", text)
    assert address is not None, text
    logins = dict(re.findall(r"^  (\w+) +(\S+) +(?:administrator|planner|dispatcher|viewer)$", text, re.M))
    return address[1], logins


def stop(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Ctrl-C; the totals of the last line."""
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 0, said
    totals: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return totals


@pytest.fixture(scope="module")
def new_home() -> Iterator[Path]:
    """A home of its own, with the browser assets of this machine's home."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-e2e-"))
    folder.chmod(0o755)
    own = Settings(home=Path(os.environ.get("CAREVAN_HOME") or default_home()))
    assets.install(own.vendor_dir, npm.command(own.home))
    (folder / "vendor").symlink_to(own.vendor_dir)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def demo(new_home: Path) -> Iterator[Running]:
    """The demo at twenty times life, stopped by Ctrl-C when all is done; nothing it stored may be missing."""
    process = start_demo(new_home, "--speed", "20", "--date", "2026-07-20")
    try:
        address, logins = until_ready(process)
        yield Running(address, logins, new_home)
        totals = stop(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    for kind in ("fixes", "events"):
        assert totals[kind]["stored"] == totals[kind]["distinct"] > 0, totals
        assert totals[kind]["refused"] == 0, totals
    assert totals["plan"]["violations"] == 0, totals


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM_ARGS))
        yield opened
        opened.close()


@pytest.fixture
def dispatcher(browser: Browser, demo: Running) -> Iterator[Page]:
    """A dispatcher's browser, logged in, in Chinese; no error in its console, no foreign request."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1920, "height": 1080})
    yield from watched(context, demo, "dispatcher")


@pytest.fixture
def planner(browser: Browser, demo: Running) -> Iterator[Page]:
    """A planner's browser, logged in, in English."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1600, "height": 900})
    yield from watched(context, demo, "planner")


def watched(context: BrowserContext, demo: Running, login: str) -> Iterator[Page]:
    """A logged in page that is held to the house's rules while the test uses it."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if not _ours(asked.url, demo.address) else None)
    page.goto(f"{demo.address}/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", demo.logins[login])
    page.click("button[type=submit]")
    yield page
    context.close()
    assert wrong == []


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:"))

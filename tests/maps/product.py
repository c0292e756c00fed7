"""The whole product on a staged district, and a browser before it, for the tests of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Request

from fleet.clock import Clock
from fleet.context import Context
from fleet.main.app import create_app
from fleet.settings import Settings
from maps import assets
from tests.maps import staging
from tests.maps.staging import NOW, PASSWORD, Stage
from tests.replay.serving import context_on, serving


@dataclass(frozen=True, slots=True)
class Product:
    """A served product: its address, its context, what was staged."""

    address: str
    context: Context
    stage: Stage


@dataclass(slots=True)
class Watch:
    """What a page did that no page of ours may do."""

    address: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Keep the address of a request that left our house."""
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(request.url)


@contextmanager
def product(
    database: str,
    home: Path,
    *,
    browser: bool = False,
    more: Callable[[sa.Connection, Stage], None] | None = None,
) -> Iterator[Product]:
    """Serve the product on a staged district; with a browser the machine's browser assets are needed.

    Parameters
    ----------
    more : what a test puts there besides, before anything of the product runs
    """
    vendor = Settings().vendor_dir
    if browser and not assets.installed(vendor):
        pytest.skip(f"the browser assets are not in {vendor}: run ./carevan setup")
    if browser:
        (home / "vendor").symlink_to(vendor)
    with context_on(database, Clock.opening(NOW), home) as context:
        with context.engine.begin() as conn:
            stage = staging.stage(conn)
            staging.put_login(conn, stage.district_id, "planner", "王芳", "planner")
            if more is not None:
                more(conn, stage)
        with serving(create_app(context)) as address:
            yield Product(address, context, stage)


@contextmanager
def opened(
    browser: Browser,
    here: Product,
    login: str,
    path: str = "/",
    locale: str = "zh-CN",
    *,
    may_fail: bool = False,
) -> Iterator[Page]:
    """A logged in page; afterwards it must have made no error and asked nobody else.

    With `may_fail` a request that the server refused, which Chromium writes to its console, is no error.
    """
    context = browser.new_context(locale=locale, viewport={"width": 1920, "height": 1080})
    page, watch = context.new_page(), Watch(here.address)
    page.on("console", lambda m: watch.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("request", lambda request: watch.note(request))
    page.goto(f"{here.address}{path}")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{here.address}{path}")
    yield page
    refused = tuple(
        f"Failed to load resource: the server responded with a status of {n}" for n in ("4", "503")
    )
    assert [each for each in watch.errors if not (may_fail and each.startswith(refused))] == []
    assert watch.foreign == []
    context.close()

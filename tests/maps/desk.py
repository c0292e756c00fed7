"""A planner at the desk: the product on the invented district, with a published plan of a winter's day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.clock import Clock
from fleet.context import Context
from fleet.main.app import create_app
from fleet.settings import Settings
from maps import assets
from routing import store
from routing.planner import Wish, plan_day
from tests.fleet.main.running_town import live_until
from tests.maps import staging
from tests.maps.product import Product, opened
from tests.maps.staging import Stage
from tests.replay.serving import context_on, serving
from tests.routing import town


@contextmanager
def planned(
    database: str, home: Path, now: datetime = town.MORNING, warmth: object = None, desks: object = None
) -> Iterator[Product]:
    """Serve it; `planner` plans and `viewer` looks. Until `now` the crews have done what was planned.

    `desks` are other open plans than those of the registry.
    """
    vendor = Settings().vendor_dir
    if not assets.installed(vendor):
        pytest.skip(f"the browser assets are not in {vendor}: run ./carevan setup")
    (home / "vendor").symlink_to(vendor)
    with context_on(database, Clock.opening(now), home) as context:
        with context.engine.begin() as conn:
            district_id = town.seed(conn)
            staging.put_login(conn, district_id, "planner", "王芳", "planner")
            staging.put_login(conn, district_id, "viewer", "李娜", "viewer")
        plan_id = plan_day(context, district_id, town.DAY, Wish(seconds=0.5))
        publish(context, district_id, plan_id)
        if now > town.MORNING:
            with context.engine.begin() as conn:
                live_until(conn, district_id, plan_id, now)
        app = create_app(context)
        if warmth is not None:
            app.state.warmth = warmth
        if desks is not None:
            app.state.desks = desks
        with serving(app) as address:
            yield Product(address, context, Stage(district_id, (), (), plan_id))


def publish(context: Context, district_id: int, plan_id: int) -> None:
    """Publish a draft, as somebody else would."""
    with context.engine.begin() as conn:
        store.publish(conn, district_id, plan_id, "account:1", town.MORNING)


PATH = f"/plan?day={town.DAY}"


@contextmanager
def at_desk(
    browser: Browser, desk: Product, locale: str = "en-GB", login: str = "planner", *, may_fail: bool = False
) -> Iterator[Page]:
    """The desk's page, drawn."""
    with opened(browser, desk, login, PATH, locale, may_fail=may_fail) as page:
        expect(page.locator("#timeline .lane[data-van]")).to_have_count(2)
        expect(page.locator("#levels .level")).to_have_count(13)
        yield page


def keys_of(page: Page, lane: int) -> list[str]:
    """The visits of a lane, in their order."""
    blocks = page.locator("#timeline .lane[data-van]").nth(lane).locator(".stop[data-key]")
    return [str(block.get_attribute("data-key")) for block in blocks.all()]


def block(page: Page, key: str) -> Any:
    """A visit's block on the timeline."""
    return page.locator(f'#timeline .stop[data-key="{key}"]')


def box_of(node: Any) -> dict[str, float]:
    """Where an element stands on the screen."""
    box: dict[str, float] | None = node.bounding_box()
    assert box is not None
    return box


def lane_of(page: Page, key: str) -> int:
    """The row that a visit is on."""
    lanes = page.locator("#timeline .lane[data-van]")
    return next(n for n in range(lanes.count()) if key in keys_of(page, n))

"""The planner's desk in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import tables
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.staging import DAY, NOW
from tests.replay.serving import chromium


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


def put_draft(here: Product) -> int:
    """A draft of the staged day without any route."""
    with here.context.engine.begin() as conn:
        return staging.put(
            conn, tables.plan, district_id=here.stage.district_id, day=DAY, status="draft", basis="road",
            seed=2,
            levels={"mandatory_missed": 2, "drive_s": 1800}, violations=0, created_at=NOW,
            created_by="account:1",
        )  # fmt: skip


@pytest.mark.browser
def test_a_planner_compares_publishes_and_plans_anew(here: Product) -> None:
    draft = put_draft(here)
    with chromium() as browser, opened(browser, here, "planner", "/plan", "en-GB") as page:
        expect(page.locator(".version")).to_have_count(2)
        expect(page.locator("#timeline .lane .stop")).to_have_count(8)
        expect(page.locator("#unserved-list")).to_contain_text("+14 min of shift on Van 1 would do")
        expect(page.locator("#publish")).to_be_hidden()
        page.get_by_role("button", name="draft").click()
        expect(page.locator(".level").first).to_contain_text("▲ 2")
        page.click("#publish")
        expect(page.locator("#said")).to_contain_text("Published")
        page.click("#later")
        expect(page.locator("#timeline")).to_contain_text("No plan for this day yet")
        page.click("#earlier")
        page.click("#run")
        expect(page.locator("#job")).to_contain_text("waiting for the planner")
        page.click("#job-cancel")
        expect(page.locator("#said")).to_contain_text("Planning was cancelled")
        expect(page.locator("#run")).to_be_enabled()
        # A dispatcher looks and does not touch.
        with opened(browser, here, "li", "/plan") as other:
            expect(other.locator(".version")).to_have_count(2)
            expect(other.locator("#run, #publish")).to_have_count(0)
    with here.context.engine.connect() as conn:
        t = tables.plan
        assert conn.scalar(sa.select(t.c.status).where(t.c.id == draft)) == "published"

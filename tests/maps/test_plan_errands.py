"""Reloads and beat passes moved, put in and taken out at the desk, with the mouse and the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from routing import store
from tests.maps.desk import at_desk, box_of, planned
from tests.maps.product import Product
from tests.replay.serving import chromium
from tests.routing import town


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Product]:
    with planned(database, tmp_path) as made:
        yield made


def stops(page: Page, lane: int, kind: str) -> Locator:
    return page.locator("#timeline .lane[data-van]").nth(lane).locator(f".kind-{kind}")


@pytest.mark.browser
def test_passes_and_reloads_are_moved_by_hand_and_kept(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        # The keyboard alone: a pass is moved, then taken out.
        mine = stops(page, 0, "pass")
        many = mine.count()
        grip = str(mine.nth(1).get_attribute("data-grip"))
        page.locator(f'[data-grip="{grip}"]').focus()
        page.keyboard.press("m")
        expect(page.locator("#verdict")).to_contain_text("Enter: take this place")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(page.locator("#verdict-said .fits, #verdict-said .broken").first).to_be_visible()
        expect(page.locator("#verdict-said")).to_contain_text("begins")
        page.keyboard.press("Enter")
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 1")
        expect(page.locator("#timeline .stop:focus")).to_have_count(1)
        page.keyboard.press("Delete")
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 2")
        expect(mine).to_have_count(many - 1)
        page.click("#drop-edits")
        expect(mine).to_have_count(many)
        # The mouse: a reload is dragged onto a van out of what the day offers.
        before = stops(page, 1, "reload").count()
        page.select_option("#errand", index=0)
        grip_box = box_of(page.locator("#errand-grip"))
        line = box_of(page.locator("#timeline .lane[data-van]").nth(1).locator(".lane-line"))
        page.mouse.move(grip_box["x"] + 8, grip_box["y"] + 8)
        page.mouse.down()
        page.mouse.move(line["x"] + line["width"] * 0.55, line["y"] + line["height"] / 2, steps=4)
        expect(page.locator("#verdict-said .fits, #verdict-said .broken").first).to_be_visible()
        page.mouse.up()
        expect(stops(page, 1, "reload")).to_have_count(before + 1)
        stops(page, 1, "reload").first.click()
        expect(page.locator("#inspector")).to_contain_text("reload")
        expect(page.locator('#inspector [data-act="lock"], #inspector [data-act="forbid"]')).to_have_count(0)
        page.click('[data-act="remove"]')
        expect(stops(page, 1, "reload")).to_have_count(before)
        # What the day offers, with the keyboard: a pass is opened and put in.
        pass_key = page.locator('#errand option[value^="new:pass"]').first.get_attribute("value")
        page.select_option("#errand", str(pass_key))
        page.locator("#errand-grip").press("Enter")
        page.locator('#inspector [data-act="move"]').press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 3")
        page.click("#drop-edits")
        expect(page.locator("#trying")).to_be_hidden()
        mine.first.click()
        page.click('[data-act="remove"]')
        expect(mine).to_have_count(many - 1)
        page.fill("#save-name", "one pass fewer")
        page.click("#save")
        expect(page.locator("#said")).to_contain_text("no rule broken", timeout=90_000)
        expect(mine).to_have_count(many - 1)
    with desk.context.engine.connect() as conn:
        row = store.list_plans(conn, desk.stage.district_id, town.DAY)[0]
    assert (row.name, row.violations) == ("one pass fewer", 0)


@pytest.mark.browser
def test_a_viewer_is_offered_nothing_to_put_in(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk, "zh-CN", "viewer") as page:
        expect(page.locator("#errands")).to_have_count(0)
        stops(page, 0, "pass").first.press("m")
        expect(page.locator("#verdict")).to_be_hidden()

"""A plan edited at the desk in a real browser, with the mouse and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import tables
from routing import store
from routing.planner import Wish, plan_day
from tests.maps.desk import PATH, at_desk, block, box_of, keys_of, lane_of, planned
from tests.maps.product import Product, opened
from tests.replay.serving import chromium
from tests.routing import town
from tests.routing.test_desk_relax import DAYS, OneDesk

PROVED_MS = 90_000
"""The first reasons of a process wait for what proves them to be loaded."""


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Product]:
    """The product on the invented district, with a published plan of a winter's day."""
    with planned(database, tmp_path) as made:
        yield made


@pytest.mark.browser
def test_a_stop_is_dragged_to_another_van_checked_before_it_is_let_go_and_taken_back(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        key = keys_of(page, 0)[2]
        box = box_of(block(page, key))
        target = box_of(page.locator("#timeline .lane[data-van]").nth(1).locator(".lane-line"))
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(target["x"] + target["width"] / 3, target["y"] + target["height"] / 2, steps=4)
        expect(page.locator("#verdict")).to_contain_text("begins")
        expect(page.locator("#verdict")).to_contain_text("Driving")
        assert lane_of(page, key) == 0
        page.mouse.up()
        expect(page.locator("#timeline .lane[data-van]").nth(1).locator(f'[data-key="{key}"]')).to_have_count(
            1
        )
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 1")
        expect(page.locator("#levels-note")).to_contain_text("before the edits")
        # Esc in the middle of a drag leaves everything as it is.
        box = box_of(block(page, key))
        page.mouse.move(box["x"] + 2, box["y"] + 5)
        page.mouse.down()
        page.mouse.move(target["x"] + 40, target["y"] - 20, steps=3)
        page.keyboard.press("Escape")
        expect(page.locator("#verdict")).to_be_hidden()
        page.mouse.up()
        assert lane_of(page, key) == 1
        page.keyboard.press("Control+z")
        expect(page.locator("#timeline .lane[data-van]").nth(0).locator(f'[data-key="{key}"]')).to_have_count(
            1
        )
        expect(page.locator("#trying")).to_be_hidden()
        page.click("#redo")
        expect(page.locator("#timeline .lane[data-van]").nth(1).locator(f'[data-key="{key}"]')).to_have_count(
            1
        )
        page.keyboard.press("Control+z")
        expect(page.locator("#trying")).to_be_hidden()


@pytest.mark.browser
def test_a_stop_is_moved_with_the_keyboard_alone(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        key = keys_of(page, 0)[1]
        page.locator('#timeline .stop[tabindex="0"]').focus()
        page.keyboard.press("ArrowRight")
        block(page, key).focus()
        page.keyboard.press("m")
        expect(page.locator("#verdict")).to_contain_text("Enter: take this place")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#verdict")).to_contain_text("begins")
        first = page.locator("#verdict p").first.inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#verdict p").first).not_to_have_text(first)
        page.keyboard.press("Enter")
        expect(
            page.locator("#timeline .lane[data-van]").nth(1).locator(f'[data-key="{key}"]')
        ).to_be_focused()
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 1")
        page.keyboard.press("m")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Escape")
        assert lane_of(page, key) == 1
        expect(block(page, key)).to_be_focused()
        page.click("#drop-edits")
        expect(page.locator("#trying")).to_be_hidden()


@pytest.mark.browser
def test_a_visit_is_locked_forbidden_taken_out_put_in_and_all_of_it_kept(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        locked, out, banned = keys_of(page, 0)[:3]
        block(page, locked).click()
        page.click('[data-act="lock"]')
        expect(page.locator(f'#timeline .is-locked[data-key="{locked}"]')).to_have_count(1)
        block(page, out).click()
        page.click('[data-act="remove"]')
        expect(page.locator(f'.left-out[data-key="{out}"]')).to_contain_text(
            "has room for it", timeout=PROVED_MS
        )
        page.click(f'.left-out[data-key="{out}"] [data-act="put"]')
        expect(block(page, out)).to_have_count(1)
        block(page, banned).click()
        page.click('[data-act="forbid"]')
        expect(
            page.locator("#timeline .lane[data-van]").nth(0).locator(f'[data-key="{banned}"]')
        ).to_have_count(0)
        page.fill("#save-name", "after the phone call")
        page.click("#save")
        expect(page.locator("#said")).to_contain_text("no rule broken", timeout=PROVED_MS)
        expect(page.locator('.version[aria-pressed="true"]')).to_contain_text("after the phone call")
        expect(page.locator(f'#timeline .is-locked[data-key="{locked}"]')).to_have_count(1)
    with desk.context.engine.connect() as conn:
        row = store.list_plans(conn, desk.stage.district_id, town.DAY)[0]
    assert (row.name, row.violations) == ("after the phone call", 0)
    assert list(row.edits["locks"]) == [locked]
    assert list(row.edits["bans"]) == [banned]


@pytest.mark.browser
def test_one_click_assumes_the_smallest_change_and_the_plan_cannot_be_published_so(desk: Product) -> None:
    district_id = desk.stage.district_id
    t = tables.shift
    with desk.context.engine.begin() as conn:
        early = sa.text("starts + interval '2 hours'")
        conn.execute(t.update().where(t.c.day == town.DAY).values(ends=early))
    plan_day(desk.context, district_id, town.DAY, Wish(seconds=0.5))
    with chromium() as browser, at_desk(browser, desk, may_fail=True) as page:
        page.locator("button.version", has_text="draft").click()
        expect(page.locator("#levels-note")).to_contain_text("against the published plan")
        left = page.locator(".left-out").filter(has=page.locator('[data-act="relax"]')).first
        expect(left).to_be_visible(timeout=PROVED_MS)
        key = str(left.get_attribute("data-key"))
        left.locator('[data-act="relax"]').first.click()
        expect(block(page, key)).to_have_count(1)
        expect(page.locator("#trying-said")).to_contain_text("Not in the registry")
        expect(page.locator("#trying-said .broken")).to_have_count(0)
        page.click("#save")
        expect(page.locator("#said")).to_contain_text("no rule broken", timeout=PROVED_MS)
        page.click("#publish")
        expect(page.locator("#publishing-said")).to_contain_text("what is not in the registry")
        page.click("#publish-go")
        expect(page.locator("#publishing-wrong")).to_contain_text("The plan assumes")


@pytest.mark.browser
def test_why_this_van_is_asked_answered_and_changed_with_the_keyboard_alone(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        key = keys_of(page, 0)[1]
        block(page, key).focus()
        page.keyboard.press("w")
        rows = page.locator("#vans-list .van-bid")
        expect(rows).to_have_count(2, timeout=PROVED_MS)
        expect(rows.first).to_be_focused()
        expect(rows.first).to_contain_text("serves it now")
        expect(page.locator("#vans-title")).to_contain_text("Why ")
        other = rows.nth(1)
        expect(other.locator(".verdict-cost")).to_contain_text("Driving")
        page.keyboard.press("ArrowDown")
        expect(other).to_be_focused()
        van = str(other.get_attribute("data-van"))
        page.keyboard.press("Enter")
        expect(page.locator(f'#timeline .lane[data-van="{van}"] [data-key="{key}"]')).to_have_count(1)
        # The list goes on answering for the stop where it is now; Esc leads back to it.
        expect(page.locator(f'.van-bid.is-here[data-van="{van}"]')).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#vans")).to_be_hidden()
        expect(block(page, key)).to_be_focused()
        page.click('[data-act="lock"]')
        page.click('[data-act="vans"]')
        locked = page.locator(f'.van-bid:not([data-van="{van}"])')
        expect(locked).to_contain_text("locked to other vans")
        locked.locator("button").click()
        expect(page.locator(f'#timeline .lane[data-van="{van}"] [data-key="{key}"]')).to_have_count(0)
        expect(page.locator("#trying-said .broken")).to_have_count(0)


PRESSED = {
    "reload": ("put", "Put in with a reload", "edits: the reload and the visit"),
    "prefix": ("put", "Allow and put in", "fewer stops are held"),
    "equipment": ("relax", "Assume it", "one more unit"),
    "capacity": ("relax", "Assume it", "more cups"),
}
"""By reason, on days small enough to be told by heart: the button's deed and name, and what it does."""


@pytest.mark.browser
def test_buttons_of_quite_different_reasons_let_their_visit_in(database: str, tmp_path: Path) -> None:
    desks = OneDesk()
    with planned(database, tmp_path, desks=desks) as desk, chromium() as browser:
        for code, (deed, name, what) in PRESSED.items():
            desks.lay(desk.stage.district_id, DAYS[code])
            with opened(browser, desk, "planner", PATH, "en-GB") as page:
                left = page.locator('.left-out[data-key="p1"]')
                button = left.locator(f'[data-act="{deed}"]').filter(has_text=name).first
                expect(button, what).to_be_visible(timeout=PROVED_MS)
                button.focus()
                page.keyboard.press("Enter")
                expect(block(page, "p1"), what).to_have_count(1)
                expect(left).to_have_count(0)
                expect(page.locator("#trying-said .broken")).to_have_count(0)
                expect(page.locator("#trying-said .assumed li")).to_have_count(int(deed == "relax"))
                page.keyboard.press("Control+z")
                expect(left, what).to_have_count(1)


@pytest.mark.browser
def test_a_viewer_looks_at_the_desk_and_changes_nothing(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk, "zh-CN", "viewer") as page:
        key = keys_of(page, 0)[0]
        block(page, key).click()
        expect(page.locator("#inspector")).to_contain_text("可开始时段")
        expect(page.locator("#inspector button, #publish, #run, #undo")).to_have_count(0)
        block(page, key).press("m")
        expect(page.locator("#verdict")).to_be_hidden()
        page.fill("#due-filter", "没有这样的地方")
        expect(page.locator("#due-list li")).to_have_count(0)
        page.fill("#due-filter", "")
        page.locator("#timeline .lane-name").last.click()
        expect(page.locator("#stops tbody tr")).not_to_have_count(0)
        page.locator("#levels summary").first.click()
        expect(page.locator("#levels .level").first).to_contain_text("求助")

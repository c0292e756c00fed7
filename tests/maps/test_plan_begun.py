"""What vans have begun stands fast on the desk and in a run from it, in a real browser at noon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from routing import store
from tests.fleet.main.running_town import NOON
from tests.maps.desk import at_desk, block, keys_of, planned
from tests.maps.product import Product
from tests.maps.test_plan_page import run_waiting
from tests.replay.serving import chromium
from tests.routing import town


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Product]:
    with planned(database, tmp_path, NOON) as made:
        yield made


def called(desk: Product, plan_id: int) -> dict[int, list[tuple[int | None, str | None]]]:
    """For each van whom it calls on, in order."""
    with desk.context.engine.connect() as conn:
        stops = store.stops_of(conn, plan_id)
    found: dict[int, list[tuple[int | None, str | None]]] = {}
    for stop in stops:
        if stop.kind in ("visit", "dropoff"):
            found.setdefault(stop.van_id, []).append((stop.recipient_id, stop.name))
    return found


@pytest.mark.browser
def test_what_is_begun_cannot_be_moved_and_a_run_keeps_it_first(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        held = page.locator("#timeline .is-held[data-key]")
        first = keys_of(page, 0)[0]
        expect(page.locator(f'#timeline .is-held[data-key="{first}"]')).to_have_count(1)
        begun = {
            n: page.locator("#timeline .lane[data-van]").nth(n).locator(".is-held[data-key]").count()
            for n in (0, 1)
        }
        assert min(begun.values()) > 1
        assert held.count() < page.locator("#timeline .stop[data-key]").count()
        block(page, first).click()
        expect(page.locator("#inspector")).to_contain_text("it stands fast")
        expect(page.locator("#inspector button")).to_have_count(0)
        block(page, first).press("m")
        expect(page.locator("#verdict")).to_be_hidden()
        block(page, first).press("Delete")
        expect(page.locator("#trying")).to_be_hidden()
        # Another visit goes behind what is begun, however far to the left it is asked.
        last = keys_of(page, 0)[-1]
        block(page, last).press("m")
        for _ in range(60):
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator("#trying-title")).to_contain_text("Edits being tried: 1")
        assert keys_of(page, 0).index(last) == begun[0]
        page.click("#drop-edits")
        # The hour, and how late a crew is that has not said that it came.
        expect(page.locator("#timeline.has-now .now-mark")).to_have_text(re.compile(r"^12:0\d$"))
        expect(page.locator("#timeline .lag").first).to_have_text(re.compile(r"^ ?\d+ min late$"))
        # The next stop is held where it is, with the keyboard, taken back and held again.
        following = keys_of(page, 0)[begun[0]]
        block(page, following).press("h")
        expect(page.locator(f'#timeline .is-first[data-key="{following}"]')).to_be_focused()
        page.keyboard.press("Control+z")
        expect(page.locator("#timeline .is-first[data-key]")).to_have_count(0)
        block(page, following).click()
        page.click('[data-act="hold"]')
        expect(page.locator('[data-act="release"]')).to_be_visible()
        expect(page.locator('[data-act="remove"]')).to_have_count(0)
        # Whoever runs before the draft has been read loses nothing of what it holds.
        reading: list[Route] = []
        draft = re.compile(r"/api/plans/2/desk$")
        page.route(draft, lambda route: reading.append(route))
        page.click("#save")
        expect(page.locator('.version[aria-pressed="true"]')).to_have_attribute("data-status", "draft")
        page.select_option("#seconds", "5")
        page.click("#run")
        expect(page.locator("#job")).to_contain_text("waiting for the planner")
        assert reading
        reading.pop(0).continue_()
        page.unroute(draft)
        expect(page.locator(f'#timeline .is-first[data-key="{following}"]')).to_have_count(1)
        run_waiting(desk)
        expect(page.locator("#said")).to_contain_text("A new plan stands")
        expect(page.locator("#timeline .is-held[data-key]")).to_have_count(sum(begun.values()))
        expect(page.locator(f'#timeline .is-first[data-key="{following}"]')).to_have_count(1)
    begun[0] += 1
    with desk.context.engine.connect() as conn:
        newest = max(row.id for row in store.list_plans(conn, desk.stage.district_id, town.DAY))
        edits = store.find_plan(conn, desk.stage.district_id, newest).edits
    assert list(edits["first"].values()) == [[following]]
    before, after = called(desk, desk.stage.plan_id), called(desk, newest)
    assert newest != desk.stage.plan_id
    for (van, calls), n in zip(sorted(before.items()), (begun[0], begun[1]), strict=True):
        assert after[van][:n] == calls[:n]

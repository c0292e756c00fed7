"""A day with the product, as its people would have it: one demo, a real browser."""

from __future__ import annotations

import re

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.cluster import Cluster
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.database, pytest.mark.browser]
PATIENCE_MS = 60_000
POSITIONS = """() =>
  Object.fromEntries((window.CareVan?.standing?.() ?? []).map((van) => [van.id, [van.lon, van.lat]]))"""
# Each at some time: a call may last an hour.
ALL_MOVED = f"""start => {{
  const now = ({POSITIONS})();
  const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) > 5e-4;
  window.moved ??= new Set();
  for (const id of Object.keys(start)) if (now[id] && far(now[id], start[id])) window.moved.add(id);
  return window.moved.size === 5;
}}"""


def five_vans(page: Page) -> dict[str, list[float]]:
    page.wait_for_function(f"() => Object.keys(({POSITIONS})()).length === 5", timeout=PATIENCE_MS)
    found: dict[str, list[float]] = page.evaluate(POSITIONS)
    return found


def post(page: Page, path: str, body: object = None) -> object:
    """A write as the page's own scripts make it."""
    script = "([path, body]) => import('/static/http.js').then(http => http.post(path, body))"
    return page.evaluate(script, [path, body])


def test_five_vans_move_on_the_platform_screen(dispatcher: Page) -> None:
    expect(dispatcher).to_have_title(re.compile("滨河新区"))
    start = five_vans(dispatcher)
    dispatcher.wait_for_function(ALL_MOVED, arg=start, timeout=5 * PATIENCE_MS)
    expect(dispatcher.locator("#vans > li")).to_have_count(5)
    expect(dispatcher.locator("[data-figure=online] [data-value]")).to_have_text("5")
    expect(dispatcher.locator("#frozen")).to_be_hidden()


def test_a_plan_is_made_looked_at_and_published(planner: Page, demo: Running) -> None:
    planner.goto(f"{demo.address}/plan")
    planner.fill("#day", "2026-07-22")
    planner.select_option("#seconds", "5")
    planner.click("#run")
    expect(planner.locator("#publish")).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(planner.locator("#timeline")).to_contain_text("Van 1", timeout=PATIENCE_MS)
    planner.click("#publish")
    planner.click("#publish-go")
    expect(planner.locator("#versions")).to_contain_text("published", timeout=PATIENCE_MS)


def test_an_sos_is_raised_on_the_map_and_the_best_van_drives_to_it(dispatcher: Page) -> None:
    five_vans(dispatcher)
    dispatcher.click("#raise-sos")
    box = dispatcher.locator(".leaflet-container").first.bounding_box()
    assert box is not None
    dispatcher.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.55)
    dispatcher.fill("#sos-place", "滨河社区")
    dispatcher.click("#sos-fields button[type=submit]")
    call = dispatcher.locator(".call").first
    expect(call).to_contain_text("SOS 滨河社区", timeout=PATIENCE_MS)
    call.get_by_role("button", name="派最近车辆").click()
    expect(call).to_contain_text("已接单", timeout=PATIENCE_MS)
    expect(call).to_contain_text("到达", timeout=2 * PATIENCE_MS)
    expect(dispatcher.locator(".call")).to_have_count(0, timeout=2 * PATIENCE_MS)


def test_a_shared_map_shows_no_name_and_dies_when_revoked(
    dispatcher: Page, browser: Browser, demo: Running
) -> None:
    dispatcher.goto(f"{demo.address}/shares")
    dispatcher.fill("input[name=title]", "社区看车")
    dispatcher.click("form.new button[type=submit]")
    link = dispatcher.locator("#link").inner_text()
    private = browser.new_context(locale="zh-CN")
    guest = private.new_page()
    guest.goto(link)
    expect(guest).to_have_url(f"{demo.address}/shared")
    expect(guest.locator("h1")).to_have_text("社区看车")
    expect(guest.locator("#ended")).to_be_hidden()
    assert not re.search(r"[\u4e00-\u9fff]\*[\u4e00-\u9fff]", guest.content())
    dispatcher.goto(f"{demo.address}/shares")
    dispatcher.get_by_role("button", name="收回").first.click()
    expect(guest.locator("#ended")).to_be_visible(timeout=8_000)
    guest.goto(link)
    expect(guest).not_to_have_url(f"{demo.address}/shared")
    private.close()


def test_the_day_is_played_again(dispatcher: Page, demo: Running) -> None:
    dispatcher.goto(f"{demo.address}/replay?day=2026-07-20")
    head = dispatcher.locator("#head")
    expect(head).to_have_text(re.compile(r"08:3\d:\d\d"), timeout=PATIENCE_MS)
    before = head.inner_text()
    dispatcher.click("[data-speed='60']")
    dispatcher.click("#play")
    expect(head).not_to_have_text(before, timeout=PATIENCE_MS)
    dispatcher.click("#play")


def test_a_screen_is_paired_and_a_tap_made_offline_arrives_later(
    dispatcher: Page, browser: Browser, demo: Running
) -> None:
    # The last of the day: the simulated van gives way to the screen, and would accept no call any more.
    vans = five_vans(dispatcher)
    code = post(dispatcher, f"/api/vans/{max(vans, key=int)}/pairing")
    assert isinstance(code, dict)
    cab = browser.new_context(locale="zh-CN", viewport={"width": 1024, "height": 768})
    screen = cab.new_page()
    screen.goto(f"{demo.address}/terminal")
    for digit in code["code"]:
        screen.click(f"[data-key='{digit}']")
    expect(screen.locator("#moment")).to_be_visible(timeout=PATIENCE_MS)
    cab.set_offline(True)
    # Whatever the crew would tap next, where the simulator has left off.
    moment = screen.get_attribute("#moment", "data-moment")
    screen.click("#moment")
    expect(screen.locator("#sync-unsent")).to_contain_text(re.compile("[1-9]"), timeout=PATIENCE_MS)
    assert taps_of_screens(demo) == []
    cab.set_offline(False)
    expect(screen.locator("#sync-unsent")).to_be_empty(timeout=PATIENCE_MS)
    assert taps_of_screens(demo) == [moment]
    cab.close()


def taps_of_screens(demo: Running) -> list[str]:
    """What crews tapped on screens, as stored."""
    with psycopg.connect(Cluster(demo.home / "pg").url()) as conn:
        rows = conn.execute(
            "SELECT e.kind FROM event e JOIN terminal t ON t.id = e.terminal_id "
            "WHERE t.kind = 'screen' ORDER BY e.t"
        )
        return [row[0] for row in rows]

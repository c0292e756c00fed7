"""The feed in a real browser: cut connections are mended within two seconds, and nothing is missed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from fleet import journal, tables
from tests.maps.product import Product, opened, product
from tests.maps.staging import PASSWORD
from tests.tracking.cutting import severable_beside
from tracking.announcer import FIXES_CHANNEL

_WITHIN_S = 2.0
_PROBE = """async () => {
  const { openFeed } = await import("/static/feed.js");
  window.vans = {};
  window.entries = [];
  window.links = [];
  const onMessage = (told) => {
    if (told.snapshot) window.vans = {};
    for (const row of told.vans) window.vans[row[0]] = row;
    for (const id of told.gone || []) delete window.vans[id];
    for (const { state, body } of told.journal) {
      window.entries.push({ state, late_ms: Date.now() - body.wall_ms });
    }
  };
  window.probe = openFeed({ path: "/ws/live", onMessage, onLink: (link) => window.links.push(link) });
}"""


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


def _happen(here: Product, lon: float) -> int:
    """A van moves and the journal grows; the district's new state."""
    with here.context.engine.begin() as conn:
        conn.execute(tables.van_state.update().values(lon=lon, digest=tables.van_state.c.digest + 10))
        body = {"wall_ms": round(time.time() * 1000)}
        state = journal.raise_state(conn, here.stage.district_id, here.context.clock.now(), "tap", body)
    with psycopg.connect(here.context.database_url, autocommit=True) as conn:
        conn.execute("SELECT pg_notify(%s, '*')", (FIXES_CHANNEL,))
    return state


def _seen(page: Page, state: int) -> None:
    page.wait_for_function("(state) => window.entries.some((entry) => entry.state === state)", arg=state)


@contextmanager
def _at(browser: Browser, address: str) -> Iterator[Page]:
    """A logged in page that may complain: what it was just asking for is cut off too."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/")
    page.fill("[name=login]", "li")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{address}/")
    yield page
    context.close()


@pytest.mark.browser
def test_a_dropped_socket_is_mended_within_two_seconds_and_nothing_is_missed(
    here: Product, chrome: Browser
) -> None:
    behind = here.address.removeprefix("http://")
    with severable_beside(behind) as (address, cut), _at(chrome, f"http://{address}") as page:
        page.evaluate(_PROBE)
        page.wait_for_function("() => window.links.includes('live')")
        first = _happen(here, 116.0)
        _seen(page, first)
        for n in range(1, 6):
            assert cut() >= 1
            _happen(here, 116.0 + n / 1000)
            _seen(page, _happen(here, 116.0 + n / 500))
            page.wait_for_function("(lon) => Object.values(window.vans).every((row) => row[2] === lon)",
                                   arg=round(116.0 + n / 500, 7))  # fmt: skip
        entries: list[dict[str, Any]] = page.evaluate("() => window.entries")
        assert [entry["state"] for entry in entries] == list(range(first, first + 11)), "each once, in order"
        assert max(entry["late_ms"] for entry in entries) < 1000 * _WITHIN_S
        assert page.evaluate("() => window.links") == ["live", *["lost", "live"] * 5]
        expect(page.locator("#frozen")).to_be_hidden()


@pytest.mark.browser
def test_a_van_of_another_district_leaves_the_map(here: Product, chrome: Browser) -> None:
    first, second = here.stage.van_ids
    with opened(chrome, here, "li") as page:
        page.wait_for_function("() => CareVan.standing().length === 2")
        with here.context.engine.begin() as conn:
            other = conn.execute(
                tables.district.insert()
                .values(name="邻区", centre="SRID=4326;POINT(116 36)")
                .returning(tables.district.c.id)
            ).scalar_one()
            conn.execute(tables.van.update().where(tables.van.c.id == second).values(district_id=other))
        page.wait_for_function("() => CareVan.standing().length === 1")
        assert page.evaluate("(id) => Boolean(CareVan.layers.vans.getLayer(`van:${id}`))", first)


@pytest.mark.browser
def test_who_gets_another_role_is_shown_the_page_anew(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li") as page:
        expect(page.locator("#raise-sos")).to_be_visible()
        with here.context.engine.begin() as conn:
            conn.execute(tables.membership.update().values(role="viewer"))
        expect(page.locator("#raise-sos")).to_have_count(0)

"""The van's own screen in a real browser: pairing, taps, and a tap made without network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import outbox, tables, terminals
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.units import ms_of
from maps.terminal import shell_version
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, seed
from tests.replay.serving import chromium, context_on, screens, serving


def plan_body(here: Seeded) -> dict[str, object]:
    """A plan of one stop, as the planner puts it into the outbox."""
    start = ms_of(MORNING)
    stop = {
        **{"id": here.visit_stop, "seq": 1, "kind": "visit", "name": "第二小区"},
        **{"lon": LON + 0.02, "lat": LAT + 0.01, "window": None, "items": {"soup": 2}},
        **{"arrives": start + 600_000, "begins": start + 600_000, "leaves": start + 1_800_000},
        **{"who": "刘*珍", "sugar_free": True, "recipient": here.recipients[0], "beat": None},
    }
    return {
        **{"id": here.plan_id, "day": str(DAY), "version": 1, "stops": [stop], "basis": "road"},
        "shift": {"starts": start, "ends": start + 8 * 3600_000},
        "route": [[LON, LAT], [LON + 0.02, LAT + 0.01]],
        "items": {"soup": {"name": "绿豆汤", "name_en": "Mung-bean soup", "container": "hot"}},
    }


def tapped(context: Context) -> list[str]:
    """Kinds of the stored events, as they were tapped."""
    event = tables.event
    with context.engine.connect() as conn:
        return list(conn.scalars(sa.select(event.c.kind).order_by(event.c.t)))


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    """A context on a fresh database, on a morning."""
    with context_on(database, Clock.opening(MORNING), tmp_path) as made:
        yield made


@pytest.mark.browser
def test_a_day_on_the_vans_screen(context: Context) -> None:
    with context.engine.begin() as conn:
        here = seed(conn)
        outbox.put(conn, here.vans[0], "plan", plan_body(here), MORNING)
        code = terminals.pairing_code(conn, here.terminals[0], wall_now())
    with serving(screens(context)) as url, chromium() as browser:
        window = browser.new_context(
            locale="zh-CN",
            viewport={"width": 1024, "height": 768},
            permissions=["geolocation"],
            geolocation={"longitude": LON, "latitude": LAT},
        )
        page = window.new_page()
        page.goto(f"{url}/terminal")
        for digit in code:
            page.click(f"[data-key='{digit}']")
        expect(page.locator("#name")).to_have_text("第二小区")
        expect(page.locator("#who")).to_have_text("刘*珍 · 无糖")
        expect(page.locator("#distance")).to_have_text("2.1 km")
        page.click("#moment")
        expect(page.locator("#moment")).to_have_text("到达")

        with context.engine.begin() as conn:
            task = {"id": "sos:12", "kind": "sos", "place": "滨河社区", "who": "张*", "lon": LON, "lat": LAT}
            outbox.put(
                conn, here.vans[0], "task", {**task, "eta_s": 240, "called_at": ms_of(MORNING)}, MORNING
            )
        page.click("#sos-accept")
        expect(page.locator("#name")).to_have_text("滨河社区")
        with context.engine.begin() as conn:
            outbox.put(conn, here.vans[0], "withdraw", {"task": "sos:12"}, MORNING)
        expect(page.locator("#sos")).to_be_hidden()

        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        expect(page.locator("#sync")).to_have_attribute("data-tone", "live")
        window.set_offline(True)
        page.click("#moment")
        expect(page.locator("#moment")).to_have_text("开始")
        page.reload()
        expect(page.locator("#name")).to_have_text("第二小区")
        expect(page.locator("#moment")).to_have_text("开始")
        expect(page.locator("#sync-unsent")).to_contain_text("待发")
        assert "arrived" not in tapped(context)
        window.set_offline(False)
        expect(page.locator("#sync-unsent")).to_have_text("", timeout=20_000)
        assert tapped(context) == ["departed", "accepted", "arrived"]
        with context.engine.connect() as conn:
            assert conn.scalar(sa.select(sa.func.count()).select_from(tables.fix)) or 0 > 0
            seen = conn.execute(sa.select(tables.terminal_seen.c.plan, tables.terminal_seen.c.seq)).one()
        assert tuple(seen) == (1, 3)
        window.close()


def test_the_shell_can_be_installed(context: Context) -> None:
    import httpx

    with serving(screens(context)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        manifest = json.loads(client.get("/terminal/manifest.webmanifest").text)
        assert (manifest["start_url"], manifest["display"]) == ("/terminal", "standalone")
        worker = client.get("/terminal/sw.js")
        assert worker.headers["service-worker-allowed"] == "/terminal"
        assert shell_version() in worker.text
        for name in ("app", "clock", "day", "food", "geo", "ids", "link", "pairing", "route", "sender"):
            assert client.get(f"/static/terminal/{name}.js").status_code == 200
        english = client.get("/terminal", headers={"Accept-Language": "en"}).text
        assert "Pair this screen with a van" in english

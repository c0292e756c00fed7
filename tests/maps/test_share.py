"""A link in a private window: entered, watched, revoked, dead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from fleet.clock import Clock
from fleet.session import COOKIE
from tests.replay.seeding import LAT, LON, MORNING, add_fixes, seed
from tests.replay.serving import chromium, context_on, log_in, screens, serving


@pytest.mark.browser
def test_a_link_is_shared_watched_and_revoked(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING + timedelta(minutes=2)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            track = [(MORNING + timedelta(seconds=n), LON - 0.02, LAT) for n in range(0, 400, 20)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
        session = log_in(context.engine, here.account_id, here.district_id, "dispatcher")
        with serving(screens(context)) as url, chromium() as browser:
            desk = browser.new_context(locale="zh-CN")
            desk.add_cookies([{"name": COOKIE, "value": session, "url": url}])
            page = desk.new_page()
            page.goto(f"{url}/shares")
            page.fill("[name=title]", "家属看车")
            page.click("form.new button")
            link = page.locator("#link").inner_text()

            private = browser.new_context(locale="zh-CN")
            guest = private.new_page()
            guest.goto(link)
            assert guest.url == f"{url}/shared"
            expect(guest.locator("h1")).to_have_text("家属看车")
            expect(guest.locator(".van")).to_have_count(1)
            expect(guest.locator("#clock")).to_contain_text("08:31")
            html = guest.content()
            assert link.rsplit("/", 1)[1] not in html
            assert not any(name in html for name in ("刘淑珍", "刘*珍", "张三"))
            (cookie,) = private.cookies()
            assert cookie["httpOnly"]

            page.goto(f"{url}/shares")
            expect(page.locator("td.count")).to_have_text("1")
            page.click("td button")
            expect(page.locator(".standing-revoked")).to_be_visible()
            expect(guest.locator("#ended")).to_be_visible(timeout=5000)
            expect(guest.locator(".van")).to_have_count(0)
            guest.reload()
            expect(guest.locator("body")).to_contain_text("链接")
            desk.close()
            private.close()


def test_shares_are_the_dispatchers(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        viewer = log_in(context.engine, here.account_id, here.district_id, "viewer")
        with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
            assert client.get("/shares").status_code == 401
            assert client.get("/shared").status_code == 404
            assert client.get("/s/" + "x" * 32).status_code == 404
            client.cookies.set(COOKIE, viewer)
            assert client.get("/shares").status_code == 403
            answer = client.post(
                "/shares", data={"title": "x", "hours": 2, "delay_s": 60}, headers={"Origin": url}
            )
            assert answer.status_code == 403

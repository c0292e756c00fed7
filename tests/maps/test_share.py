"""A link in a private window: entered, watched, revoked, dead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from fleet.clock import Clock
from fleet.session import COOKIE, csrf_for
from maps.share import FLASH
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
            # The link is shown this once; a reload makes no second share.
            page.reload()
            expect(page.locator("td.count")).to_have_count(1)
            expect(page.locator("#link")).to_have_count(0)

            private = browser.new_context(locale="zh-CN")
            guest = private.new_page()
            guest.goto(link)
            assert guest.url == f"{url}/shared"
            expect(guest.locator("h1")).to_have_text("家属看车")
            guest.wait_for_function("() => CareVan.standing().length === 1")
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
            guest.wait_for_function("() => CareVan.standing().length === 0")
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


def test_a_new_link_is_shown_to_the_session_that_made_it_and_once(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        own, other = (log_in(context.engine, here.account_id, here.district_id, "dispatcher") for _ in "ab")
        with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
            client.cookies.set(COOKIE, own)
            form = {"title": "x", "hours": 2, "delay_s": 60, "csrf_token": csrf_for(context, own)}
            made = client.post("/shares", data=form, headers={"Origin": url})
            assert (made.status_code, made.headers["location"]) == (303, "/shares")
            assert "/s/" not in made.text
            flash = made.cookies[FLASH]
            # The client has kept the cookie, as a browser does; the page that shows the link takes it away.
            token = flash.partition(".")[0]
            assert f"{url}/s/{token}" in client.get("/shares").text
            assert 'id="link"' not in client.get("/shares").text
            for session, cookie in ((other, flash), (own, f"{token}.forged"), (own, "")):
                client.cookies = httpx2.Cookies({COOKIE: session, FLASH: cookie})
                page = client.get("/shares")
                assert (page.status_code, 'id="link"' in page.text) == (200, False)

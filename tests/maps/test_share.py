"""A link in a private window: entered, watched, revoked, dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import accounts, tables
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.session import COOKIE
from maps import share_store
from maps.scope import Scope
from maps.share_store import NewShare
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add_fixes, seed
from tests.replay.serving import chromium, context_on, log_in, screens, serving

STANDING = "(n) => CareVan.standing().length === n"


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
            # Changed by keyboard: the open map follows, the address stays.
            page.locator("a.change").press("Enter")
            expect(page.locator("[name=title]")).to_have_value("家属看车")
            page.fill("[name=title]", "邻居看车")
            page.locator("[name=title]").press("Enter")
            expect(page.locator("td.count")).to_have_count(1)
            expect(guest.locator("h1")).to_have_text("邻居看车", timeout=8000)
            guest.wait_for_function("() => CareVan.standing().length === 1")
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


PASSWORD = "Red-melon-7"


@contextmanager
def behind_a_password(database: str, home: Path) -> Iterator[tuple[str, str, Context, Seeded]]:
    """A served link that asks for a password: the server's address, the link's path."""
    with context_on(database, Clock.opening(MORNING), home) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            wanted = NewShare(
                here.district_id, "家属看车", Scope(60), here.account_id, wall_now() + timedelta(hours=1),
                accounts.hash_password(PASSWORD),
            )  # fmt: skip
            _, token = share_store.create(conn, wanted, wall_now())
        with serving(screens(context)) as url:
            yield url, f"/s/{token}", context, here


def views(context: Context, here: Seeded) -> int:
    with context.engine.connect() as conn:
        return share_store.list_of(conn, here.district_id)[0].views


@pytest.mark.browser
def test_a_password_lets_a_guest_in_and_a_wrong_one_is_told(database: str, tmp_path: Path) -> None:
    with behind_a_password(database, tmp_path) as (url, path, context, here), chromium() as browser:
        private = browser.new_context(locale="zh-CN")
        guest = private.new_page()
        guest.goto(url + path)
        expect(guest.locator("h1")).to_have_text("家属看车")
        expect(guest.locator("body")).not_to_contain_text("号车")
        guest.fill("[name=password]", "Red-melon-8")
        guest.click("button[type=submit]")
        expect(guest.locator("[role=alert]")).to_have_text("密码不正确，请核对，或向发送链接的人索取。")
        assert private.cookies() == []
        assert views(context, here) == 0
        guest.fill("[name=password]", PASSWORD)
        guest.click("button[type=submit]")
        guest.wait_for_url(f"{url}/shared")
        expect(guest.locator("#clock")).to_contain_text("08:")
        assert views(context, here) == 1
        private.close()
        with context.engine.connect() as conn:
            kept = conn.execute(sa.select(tables.audit.c.action, tables.audit.c.result)).all()
        assert kept == [("share.view", "refused"), ("share.view", "done")]


def test_too_many_wrong_passwords_lock_the_map_and_let_those_inside_stay(
    database: str, tmp_path: Path
) -> None:
    with (
        behind_a_password(database, tmp_path) as (url, path, context, here),
        httpx2.Client(base_url=url, trust_env=False, headers={"Accept-Language": "en"}) as client,
    ):
        inside = client.post(path, data={"password": PASSWORD}, headers={"Origin": url})
        assert (inside.status_code, inside.headers["location"]) == (303, "/shared")
        said = [client.post(path, data={"password": f"wrong-{n}"}) for n in range(12)]
        assert [each.status_code for each in said] == [401] * 9 + [429] * 3
        assert "The password is wrong." in said[0].text
        assert "Too many wrong passwords. Try again in 15 min." in said[-1].text
        assert client.post(path, data={"password": PASSWORD}).status_code == 429
        assert views(context, here) == 1
        assert client.get("/shared").status_code == 200
        assert (
            client.post(path, data={"password": PASSWORD}, headers={"Origin": "http://x.test"}).status_code
            == 403
        )
        assert client.post("/s/" + "x" * 32, data={"password": PASSWORD}).status_code == 404


def test_an_office_looks_on_from_one_address_while_guesses_are_few(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            wanted = NewShare(
                here.district_id, "x", Scope(60), here.account_id, wall_now() + timedelta(hours=1)
            )
            _, token = share_store.create(conn, wanted, wall_now())
        with serving(screens(context)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
            assert {client.get(f"/s/{token}").status_code for _ in range(200)} == {303}
            assert views(context, here) == 200
            guessed = [client.get(f"/s/{n:032}").status_code for n in range(100)]
            assert set(guessed) == {404, 429}
            assert 60 <= guessed.count(404) < 100


@pytest.mark.browser
def test_a_day_that_is_over_is_played_by_guests(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(MORNING + timedelta(days=1)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            track = [(MORNING + timedelta(seconds=n), LON - 0.02 - n * 1e-6, LAT) for n in range(0, 3600, 20)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
            scope = Scope(60, day=DAY, hour_from=8, hour_to=12)
            wanted = NewShare(
                here.district_id, "昨天", scope, here.account_id, wall_now() + timedelta(hours=1)
            )
            _, token = share_store.create(conn, wanted, wall_now())
        with serving(screens(context)) as url, chromium() as browser:
            guest = browser.new_page(locale="zh-CN")
            guest.goto(f"{url}/s/{token}")
            guest.wait_for_function(STANDING, arg=1)
            expect(guest.locator("#clock")).to_have_text("08:30:00")
            expect(guest.locator(".when")).to_have_text("2026-07-22 08:00–12:00")
            guest.locator("#at").press("ArrowRight")
            expect(guest.locator("#clock")).to_have_text("08:31:00")
            guest.click("#run")
            expect(guest.locator("#run")).to_have_text("暂停")
            expect(guest.locator("#clock")).not_to_have_text("08:31:00")
            guest.click("#run")
            guest.locator("#at").press("End")
            expect(guest.locator("#clock")).to_have_text("11:59:00")
            guest.wait_for_function(STANDING, arg=0)
            with context.engine.begin() as conn:
                share_store.revoke(conn, here.district_id, 1, wall_now())
            expect(guest.locator("#ended")).to_be_visible(timeout=5000)

"""One state on all screens: each shows what it has drawn; one that is held back is told of on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Route, WebSocketRoute, expect

from fleet import journal, outbox, tables, terminals
from fleet.clock import wall_now
from maps import screens
from maps.scope import Scope
from maps.share_store import NewShare, create
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.staging import NOW

_BEHIND = re.compile("落后 (5|6|7|8|9|1[0-9]) 秒")


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


class Held:
    """Messages and requests that wait until they are let go."""

    def __init__(self) -> None:
        self.holds = False
        self._waiting: list[Route] = []
        self._unsaid: list[str | bytes] = []
        self._socket: WebSocketRoute | None = None

    def request(self, route: Route) -> None:
        """A request of the page."""
        if self.holds:
            self._waiting.append(route)
        else:
            route.continue_()

    def socket(self, ws: WebSocketRoute) -> None:
        """A socket of the page: what it says goes on, what it is told may wait."""
        self._socket = ws
        server = ws.connect_to_server()
        server.on_message(lambda said: self._unsaid.append(said) if self.holds else ws.send(said))

    def let_go(self) -> None:
        """All of it, in order."""
        self.holds = False
        for route in self._waiting:
            route.continue_()
        for said in self._unsaid:
            assert self._socket is not None
            self._socket.send(said)
        self._waiting, self._unsaid = [], []


@contextmanager
def van_screen(browser: Browser, here: Product, held: Held) -> Iterator[Page]:
    """The first van's own screen, paired."""
    with here.context.engine.begin() as conn:
        terminal_id = terminals.register(
            conn, here.stage.district_id, here.stage.van_ids[0], "S1", kind="screen", now=NOW
        )
        code = terminals.pairing_code(conn, terminal_id, wall_now())
    window = browser.new_context(
        locale="zh-CN",
        viewport={"width": 1024, "height": 768},
        permissions=["geolocation"],
        geolocation={"longitude": staging.CENTRE[0], "latitude": staging.CENTRE[1]},
    )
    page = window.new_page()
    page.route_web_socket("**/terminal/ws", held.socket)
    page.goto(f"{here.address}/terminal")
    for digit in code:
        page.click(f"[data-key='{digit}']")
    yield page
    window.close()


def raise_state(here: Product, *, plan: bool = False) -> int:
    """The district goes on; with a plan, that is on its way to the first van too."""
    now = here.context.clock.now()
    with here.context.engine.begin() as conn:
        if plan:
            outbox.put(conn, here.stage.van_ids[0], "say", {"text": "去食堂"}, now)
        return journal.raise_state(conn, here.stage.district_id, now, "tap", {"tap": "done"})


def test_who_is_behind_is_counted_from_the_first_state_that_is_missing(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    terminal_id = terminals.register(conn, stage.district_id, stage.van_ids[0], "S1", kind="screen", now=NOW)
    seen = {"terminal_id": terminal_id, "at": NOW, "state": 1}
    conn.execute(tables.terminal_seen.insert().values(seen))
    for n in (20, 8, 1):
        journal.raise_state(conn, stage.district_id, NOW - timedelta(seconds=n), "tap", {})
    found = screens.told(screens.read(conn, stage.district_id, 3, NOW), lambda s: s / 2)
    assert (found["state"], found["behind_s"]) == (4, 0.5)
    assert found["vans"] == [{"id": stage.van_ids[0], "state": 1, "behind_s": 10.0}]
    assert screens.told(screens.read(conn, stage.district_id, 4, NOW), float)["behind_s"] == 0
    assert journal.standing(conn, stage.district_id, NOW - timedelta(seconds=5)) == 3


@pytest.mark.browser
def test_all_screens_show_the_state_that_they_have_drawn(here: Product, chrome: Browser) -> None:
    with here.context.engine.begin() as conn:
        account = conn.scalar(sa.select(tables.account.c.id).limit(1))
        assert account is not None
        ends = wall_now() + timedelta(hours=1)
        _, token = create(conn, NewShare(here.stage.district_id, "车辆", Scope(1), account, ends), wall_now())
    with opened(chrome, here, "li") as office, van_screen(chrome, here, Held()) as van:
        guests = chrome.new_context(locale="zh-CN")
        guest = guests.new_page()
        guest.goto(f"{here.address}/s/{token}")
        state = raise_state(here, plan=True)
        expect(office.locator("#state")).to_contain_text(f"状态 {state}")
        expect(van.locator("#sync-state")).to_have_text(f" {state}")
        expect(van.locator("#note-text")).to_have_text("去食堂")
        expect(van.locator("#office")).to_be_hidden()
        # A guest is told the number as of the last whole five minutes: it does not tell when a crew taps.
        expect(guest.locator("#state")).to_have_text("状态 1")
        expect(office.locator("#behind")).to_be_hidden()
        expect(office.locator("#lagging")).to_be_hidden()
        guests.close()


@pytest.mark.browser
def test_a_van_screen_that_is_held_back_is_told_of_there_and_at_the_office(
    here: Product, chrome: Browser
) -> None:
    held = Held()
    with opened(chrome, here, "li") as office, van_screen(chrome, here, held) as van:
        state = raise_state(here)
        expect(van.locator("#sync-state")).to_have_text(f" {state}")
        held.holds = True
        state = raise_state(here, plan=True)
        expect(office.locator("#state")).to_contain_text(f"状态 {state}")
        expect(van.locator("#sync-word")).to_have_text(_BEHIND, timeout=15_000)
        expect(office.locator("#lagging")).to_have_text(re.compile(r"1号车 \d+ 秒"), timeout=15_000)
        expect(van.locator("#sync-state")).to_have_text(f" {state - 1}")
        held.let_go()
        expect(van.locator("#sync-word")).to_have_text("已同步")
        expect(van.locator("#sync-state")).to_have_text(f" {state}")
        expect(office.locator("#lagging")).to_be_hidden(timeout=15_000)


@pytest.mark.browser
def test_a_platform_screen_that_is_held_back_says_so(here: Product, chrome: Browser) -> None:
    held = Held()
    with opened(chrome, here, "li") as office:
        office.route(re.compile("/api/(board|map)$"), held.request)
        state = raise_state(here)
        expect(office.locator("#state")).to_contain_text(f"状态 {state}")
        held.holds = True
        newer = raise_state(here)
        expect(office.locator("#behind")).to_contain_text(f"状态 {newer}", timeout=15_000)
        expect(office.locator("#behind")).to_contain_text(_BEHIND)
        expect(office.locator("#state")).to_contain_text(f"状态 {state}")
        held.let_go()
        expect(office.locator("#state")).to_contain_text(f"状态 {newer}")
        expect(office.locator("#behind")).to_be_hidden()


@pytest.mark.browser
def test_a_van_is_told_when_no_platform_screen_shows_what_it_shows(here: Product, chrome: Browser) -> None:
    held = Held()
    with van_screen(chrome, here, Held()) as van:
        expect(van.locator("#office")).to_have_text("没有平台屏幕打开")
        with opened(chrome, here, "li") as office, opened(chrome, here, "planner") as other:
            expect(van.locator("#office")).to_be_hidden()
            for page in (office, other):
                page.route(re.compile("/api/(board|map)$"), held.request)
            held.holds = True
            state = raise_state(here)
            expect(van.locator("#sync-state")).to_have_text(f" {state}")
            expect(van.locator("#office")).to_have_text(
                re.compile(r"平台画面停在 10:4\d:\d\d，落后 \d+ 秒"), timeout=15_000
            )
            expect(van.locator("#sync-word")).to_have_text("已同步")
            expect(other.locator("#lagging")).to_have_text(
                re.compile(r"李\*国的平台屏 \d+ 秒"), timeout=15_000
            )
            held.let_go()
            expect(van.locator("#office")).to_be_hidden()
            expect(other.locator("#lagging")).to_be_hidden(timeout=15_000)

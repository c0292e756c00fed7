"""The terminals' page in a real browser, and who may do what there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from fleet import tables, terminals
from fleet.accounts import Role
from fleet.keys import secret_as_typed
from fleet.main import health
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.test_roster import seed
from tracking.protocol import SUBPROTOCOL

__all__ = ["seed"]


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        with made.context.engine.begin() as conn:
            staging.put_login(conn, made.stage.district_id, "boss", "赵敏", "administrator")
        yield made


@pytest.fixture
def ids(here: Product) -> dict[str, int]:
    """Terminals in every state, by code."""
    with here.context.engine.begin() as conn:
        return seed(conn, here.stage)


def shown(page: Page) -> list[str]:
    """The codes listed, in order."""
    return page.locator("#rows .code button").all_inner_texts()


def audited(here: Product) -> list[tuple[str, str]]:
    a = tables.audit
    with here.context.engine.connect() as conn:
        rows = conn.execute(
            sa.select(a.c.action, a.c.object).where(a.c.action.like("terminal.%")).order_by(a.c.id)
        )
        return [(row.action, row.object) for row in rows]


@pytest.mark.browser
def test_the_list_says_states_three_ways_and_counts_on(
    here: Product, ids: dict[str, int], chrome: Browser
) -> None:
    with opened(chrome, here, "boss", "/terminals") as page:
        expect(page.locator("#rows tr")).to_have_count(6)
        device = page.locator(f"[data-terminal='{ids['v1-jt']}']")
        expect(device.locator(".state-word")).to_have_text("滞后")
        expect(device.locator(".state-word")).to_have_class(re.compile("state-stale"))
        assert device.locator(".state-word svg path").count() == 1
        expect(device.locator(".heard")).to_have_text(re.compile(r"^[23] 分钟前$"))
        expect(device.locator(".lag")).to_have_text("22 秒")
        expect(device.locator(".offset")).to_have_text("⚠ ≥ +35 秒")
        expect(device.locator(".refused")).to_have_text("3")
        screen = page.locator(f"[data-terminal='{ids['v1-screen']}']")
        expect(screen.locator(".drawn")).to_have_text("计划 3 · 状态 1")
        assert not screen.locator(".offset.is-warn").count()
        other = page.locator(f"[data-terminal='{ids['v2-screen']}']")
        expect(other.locator(".state-word")).to_have_text("无信号")
        expect(other.locator(".offset")).to_have_text("⚠ −60 分钟")
        expect(other.locator(".drawn")).to_have_text("计划 2 · 状态 0，落后 1")
        expect(page.locator(f"[data-terminal='{ids['v2-jt']}'] .state-word")).to_have_text("从未上报")
        expect(page.locator(f"[data-terminal='{ids['v1-phone']}'] .state-word")).to_have_text("已停用")
        # What nobody renews grows old by itself.
        phone = page.locator(f"[data-terminal='{ids['v2-phone']}'] .heard")
        before = phone.inner_text()
        expect(phone).not_to_have_text(before, timeout=10_000)


@pytest.mark.browser
def test_every_page_is_one_tap_away_on_a_phone(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "boss", "/terminals", locale="en-GB") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        out = "() => [...document.querySelectorAll('.masthead *')].filter((one) => one.checkVisibility()"
        out += " && one.getBoundingClientRect().right > innerWidth).map((one) => one.textContent.trim())"
        assert page.evaluate(out) == []


@pytest.mark.browser
def test_filter_and_order_stand_in_the_address_and_the_keys_work(
    here: Product, ids: dict[str, int], chrome: Browser
) -> None:
    with opened(chrome, here, "boss", "/terminals", locale="en-GB") as page:
        expect(page.locator("#rows tr")).to_have_count(6)
        page.click("[data-sort=lag]")
        assert shown(page)[0] == "v2-screen"
        expect(page.locator("[data-column=lag]")).to_have_attribute("aria-sort", "descending")
        page.keyboard.press("/")
        page.keyboard.type("v1- VAN")
        expect(page.locator("#rows tr")).to_have_count(3)
        page.locator("[data-state=stale]").click()
        expect(page.locator("#rows tr")).to_have_count(1)
        assert page.url.endswith("/terminals?q=v1-+VAN&state=stale&sort=-lag")
        page.reload()
        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#filter")).to_have_value("v1- VAN")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("#detail-title")).to_have_text("Van 1 · v1-jt")
        expect(page.locator("#refusals tr")).to_have_count(3)
        expect(page.locator("#refusals tr").first).to_contain_text("No such place on Earth")
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()
        page.fill("#filter", "nothing is called so")
        expect(page.locator("#empty")).to_contain_text("No terminal is like that.")
        page.click("#empty button")
        expect(page.locator("#rows tr")).to_have_count(6)
        assert page.url.endswith("/terminals?sort=-lag")


@pytest.mark.browser
def test_an_empty_list_says_what_to_do(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "boss", "/terminals") as page:
        expect(page.locator("#empty")).to_contain_text("carevan van add")


@pytest.mark.browser
def test_an_administrator_renews_and_disables_in_two_clicks(
    here: Product, ids: dict[str, int], chrome: Browser
) -> None:
    with opened(chrome, here, "boss", "/terminals") as page:
        page.locator(f"[data-terminal='{ids['v1-screen']}'] .code button").click()
        act = page.locator("[data-act=token]")
        act.click()
        expect(act).to_have_text("确认更换，旧密钥即刻失效")
        assert audited(here) == [], "one click asks only"
        act.click()
        expect(page.locator("#secret")).to_be_visible()
        token = page.locator("#secret-text").inner_text()
        with here.context.engine.connect() as conn:
            known = terminals.by_token(conn, token)
        assert known is not None and known.id == ids["v1-screen"]
        page.click("#detail-close")
        assert token not in page.content(), "it is shown once"

        page.locator(f"[data-terminal='{ids['v1-screen']}'] .code button").click()
        page.locator("[data-act=revoke]").click()
        page.locator("[data-act=revoke]").click()
        expect(page.locator(f"[data-terminal='{ids['v1-screen']}'] .state-word")).to_have_text("已停用")
        expect(page.locator("[data-act=revoke]")).to_have_count(0)
    thing = f"terminal:{ids['v1-screen']}"
    assert audited(here) == [("terminal.token", thing), ("terminal.revoke", thing)]
    with here.context.engine.connect() as conn:
        assert terminals.by_token(conn, token) is None


@pytest.mark.browser
def test_the_registration_window_is_opened_and_its_end_shown(
    here: Product, ids: dict[str, int], chrome: Browser
) -> None:
    t = tables.terminal
    with here.context.engine.begin() as conn:
        conn.execute(t.update().where(t.c.id == ids["v1-jt"]).values(hardware_id="13912345678"))
    with opened(chrome, here, "boss", "/terminals", locale="en-GB") as page:
        page.locator(f"[data-terminal='{ids['v1-jt']}'] .code button").click()
        expect(page.locator("[data-act=token]")).to_have_count(0)
        page.locator("[data-act=enrolment]").click()
        page.locator("[data-act=enrolment]").click()
        expect(page.locator("#said")).to_contain_text(re.compile(r"may register once until \d\d:\d\d"))
    assert audited(here) == [("terminal.enrolment", f"terminal:{ids['v1-jt']}")]
    with here.context.engine.connect() as conn:
        assert conn.scalar(sa.select(t.c.enrol_until).where(t.c.id == ids["v1-jt"])) is not None


@pytest.mark.browser
def test_a_device_without_its_number_is_told_what_is_missing(
    here: Product, ids: dict[str, int], chrome: Browser
) -> None:
    window = chrome.new_context(locale="en-GB")
    page = window.new_page()
    page.goto(f"{here.address}/login?next=/terminals")
    page.fill("[name=login]", "boss")
    page.fill("[name=password]", staging.PASSWORD)
    page.click("button[type=submit]")
    page.locator(f"[data-terminal='{ids['v1-jt']}'] .code button").click()
    page.locator("[data-act=enrolment]").click()
    page.locator("[data-act=enrolment]").click()
    expect(page.locator("#said")).to_contain_text("Add the device with its number first")
    window.close()


@pytest.mark.browser
def test_screens_say_when_positions_cannot_be_stored_and_when_they_can_again(
    here: Product, ids: dict[str, int], chrome: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "STALLED_S", 0.3)
    with here.context.engine.begin() as conn:
        token = terminals.issue_token(conn, ids["v1-screen"])
    door = here.address.replace("http", "ws", 1) + "/terminal/ws"
    with (
        opened(chrome, here, "boss", "/terminals") as listed,
        opened(chrome, here, "boss") as wall,
        connect(door, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as ws,
        psycopg.connect(here.context.database_url) as somebody,
    ):
        t = round(staging.NOW.timestamp() * 1000)
        ws.send(json.dumps({"hello": {"token": token}}))
        ws.send(json.dumps({"n": 1, "fix": {"t": t, "lon": 116.0, "lat": 36.4}}))
        while json.loads(ws.recv(timeout=20)).get("ack") != 1:
            pass
        for page in (listed, wall):
            expect(page.locator("#trouble")).to_be_hidden()
        somebody.execute(f"LOCK TABLE fix_{staging.DAY:%Y%m%d} IN ACCESS EXCLUSIVE MODE".encode())
        ws.send(json.dumps({"n": 2, "fix": {"t": t + 1000, "lon": 116.0, "lat": 36.4}}))
        for page in (listed, wall):
            expect(page.locator("#trouble")).to_be_visible(timeout=15_000)
            expect(page.locator("#trouble")).to_have_text(
                "数据库写入受阻，车辆数据暂存在内存，恢复后自动入库。"
            )
        somebody.rollback()
        for page in (listed, wall):
            expect(page.locator("#trouble")).to_be_hidden(timeout=15_000)


def test_the_list_is_the_dispatchers_and_acting_the_administrators(
    here: Product, ids: dict[str, int]
) -> None:
    roles: tuple[Role, ...] = ("viewer", "dispatcher", "planner", "administrator")
    with here.context.engine.begin() as conn:
        for role in roles:
            staging.put_login(conn, here.stage.district_id, f"a-{role}", role, role)
    paths = [f"/api/terminals/{ids['v1-screen']}/{act}" for act in ("token", "revoke")]
    for role in roles:
        with httpx2.Client(
            base_url=here.address, trust_env=False, headers={"Origin": here.address}
        ) as client:
            client.post("/login", data={"login": f"a-{role}", "password": staging.PASSWORD})
            may_look = role != "viewer"
            for path in ("/terminals", "/api/terminals", f"/api/terminals/{ids['v1-jt']}/refusals"):
                assert client.get(path).status_code == (200 if may_look else 403), (role, path)
            nav = client.get("/", headers={"Accept": "text/html"}).text
            assert ('href="/terminals"' in nav) is may_look
            csrf = re.search(r'name="csrf" content="(\w+)"', nav)
            assert csrf
            for path in paths:
                assert client.post(path).status_code == 403, "no write without the page's token"
                answer = client.post(path, headers={"X-CSRF-Token": csrf[1]})
                assert answer.is_success is (role == "administrator"), (role, path)
            if role == "administrator":
                device = f"/api/terminals/{ids['v1-jt']}/token"
                assert client.post(device, headers={"X-CSRF-Token": csrf[1]}).status_code == 422
                phone = f"/api/terminals/{ids['v2-phone']}/token"
                secret = client.post(phone, headers={"X-CSRF-Token": csrf[1]}).json()["token"]
                with here.context.engine.connect() as conn:
                    known = terminals.by_token(conn, secret_as_typed(secret))
                assert known is not None and known.code == "v2-phone"
                lost = client.post("/api/terminals/999999/revoke", headers={"X-CSRF-Token": csrf[1]})
                assert lost.status_code == 404

"""The alerts' page and the screen's feed in a real browser, and who may do what there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import journal, registry, tables
from fleet.accounts import Role
from fleet.clock import wall_now
from fleet.main.alarming import Watch
from maps import share_store, share_tries
from maps.scope import Scope
from maps.share_store import NewShare
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.staging import DAY, NOW, Stage
from tracking import alert_books, alert_store
from tracking.alarm_rules import DEFAULTS
from tracking.alert_store import Stored


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True, more=seed) as made:
        yield made


def seed(conn: sa.Connection, stage: Stage) -> None:
    """Facts of which the watch makes an urgent alert, a warning, and one that was found afterwards."""
    district_id, (first, second) = stage.district_id, stage.van_ids
    urgent = replace(DEFAULTS["device_alarm"], severity="high")
    for rule in (urgent, DEFAULTS["two_sockets"]):
        staging.set_rule(conn, district_id, rule, enabled=True)
    staging.put_tap(conn, first, "alarm", NOW - timedelta(minutes=1), alarm="fatigue")
    staging.put_tap(conn, second, "alarm", NOW - timedelta(minutes=50), alarm="overspeed")
    journal.raise_state(
        conn, district_id, NOW, "alert", {"code": "two_sockets", "terminal": 1, "van": second}
    )


def stored(made: Product) -> dict[str, Stored]:
    """What is kept, by what it is about."""
    with made.context.engine.connect() as conn:
        span = NOW - timedelta(days=1), NOW + timedelta(days=1)
        found = alert_store.between(conn, made.stage.district_id, span)
    return {str(each.body.get("alarm", each.code)): each for each in found}


def audited(made: Product, like: str) -> list[str]:
    a = tables.audit
    with made.context.engine.connect() as conn:
        rows = conn.execute(sa.select(a.c.action, a.c.object).where(a.c.action.like(like)).order_by(a.c.id))
        return [row.action for row in rows]


@pytest.mark.browser
def test_the_feed_of_the_screen_acknowledges_and_shelves(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li") as page, opened(chrome, here, "planner") as other:
        late = page.locator("#alerts li", has_text="设备报警")
        expect(late.locator(".sign")).to_have_attribute("aria-label", "重要")
        expect(page.locator("#alerts li").first).to_contain_text("设备报警：疲劳驾驶")
        late.locator("[data-act=ack]").click()
        expect(late).to_contain_text("李*国 已确认")
        expect(late.locator("[data-act=ack]")).to_have_count(0)
        expect(other.locator("#alerts li", has_text="设备报警")).to_contain_text("已确认", timeout=15_000)
        twins = page.locator("#alerts li", has_text="两个屏幕")
        twins.locator("[data-act=shelve]").select_option("60")
        expect(twins).to_contain_text(re.compile(r"搁置至 11:4\d"))
        twins.locator("[data-act=unshelve]").click()
        expect(twins.locator("[data-act=shelve]")).to_be_visible()
        assert not page.locator("#alerts", has_text="设备报警：超速").count(), "found afterwards: no news"
    kept = stored(here)
    assert (kept["fatigue"].acked_by, kept["two_sockets"].shelved_until) == ("李建国", None)
    assert audited(here, "alert.%") == ["alert.acknowledged", "alert.shelved", "alert.unshelved"]


@pytest.mark.browser
def test_the_page_lists_what_stands_what_is_shelved_and_the_day(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "planner", "/alerts", locale="en-GB") as page:
        expect(page.locator("#open li")).to_have_count(2)
        expect(page.locator("#history tr")).to_have_count(3)
        expect(page.locator("#history tr", has_text="too fast")).to_contain_text("found afterwards")
        page.locator("#open li", has_text="driver tired").locator("[data-act=shelve]").select_option("shift")
        expect(page.locator("#shelved li")).to_contain_text("shelved until 16:30")
        page.select_option("#rule", "two_sockets")
        expect(page.locator("#history tr")).to_have_count(1)
        assert page.url.endswith(f"day={DAY}&rule=two_sockets")
        page.reload()
        expect(page.locator("#rule")).to_have_value("two_sockets")
        expect(page.locator("#history tr")).to_have_count(1)
        page.locator("#history .title").click()
        expect(page.locator("#steps-list li")).to_have_count(1)
        expect(page.locator("#steps-title")).to_contain_text("Two screens")
        page.click("#steps-close")
        page.fill("#day", "2026-07-23")
        expect(page.locator("#history")).to_contain_text("Nothing was raised.")


@pytest.mark.browser
def test_a_planner_sets_a_limit_and_is_told_what_cannot_be(here: Product, chrome: Browser) -> None:
    # Not `opened`: the browser itself notes each refusal on its console.
    with chrome.new_context(locale="en-GB") as window:
        page = window.new_page()
        page.goto(f"{here.address}/login?next=/alerts")
        page.fill("[name=login]", "planner")
        page.fill("[name=password]", staging.PASSWORD)
        page.click("button[type=submit]")
        row = page.locator("[data-rule=overspeed]")
        expect(row.locator("[name=threshold]")).to_have_value("80")
        row.locator("[name=threshold]").fill("400")
        row.locator("button").click()
        expect(row.locator(".rule-said")).to_have_text(
            "The limit 400 km/h cannot be: give a value from 20 to 130 km/h."
        )
        row.locator("[name=threshold]").fill("60")
        row.locator("[name=enabled]").check()
        row.locator("button").click()
        expect(row.locator(".rule-said")).to_have_text("Kept.")
    with here.context.engine.connect() as conn:
        own = alert_store.rules_of(conn, here.stage.district_id)["overspeed"]
    assert own.enabled and abs(own.threshold - 60 / 3.6) < 1e-9
    assert audited(here, "alert_rule.%") == ["alert_rule.set"]


@pytest.mark.browser
def test_a_new_alert_comes_to_the_screen_by_itself(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li") as page:
        expect(page.locator("#alerts li", has_text="疲劳驾驶")).to_be_visible()
        with here.context.engine.begin() as conn:
            now = here.context.clock.now()
            staging.put_tap(conn, here.stage.van_ids[0], "alarm", now, alarm="tyre_pressure")
        expect(page.locator("#alerts li", has_text="胎压异常")).to_be_visible(timeout=15_000)


@pytest.mark.browser
def test_a_locked_link_is_told_on_the_screen_without_its_title_until_it_is_taken_back(
    here: Product, chrome: Browser
) -> None:
    wall, district_id = wall_now(), here.stage.district_id
    with opened(chrome, here, "li") as page, opened(chrome, here, "planner", locale="en-GB") as other:
        with here.context.engine.begin() as conn:
            staging.set_rule(conn, district_id, DEFAULTS["share_locked"], enabled=True)
            by = conn.scalar(sa.select(tables.account.c.id)) or 0
            wanted = NewShare(district_id, "刘家", Scope(60), by, wall + timedelta(hours=1), "stored")
            share_id, _ = share_store.create(conn, wanted, wall)
            for _ in range(share_tries.MAX_OF_ADDRESS):
                share_tries.settle(conn, share_id, b"here", wall, right=False)
        line = page.locator("#alerts li", has_text="共享地图被锁定：密码多次输错")
        expect(line.locator(".sign")).to_have_attribute("aria-label", "警告", timeout=15_000)
        expect(line).not_to_contain_text("刘家")
        expect(other.locator("#alerts")).to_contain_text("A shared map is locked", timeout=15_000)
        line.locator("[data-act=ack]").click()
        expect(line).to_contain_text("李*国 已确认")
        line.get_by_role("link", name="共享地图").click()
        row = page.locator("tr", has_text="刘家")
        expect(row.locator(".locked")).to_contain_text("已锁定一个网络地址，至")
        row.get_by_role("button", name="收回").click()
        expect(row.locator(".standing-revoked")).to_be_visible()
        page.goto(f"{here.address}/")
        expect(line).to_contain_text("已结束", timeout=15_000)
        expect(line.get_by_role("link")).to_have_count(0)


def test_roles_tokens_and_bad_input(here: Product) -> None:
    district_id = here.stage.district_id
    with here.context.engine.begin() as conn:
        # The watch of the server and this one take turns: what is found stands after either.
        district = registry.district(conn, district_id)
        alert_books.wait_turn(conn, district_id)
    Watch(here.context).look_at(district)
    with here.context.engine.begin() as conn:
        alert_books.wait_turn(conn, district_id)
    kept = stored(here)
    roles: tuple[Role, ...] = ("viewer", "dispatcher", "planner", "administrator")
    with here.context.engine.begin() as conn:
        for role in roles:
            staging.put_login(conn, district_id, f"a-{role}", role, role)
    shelf = f"/api/alerts/{kept['overspeed'].id}/shelve"
    rule = "/api/alert-rules/late"
    limits = {"enabled": True, "severity": "warn", "threshold": 600, "on_delay_s": 0}
    for role in roles:
        with httpx2.Client(
            base_url=here.address, trust_env=False, headers={"Origin": here.address}
        ) as client:
            client.post("/login", data={"login": f"a-{role}", "password": staging.PASSWORD})
            may_look = role != "viewer"
            for path in ("/alerts", "/api/alerts"):
                assert client.get(path).status_code == (200 if may_look else 403), (role, path)
            nav = client.get("/", headers={"Accept": "text/html"}).text
            csrf = re.search(r'name="csrf" content="(\w+)"', nav)
            assert csrf
            assert client.post(rule, json=limits).status_code == 403, "no write without the page's token"
            client.headers["X-CSRF-Token"] = csrf[1]
            assert client.post(rule, json=limits).status_code == (
                204 if role in ("planner", "administrator") else 403
            )
            if not may_look:
                assert client.post(shelf, json={"minutes": 15}).status_code == 403
                continue
            assert client.post(shelf, json={"minutes": 15}).status_code in (409, 422), "it is over"
            for wrong in ({}, {"minutes": 15, "until": "shift"}, {"minutes": 0}, {"minutes": 10**9}):
                answer = client.post(shelf, json=wrong)
                assert answer.status_code == 422, wrong
            assert client.post("/api/alerts/999999/ack").status_code == 404
            assert client.get("/api/alerts/999999").status_code == 404
            assert client.get("/api/alerts?day=yesterday").status_code == 422
            assert client.get("/api/alerts?rule=nothing").status_code == 404
            assert client.post("/api/alert-rules/nothing", json=limits).status_code in (403, 404)

"""The rules' page in a real browser: values with units, what is wrong at its field, who changed last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import tables
from routing import day_rules, nightly
from tests.maps.product import Product, opened, product


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


@pytest.mark.browser
def test_a_planner_sets_rules_and_schedule_and_what_is_wrong_is_said_at_its_field(
    here: Product, chrome: Browser
) -> None:
    with opened(chrome, here, "planner", "/rules", may_fail=True) as page:
        expect(page.locator("#rules-by")).to_have_text("从未修改，为默认值")
        expect(page.locator("#f-patrol_min")).to_have_value("360")
        expect(page.locator("#f-batches")).to_have_value("12:00")
        page.fill("#f-overtime_min", "1000")
        page.click("#day-rules button")
        expect(page.locator("#w-overtime_min")).to_have_text("1000 不在 0 到 480 之间，请修改。")
        expect(page.locator("#f-overtime_min")).to_be_focused()
        page.fill("#f-overtime_min", "30")
        page.fill("#f-span_h", "7.5")
        page.fill("[data-hour='8']", "9")
        page.click("#day-rules button")
        expect(page.locator("#w-overtime_min")).to_have_text("")
        expect(page.locator("#w-pace")).to_contain_text("8 时的路况系数为 9%")
        page.fill("[data-hour='8']", "140")
        page.fill("#f-batches", "noon")
        page.locator("#f-batches").press("Enter")
        expect(page.locator("#w-batches")).to_contain_text("'noon' 不是有效时刻")
        page.fill("#f-batches", "09:30")
        page.fill("#f-equipment", "stair_climber=1")
        page.locator("#f-equipment").press("Enter")
        expect(page.locator("#rules-said")).to_have_text("规则已保存。")
        expect(page.locator("#rules-by")).to_contain_text("王芳")
        page.fill("#f-seconds", "99999")
        page.click("#night button")
        expect(page.locator("#w-seconds")).not_to_have_text("")
        page.fill("#f-seconds", "300")
        page.fill("#f-at", "19:45")
        page.select_option("#f-days_ahead", "1")
        page.click("#night button")
        expect(page.locator("#night-said")).to_have_text("时间已保存。")
        expect(page.locator("#night-by")).to_contain_text("王芳")
        page.reload()
        expect(page.locator("[data-hour='8']")).to_have_value("140")
        expect(page.locator("#f-at")).to_have_value("19:45")
    district_id = here.stage.district_id
    with here.context.engine.connect() as conn:
        rules = day_rules.read(conn, district_id)
        (night,) = nightly.schedules(conn, district_id)
        a = tables.audit
        actions = conn.scalars(
            sa.select(a.c.action).where(a.c.action.in_(["day.rule", "plan.schedule"])).order_by(a.c.id)
        )
        assert list(actions) == ["day.rule", "plan.schedule"]
    assert (rules.rule.span_s, rules.rule.overtime_s, rules.rule.pace[8]) == (27_000, 1800, 140)
    assert [kit.code for kit in rules.equipment] == ["stair_climber"]
    assert (f"{night.at:%H:%M}", night.days_ahead, night.seconds) == ("19:45", 1, 300)


@pytest.mark.browser
def test_a_dispatcher_is_not_led_there_and_not_let_in(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li", "/season", locale="en-GB", may_fail=True) as page:
        expect(page.locator("nav a[href='/rules']")).to_have_count(0)
        assert page.goto(f"{here.address}/rules").status == 403  # type: ignore[union-attr]
        put = """async (csrf) => (await fetch("/api/day-rules", {method: "PUT", body: "{}",
            headers: {"Content-Type": "application/json", "X-CSRF-Token": csrf}})).status"""
        assert page.evaluate(put, "") == 403
    with opened(chrome, here, "planner", "/rules", locale="en-GB", may_fail=True) as page:
        assert page.evaluate(put, "") == 403
        expect(page.locator("#rules-by")).to_have_text("never changed: the usual values")

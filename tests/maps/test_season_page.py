"""The season's page in a real browser, and what its rules, temperatures and overrides do to the days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import tables
from tests.maps.product import Product, opened, product

CSV = "日期,最高气温,最低气温,性质\n2026-07-25,36.5,27,实测\n"


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


def audited(made: Product) -> list[str]:
    a = tables.audit
    with made.context.engine.connect() as conn:
        where = a.c.action.like("season.%") | a.c.action.like("temperature%")
        return list(conn.scalars(sa.select(a.c.action).where(where).order_by(a.c.id)))


@pytest.mark.browser
def test_a_planner_sets_rules_temperatures_and_days(here: Product, chrome: Browser, tmp_path: Path) -> None:
    with opened(chrome, here, "planner", "/season") as page:
        today = page.locator("[data-day='2026-07-24']")
        expect(today).to_contain_text("夏令 · 大暑 · 初伏第 10 天")
        expect(page.locator("#rules li")).to_have_count(4)
        page.locator("#temperature [name=day]").fill("2026-07-24")
        page.locator("#temperature [name=max_c]").fill("40.5")
        page.locator("#temperature [name=max_c]").press("Enter")
        expect(today).to_contain_text("停止户外作业")
        page.locator("#rule-degrees").fill("36")
        page.locator("#rule-degrees").press("Enter")
        expect(page.locator("#rules li")).to_have_count(5)
        expect(today).to_contain_text("预报最高气温 40.5℃")
        file = tmp_path / "t.csv"
        file.write_text(CSV + "2026/7/26,20,30,\n", encoding="utf-8")
        page.locator("#import input").set_input_files(file)
        page.locator("#import button").click()
        expect(page.locator("#report .wrong").first).to_contain_text("第 3 行: 最高气温 20 低于最低气温 30")
        file.write_text(CSV, encoding="utf-8")
        page.locator("#import input").set_input_files(file)
        page.locator("#import button").click()
        expect(page.locator("[data-day='2026-07-25']")).to_contain_text("最高气温 36.5℃")
        page.locator("#override [name=first]").fill("2026-07-26")
        page.locator("#override [name=last]").fill("2026-07-27")
        page.locator("#override [name=season]").select_option("none")
        page.locator("#override button").click()
        expect(page.locator("[data-day='2026-07-27']")).to_contain_text("计划员指定")
        page.locator("#defaults").click()
        expect(page.locator("#rules li")).to_have_count(4)
    assert audited(here) == [
        "temperature.set", "season.rules", "temperatures.import", "temperatures.import", "season.override",
        "season.rules",
    ]  # fmt: skip


@pytest.mark.browser
def test_a_dispatcher_reads_it_in_english_and_changes_nothing(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li", "/season", locale="en-GB") as page:
        expect(page.locator("[data-day='2026-07-24']")).to_contain_text("Summer service · Major Heat")
        expect(page.locator("#rules li").first).to_have_text("Summer service: in the dog days")
        assert page.locator("form:not(.leave)").count() == 0

"""Run sheets in a real browser, and on paper."""

from __future__ import annotations

import re

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import tables
from fleet.session import COOKIE
from tests.maps.product import Product, opened
from tests.replay.serving import log_in


def account_of(here: Product, login: str) -> int:
    t = tables.account
    with here.context.engine.connect() as conn:
        return int(conn.execute(sa.select(t.c.id).where(t.c.login == login)).scalar_one())


@pytest.mark.browser
def test_a_driver_is_handed_a_sheet_a_van(chrome: Browser, shared: Product) -> None:
    plan_id, vans = shared.stage.plan_id, shared.stage.van_ids
    with opened(chrome, shared, "li", f"/plans/{plan_id}/runsheet") as page:
        sheets = page.locator(".runsheet")
        expect(sheets).to_have_count(len(vans))
        expect(sheets.first.locator("h1")).to_contain_text("1号车")
        expect(sheets.first.locator("header")).to_contain_text("2026-07-24 星期五 · 第 3 版，已发布")
        expect(sheets.first.locator("tbody tr.kind-visit").first).to_contain_text("*")
        for n in range(len(vans)):
            expect(sheets.nth(n).locator(".map .leaflet-tile-container canvas").first).to_be_attached()
            calls = sheets.nth(n).locator("tbody td.n b")
            expect(sheets.nth(n).locator(".map .printed:not(.printed-dot)")).to_have_count(calls.count())
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == len(vans), "each van begins a page of its own"
        page.emulate_media(media="print")
        expect(page.locator(".controls")).to_be_hidden()
        page.emulate_media(media="screen")
        page.get_by_role("link", name="2号车").click()
        expect(page.locator(".runsheet")).to_have_count(1)
        expect(page.locator(".runsheet h1")).to_contain_text("2号车")
        page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
        page.click("#print")
        expect(page.locator("body")).to_have_attribute("data-printed", "yes")


def test_who_only_looks_takes_no_paper_along_and_each_printing_is_written_down(shared: Product) -> None:
    plan_id, district_id = shared.stage.plan_id, shared.stage.district_id
    account = account_of(shared, "planner")
    with httpx2.Client(base_url=shared.address, trust_env=False, headers={"Accept-Language": "en"}) as client:
        client.cookies.set(COOKIE, log_in(shared.context.engine, account, district_id, "viewer"))
        assert client.get(f"/plans/{plan_id}/runsheet").status_code == 403
        client.cookies.clear()
        client.cookies.set(COOKIE, log_in(shared.context.engine, account, district_id, "planner"))
        said = client.get(f"/plans/{plan_id}/runsheet/{shared.stage.van_ids[0]}")
        assert said.status_code == 200 and "Run sheet" in said.text and "Friday" in said.text
        assert client.get(f"/plans/{plan_id}/runsheet/987654").status_code == 404
        assert client.get("/plans/987654/runsheet").status_code == 404
    t = tables.audit
    with shared.context.engine.connect() as conn:
        rows = conn.execute(
            sa.select(t.c.object, t.c.detail).where(
                t.c.action == "plan.print", t.c.actor == f"account:{account}"
            )
        ).all()
    assert [(row.object, row.detail) for row in rows] == [
        (f"plan:{plan_id}", {"van": shared.stage.van_ids[0]})
    ]

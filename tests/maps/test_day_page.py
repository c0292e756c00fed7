"""The page of a day in a real browser."""

from __future__ import annotations

import re

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.maps.product import Product, opened
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import DAY, PASSWORD


@pytest.fixture(scope="module")
def proved(shared: Product) -> Product:
    """The staged product with the proofs of its day."""
    make_room(shared.context.database_url)
    with shared.context.engine.begin() as conn:
        put_proofs(conn, shared.stage)
    return shared


@pytest.mark.browser
def test_each_van_has_a_row_with_its_timeline_and_figures(proved: Product, chrome: Browser) -> None:
    first, second = proved.stage.van_ids
    with opened(chrome, proved, "planner", f"/day/{DAY}") as page:
        row = page.locator(f"[data-van='{first}']")
        expect(page.locator("#rows tr")).to_have_count(2)
        bar = row.locator(".bar")
        expect(bar).to_have_attribute(
            "aria-label", re.compile(r"巡逻 4 小时 20 分 · 服务 42 分钟 · 紧急呼叫 26 分钟")
        )
        expect(bar.locator(".span")).to_have_count(16)
        expect(bar.locator(".is-sos")).to_have_attribute("title", "紧急呼叫，11:11 至 11:37，26 分钟")
        # 06:00 to 20:00: 08:00 lies at two of fourteen hours.
        left = bar.locator(".span").first.evaluate("(node) => node.style.left")
        assert float(left.removesuffix("%")) == pytest.approx(200 / 14, abs=0.01)
        expect(row.locator(".proved")).to_contain_text("328 / 360 分钟")
        expect(row.locator(".proved")).to_contain_text("申报 368")
        expect(row.locator(".count")).to_have_text("38.4 km")
        expect(row.locator(".stops")).to_contain_text("2 / 4 已服务")
        expect(row.locator(".stops")).to_contain_text("未到访 1")
        expect(row.locator(".grade.is-D")).to_have_text("D1")
        expect(row.locator(".alerts")).to_contain_text("最重：重要")
        expect(page.locator("#key li")).to_have_count(10)
        expect(page.locator("#as-of")).to_have_text(re.compile(r"^10:4\d:\d\d$"))
        expect(page.locator("#computed")).to_contain_text("16:01:00")
        replay = row.locator("a", has_text="回放")
        expect(replay).to_have_attribute("href", f"/replay?day={DAY}&van={first}")
        row.locator("th a").click()
        page.wait_for_url(f"**/vans/{first}/{DAY}")
        assert page.locator(".links [aria-current]").inner_text() == "台账"
        page.go_back()
        expect(page.locator(f"[data-van='{second}'] .is-offline")).to_have_count(1)


@pytest.mark.browser
def test_another_day_is_chosen_and_an_empty_one_says_so(proved: Product, chrome: Browser) -> None:
    with opened(chrome, proved, "planner", locale="en-GB") as page:
        page.click(".links a[href='/day']")
        page.wait_for_url(f"**/day/{DAY}")
        page.click("[rel=prev]")
        page.wait_for_url("**/day/2026-07-23")
        expect(page.locator(".bar.is-empty").first).to_have_text("Nothing is computed of this day yet.")
        page.click("[rel=next]")
        page.wait_for_url(f"**/day/{DAY}")
        expect(page.locator("[rel=next]")).to_have_count(0)
        page.fill("#day", "2026-07-20")
        page.wait_for_url("**/day/2026-07-20")


@pytest.mark.browser
def test_the_screen_and_the_replay_lead_there(proved: Product, chrome: Browser) -> None:
    first = proved.stage.van_ids[0]
    with opened(chrome, proved, "planner") as page:
        page.locator("#vans .van-row").first.click()
        page.click("#van-day")
        page.wait_for_url(f"**/vans/{first}/{DAY}")
        page.goto(f"{proved.address}/replay?day={DAY}&van={first}")
        expect(page.locator("#proofs")).to_have_attribute("href", f"/vans/{first}/{DAY}")


def test_the_data_is_for_those_who_are_logged_in(proved: Product) -> None:
    with httpx2.Client(
        base_url=proved.address, trust_env=False, headers={"Origin": proved.address, "Accept": "text/html"}
    ) as client:
        assert client.get(f"/api/days/{DAY}").status_code == 401
        assert client.get(f"/day/{DAY}").status_code == 303, "to the log-in"
        client.post("/login", data={"login": "planner", "password": PASSWORD})
        assert client.get("/day").headers["location"] == f"/day/{DAY}"
        assert client.get("/day?day=2026-07-01").headers["location"] == "/day/2026-07-01"
        assert len(client.get(f"/api/days/{DAY}").json()["vans"]) == 2
        assert client.get("/api/days/9999-12-31").status_code == 422
        assert client.get("/day/yesterday").status_code == 422

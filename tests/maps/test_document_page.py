"""Documents in a real browser, opened from a disk without a network; and who may take them away."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import tables
from fleet.accounts import Role
from fleet.session import COOKIE
from fleet.words import Locale
from maps.document import KINDS, Kind
from maps.document_page import written
from maps.document_store import Order
from tests.maps.product import Product, opened
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import DAY
from tests.maps.test_runsheet_page import account_of
from tests.replay.serving import log_in

SHEETS = {
    "plan": {"ground", "beats", "routes", "places", "stops"},
    "today": {"ground", "beats", "routes", "legs", "places", "stays"},
    "coverage": {"ground", "circles", "beats", "cells", "places"},
    "heat": {"ground", "circles", "reach", "places"},
}
COUNT = """() => Object.fromEntries(
  Object.entries(CareVanDocument.sheets).map(([name, sheet]) => [name, sheet.getLayers().length]))"""
TITLE = {
    ("plan", "zh"): "当日计划",
    ("today", "zh"): "当日轨迹",
    ("coverage", "zh"): "网格覆盖",
    ("heat", "zh"): "15分钟服务圈",
    ("plan", "en"): "Plan of the day",
    ("today", "en"): "The day's tracks",
    ("coverage", "en"): "Coverage of the beats",
    ("heat", "en"): "15-minute circle",
}


@pytest.fixture(scope="module")
def proved(shared: Product) -> Product:
    """The staged product with a track of its day."""
    make_room(shared.context.database_url)
    with shared.context.engine.begin() as conn:
        put_proofs(conn, shared.stage)
    return shared


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_opens_from_a_disk_and_asks_nobody(
    proved: Product, chrome: Browser, tmp_path: Path, kind: Kind, locale: Locale
) -> None:
    file = tmp_path / f"{kind}.html"
    file.write_text(written(proved.context, Order(kind, proved.stage.district_id, DAY, locale=locale)))
    context = chrome.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_contain_text(TITLE[kind, locale])
    expect(page.locator(".leaflet-control-layers-overlays label").first).to_be_visible()
    found = page.evaluate(COUNT)
    assert set(found) == SHEETS[kind] and all(found.values()), found
    if kind == "heat":
        slider = page.locator("#minute")
        before = page.locator("#at").inner_text()
        slider.press("Home")
        expect(page.locator("#at")).not_to_have_text(before)
        expect(page.locator("#at")).to_contain_text("08:00")
        slider.press("ArrowRight")
        expect(page.locator("#at")).to_contain_text("08:01")
    assert [url for url in asked if not url.startswith(("data:", file.as_uri()))] == []
    assert said == []
    context.close()


@pytest.mark.browser
def test_a_layer_is_hidden_by_its_name(proved: Product, chrome: Browser, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    file.write_text(written(proved.context, Order("plan", proved.stage.district_id, DAY)))
    page = chrome.new_page()
    page.goto(file.as_uri())
    expect(page.locator(".mark.stop").first).to_be_visible()
    page.get_by_label("停靠", exact=True).uncheck()
    expect(page.locator(".mark.stop")).to_have_count(0)
    page.close()


@pytest.mark.browser
def test_a_button_of_the_day_downloads_it(proved: Product, chrome: Browser) -> None:
    with opened(chrome, proved, "li", f"/day/{DAY}") as page:
        page.get_by_text("导出地图").click()
        with page.expect_download() as waited:
            page.get_by_role("link", name="当日轨迹").click()
        assert waited.value.suggested_filename == f"carevan-today-{DAY}.html"
        assert page.get_by_text("精确（内部）").count() == 0, "a dispatcher passes on what may be passed on"


@pytest.mark.browser
def test_the_screen_and_the_desk_have_the_same_menu_and_it_says_what_cannot_be_made(
    proved: Product, chrome: Browser
) -> None:
    with opened(chrome, proved, "planner", locale="en-GB", may_fail=True) as page:
        page.get_by_text("Maps to take away").click()
        with page.expect_download() as waited:
            page.get_by_role("link", name="Coverage of the beats", exact=True).click()
        assert waited.value.suggested_filename == "carevan-coverage.html"
        page.goto(f"{proved.address}/plan")
        expect(page.locator("#day")).not_to_have_value("")
        page.get_by_text("Maps to take away").click()
        with page.expect_download() as waited:
            page.get_by_role("link", name="Plan of the day: exact, internal").click()
        day = page.locator("#day").input_value()
        assert waited.value.suggested_filename == f"carevan-plan-{day}.html"
        page.locator("#day").evaluate("(field) => { field.value = '2026-01-01'; }")
        page.get_by_role("link", name="Plan of the day", exact=True).click()
        expect(page.locator(".take-maps [role=status].wrong")).to_contain_text("plan")


def test_who_takes_a_map_away_is_written_down_and_exact_ones_are_for_planners(proved: Product) -> None:
    here, district = proved, proved.stage.district_id
    account = account_of(here, "planner")
    with httpx2.Client(base_url=here.address, trust_env=False, headers={"Accept-Language": "en"}) as client:

        def ask(role: Role, path: str) -> httpx2.Response:
            client.cookies.clear()
            client.cookies.set(COOKIE, log_in(here.context.engine, account, district, role))
            return client.get(path)

        assert ask("viewer", f"/documents/plan?day={DAY}").status_code == 403
        assert ask("dispatcher", f"/documents/plan?day={DAY}&detail=exact").status_code == 403
        shared = ask("dispatcher", f"/documents/plan?day={DAY}")
        assert shared.status_code == 200 and "attachment" in shared.headers["content-disposition"]
        assert ask("planner", f"/documents/plan?day={DAY}&detail=exact").status_code == 200
        assert ask("planner", "/documents/plan?day=2026-01-01").status_code == 404
        assert ask("planner", "/documents/nothing").status_code == 422
    with here.context.engine.connect() as conn:
        told = conn.execute(
            sa.select(tables.audit.c.object, tables.audit.c.detail).where(
                tables.audit.c.action == "map.export"
            )
        ).all()
    assert ("map:plan", {"day": str(DAY), "detail": "exact"}) in [tuple(row) for row in told]

"""The platform screen in a real browser: vans where the feed says, an SOS from form to banner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import outbox, tables
from maps.platform import scene_of
from tests.maps import staging
from tests.maps.days import HERE, day, stop, tap
from tests.maps.product import Product, opened, product
from tracking.announcer import FIXES_CHANNEL

MARKER = "() => { const at = CareVan.layers.vans.getLayer('van:%d').getLatLng(); return [at.lng, at.lat]; }"


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        with made.context.engine.begin() as conn:
            staging.put_base_map(conn)
        yield made


def move(here: Product, van_id: int, lon: float, lat: float, age_s: float = 0) -> None:
    """A newer fix of a van, told to the feed as the gateway tells it."""
    t = here.context.clock.now() - timedelta(seconds=age_s)
    with here.context.engine.begin() as conn:
        conn.execute(
            tables.van_state.update()
            .where(tables.van_state.c.van_id == van_id)
            .values(lon=lon, lat=lat, t=t, received_at=t, digest=tables.van_state.c.digest + 10)
        )
    with psycopg.connect(here.context.database_url, autocommit=True) as conn:
        conn.execute("SELECT pg_notify(%s, %s)", (FIXES_CHANNEL, str(van_id)))


def test_the_scene_has_stops_by_state_and_names_no_door() -> None:
    drawn = scene_of(
        day(stops=(stop(1), stop(2), stop(3, "dropoff", doorstep=False)), taps=(tap("done", 50, 1),)), "zh"
    )
    assert [(each.state, each.label) for each in drawn.stops] == [
        ("done", ""),
        ("next", ""),
        ("to_come", "第3小区"),
    ]
    assert [(each.part, len(each.points)) for each in drawn.routes] == [
        ("driven", 2),
        ("ahead", 2),
        ("leg", 2),
    ]
    assert drawn.bounds is not None
    assert drawn.bounds[0] == pytest.approx((115.9695, 36.4295))
    assert drawn.bounds[1] == pytest.approx((115.9905, 36.4505))


def test_a_district_of_vans_alone_is_looked_at_where_they_are() -> None:
    drawn = scene_of(day(beats=(), beats_of={}), "zh")
    assert drawn.bounds == ((HERE[0] - 0.0005, HERE[1] - 0.0005), (HERE[0] + 0.0005, HERE[1] + 0.0005))


@pytest.mark.browser
def test_the_screen_lives(here: Product, chrome: Browser) -> None:
    first, second = here.stage.van_ids
    move(here, second, 115.98, 36.45, age_s=90)
    with opened(chrome, here, "li") as page:
        expect(page.locator(".van-row")).to_have_count(2)
        expect(page.locator('[data-figure="visits"] [data-value]')).to_have_text("4")
        expect(page.locator("#unserved")).to_contain_text("1号车延时 14 分钟可安排")
        expect(page.locator(".van-label").first).to_contain_text("1号车")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        move(here, first, 115.99, 36.45)
        page.wait_for_function(f"() => ({MARKER % first})().join() === '115.99,36.45'")
        expect(page.locator(".van.is-stale")).to_contain_text("2号车")
        expect(page.locator(".van-row.is-stale")).to_have_count(1)
        expect(page.locator('[data-figure="online"] [data-note]')).to_have_text("1 失联")
        move(here, second, 115.985, 36.45)
        expect(page.locator(".van.is-stale")).to_have_count(0)
        page.click('[data-figure="patrol"]')
        expect(page.locator("#detail")).to_contain_text("轨迹核实")
        page.keyboard.press("Escape")

        page.click("#raise-sos")
        page.locator(".folium-map").click(position={"x": 300, "y": 400})
        page.fill("#sos-place", "滨河社区")
        page.click("#sos-fields button[type=submit]")
        expect(page.locator(".call")).to_contain_text("SOS 滨河社区")
        expect(page.locator('[data-figure="sos"] [data-value]')).to_have_text("1")
        expect(page.locator(".sos-mark")).to_be_visible()
        page.get_by_role("button", name="派最近车辆").click()
        expect(page.locator(".call")).to_contain_text("等待车组接单")
    with here.context.engine.connect() as conn:
        assert conn.scalar(sa.select(tables.sos.c.state)) == "offered"


@pytest.mark.browser
def test_a_screen_is_paired_and_a_crew_is_told_from_the_vans_details(
    shared: Product, chrome: Browser
) -> None:
    first, _ = shared.stage.van_ids
    with opened(chrome, shared, "li") as page:
        page.locator(".van-row").first.click()
        expect(page.locator("#detail-title")).to_have_text("1号车")
        expect(page.locator("#detail-body")).to_contain_text("2 / 4")
        page.get_by_role("button", name="配对车载屏").click()
        expect(page.locator("#pair-code")).to_have_text(re.compile(r"^\d{4} \d{4}$"))
        expect(page.locator("#pair-life")).to_have_text("仅可使用一次，10 分钟内有效")
        code = page.locator("#pair-code").inner_text().replace(" ", "")
        expect(page.locator("#pair-link")).to_have_text(f"{shared.address}/terminal#code={code}")
        told = httpx2.post(f"{shared.address}/terminal/pair", json={"code": code}, trust_env=False).json()
        assert told["van"]["id"] == first
        page.fill("#say-text", "请先到中心食堂")
        page.keyboard.press("Enter")
        expect(page.locator(".said-list li")).to_contain_text("车载屏尚未显示")
        expect(page.locator("#say-text")).to_have_value("")
        # A figure's panel takes the place of the van's; the van's marker brings it back.
        page.click('[data-figure="patrol"]')
        expect(page.locator("#say")).to_have_count(0)
        page.locator(".van").first.click()
        expect(page.locator(".said-list li")).to_contain_text("请先到中心食堂")
    with shared.context.engine.connect() as conn:
        assert [each.body["text"] for each in outbox.after(conn, first, 0)] == ["请先到中心食堂"]


@pytest.mark.browser
def test_a_viewer_sees_a_van_and_does_not_act(shared: Product, chrome: Browser) -> None:
    with shared.context.engine.begin() as conn:
        staging.put_login(conn, shared.stage.district_id, "guest", "赵敏", "viewer")
    with opened(chrome, shared, "guest", locale="en-GB") as page:
        page.locator(".van-row").first.click()
        expect(page.locator("#detail-title")).to_have_text("Van 1")
        expect(page.locator("#pair, #say, #raise-sos")).to_have_count(0)


@pytest.mark.browser
def test_a_cut_connection_is_said_and_mended_without_a_reload(shared: Product, chrome: Browser) -> None:
    with opened(chrome, shared, "li", locale="en-GB") as page:
        expect(page.locator("#frozen")).to_be_hidden()
        page.evaluate("() => { window.stillHere = true; }")
        page.evaluate("() => CareVan.feed.drop()")
        expect(page.locator("#frozen")).to_contain_text("The screen stands still")
        expect(page.locator("#frozen")).to_be_hidden()
        assert page.evaluate("() => window.stillHere") is True

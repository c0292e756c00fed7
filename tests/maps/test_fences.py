"""Fences on the maps: their ground and names, those that do not count just then, and what they tell, live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from websockets import Subprotocol
from websockets.sync.client import connect

from fleet import terminals
from fleet.geo import destination
from fleet.units import ms_of
from maps import fences
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import DAY, NOW, Stage
from tracking import fence_store
from tracking.alarm_rules import DEFAULTS
from tracking.fence_terms import Draft
from tracking.plane import Plane

HERE = Plane(115.972, 36.441)
WEST = HERE.round(shapely.Point(-700, 500))
AREA = HERE.round(shapely.box(200, 200, 900, 800) - shapely.box(400, 350, 600, 500))
ROAD = HERE.round(shapely.LineString([(-800, -600), (300, -500), (1200, -800)]))
_TOLD = """() => [...document.querySelectorAll('.leaflet-tooltip')].map((each) => each.textContent)"""
_V1 = Subprotocol("carevan.v1")
_AT = """([lon, lat]) => {
  const at = CareVan.map.latLngToContainerPoint([lat, lon]);
  const rect = CareVan.map.getContainer().getBoundingClientRect();
  return { x: rect.x + at.x, y: rect.y + at.y };
}"""
_DASHES = """() => Object.fromEntries(CareVan.layers.fences._container.getLayers().map((each) => [
  each.feature.properties.label.split(" · ")[0], each.options.dashArray]))"""


LAYERS = ["电子围栏", "网格", "今日未巡点位", "养老服务中心", "路线与站点", "近十分钟轨迹", "告警"]


def put_fences(conn: sa.Connection, stage: Stage) -> None:
    """A circle that counts at night, a square with a hole, a road of another van."""
    _, second = stage.van_ids
    night = (time(22), time(6))
    drafts = [
        Draft("night", "夜间车场", "circle", WEST, 200.0, name_en="Night yard", hours=night),
        Draft("east", "东片区", "area", AREA, tells=("enter", "dwell"), dwell_s=600),
        Draft("road", "滨河路", "corridor", ROAD, 60.0, name_en="River road", van_ids=(second,)),
        Draft("gone", "旧围栏", "circle", WEST, 50.0),
    ]
    fence_store.put(conn, stage.district_id, drafts, NOW - timedelta(days=30))
    fence_store.retire(conn, stage.district_id, "gone", NOW - timedelta(days=2))
    staging.put_login(conn, stage.district_id, "looker", "看客", "viewer")


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True, more=put_fences) as made:
        make_room(made.context.database_url)
        with made.context.engine.begin() as conn:
            staging.put_base_map(conn)
            put_proofs(conn, made.stage)
        yield made


@pytest.fixture
def live(database: str, tmp_path: Path) -> Iterator[Product]:
    """The same on a day without a track so far."""
    with product(database, tmp_path, browser=True, more=put_fences) as made:
        yield made


@contextmanager
def pointed(page: Page, lonlat: tuple[float, float]) -> Iterator[str]:
    """What is told where the pointer rests."""
    at = page.evaluate(_AT, list(lonlat))
    page.mouse.move(at["x"] - 3, at["y"] - 3)
    page.mouse.move(at["x"], at["y"])
    page.locator(".hint").first.wait_for()
    yield " | ".join(page.evaluate(_TOLD))
    page.mouse.move(5, 5)
    expect(page.locator(".hint")).to_have_count(0)


def test_labels_and_grounds_by_language_time_and_day(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    put_fences(conn, stage)
    night, east, road = fences.now(conn, stage.district_id, NOW, "zh")
    assert (night.label, night.in_force) == ("夜间车场 · 圆形，半径 200 米 · 未生效", False)
    assert (east.label, east.in_force) == ("东片区 · 区域", True)
    assert road.label == "滨河路 · 走廊，两侧各 60 米"
    assert [len(part) for part in east.parts] == [2], "its hole is drawn"
    grown = shapely.Polygon(night.parts[0][0])
    assert HERE.flat(grown).area == pytest.approx(3.1416 * 200**2, rel=0.01)
    (said, *_) = fences.now(conn, stage.district_id, NOW + timedelta(hours=12), "en")
    assert said.label == "Night yard · circle, 200 m about its middle"
    day = NOW.replace(hour=0, minute=0), NOW.replace(hour=0, minute=0) + timedelta(days=1)
    own = fences.of_day(conn, stage.district_id, stage.van_ids[0], day, "zh")
    assert [(each.label.split(" · ")[0], each.in_force) for each in own] == [
        ("夜间车场", True),
        ("东片区", True),
    ]


@pytest.mark.browser
def test_the_platform_draws_fences_that_can_be_switched_off(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li") as page:
        page.wait_for_function("() => CareVan.layers.fences?._container.getLayers().length === 3")
        assert page.evaluate(_DASHES) == {"夜间车场": "6 7", "东片区": None, "滨河路": None}
        with pointed(page, tuple(shapely.get_coordinates(HERE.round(shapely.Point(300, 250)))[0])) as told:
            assert told == "东片区 · 区域"
        with pointed(page, tuple(shapely.get_coordinates(WEST)[0])) as told:
            assert told == "夜间车场 · 圆形，半径 200 米 · 未生效"
        control = page.locator(".leaflet-control-layers")
        expect(control.locator("a")).to_have_attribute("aria-label", "地图图层")
        control.hover()
        expect(control.locator("label")).to_have_text(LAYERS)
        control.get_by_text("电子围栏").click()
        shown = "() => CareVan.map.hasLayer(CareVan.layers.fences._container)"
        page.wait_for_function(f"() => !({shown})()")
        control.get_by_text("电子围栏").click()
        page.wait_for_function(shown)
        layer = page.evaluate("async () => (await fetch('/api/fences')).json()")
        assert [each["properties"]["in_force"] for each in layer["features"]] == [False, True, True]


@pytest.mark.browser
def test_a_stop_that_stands_in_a_fence_can_still_be_chosen(here: Product, chrome: Browser) -> None:
    """Also after the fences were drawn anew."""
    with here.context.engine.begin() as conn:
        lon, lat = conn.execute(
            sa.text("SELECT ST_X(geom), ST_Y(geom) FROM plan_stop WHERE kind = 'visit' ORDER BY id LIMIT 1")
        ).one()
        around = Draft("around", "站点", "circle", shapely.Point(lon, lat), 300.0)
        fence_store.put(conn, here.stage.district_id, [around], NOW)
    with opened(chrome, here, "li") as page:
        page.wait_for_function("() => CareVan.layers.fences?._container.getLayers().length === 4")
        page.evaluate(
            """async () => {
              const all = await (await fetch('/api/fences')).json();
              CareVan.show('fences', { ...all, features: [] });
              CareVan.show('fences', all);
              document.addEventListener('carevan:stop', (event) => { window.chosen = event.detail.id; });
            }"""
        )
        at = page.evaluate(_AT, [lon, lat])
        page.mouse.click(at["x"], at["y"])
        page.wait_for_function("() => (window.chosen || '').startsWith('stop:')")


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "夜间车场"), ("en-GB", "Night yard")])
def test_a_vans_day_draws_the_fences_that_concern_it(
    here: Product, chrome: Browser, locale: str, name: str
) -> None:
    with opened(chrome, here, "looker", f"/vans/{here.stage.van_ids[0]}/{DAY}", locale) as page:
        page.wait_for_function("() => CareVan.layers.fences?._container.getLayers().length === 2")
        assert name in page.evaluate(_DASHES)
        expect(page.locator(".leaflet-control-layers label")).to_have_count(4)


@pytest.mark.browser
def test_an_entry_is_on_the_screen_within_seconds_of_the_fix(live: Product, chrome: Browser) -> None:
    """From the terminal's socket through the commit, the live watch, the alerts' books and the feed."""
    van, district_id = live.stage.van_ids[0], live.stage.district_id
    with live.context.engine.begin() as conn:
        staging.set_rule(conn, district_id, DEFAULTS["fence_enter"], enabled=True)
        now = live.context.clock.now()
        terminal = terminals.register(conn, district_id, van, "live", kind="screen", now=now)
        token = terminals.issue_token(conn, terminal)
    middle = shapely.get_coordinates(AREA.centroid)[0].tolist()
    address = live.address.replace("http", "ws") + "/terminal/ws"
    with opened(chrome, live, "li") as page, connect(address, subprotocols=[_V1]) as van_s:
        van_s.send(json.dumps({"hello": {"token": token, "app": "1", "have": {"plan": 0, "seq": 0}}}))
        now_ms = ms_of(live.context.clock.now())
        for n, (ago_s, metres) in enumerate(((40, 700), (20, 500), (0, 250)), 1):
            lon, lat = destination((middle[0], middle[1]), 90, metres)
            van_s.send(json.dumps({"n": n, "fix": {"t": now_ms - ago_s * 1000, "lon": lon, "lat": lat}}))
        told = page.locator("#alerts li", has_text="1号车 进入围栏：东片区")
        expect(told).to_be_visible(timeout=8_000)
        expect(told.locator(".sign")).to_have_attribute("aria-label", "提示")

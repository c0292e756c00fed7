"""The administrator's page of tile services, and maps that stand on one, in a real browser."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product as pairs
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from fleet import tables
from fleet.geo import gcj02_to_wgs84, wgs84_to_gcj02
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.services import put_service, service
from tests.maps.tile_host import TileHost, tile_host

SECRET = "S3CRET-key-of-ours"


@pytest.fixture(scope="module")
def host() -> Iterator[TileHost]:
    with tile_host() as made:
        yield made


@pytest.fixture
def here(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setenv("CAREVAN_TILE_NETWORKS", "127.0.0.1/32")

    def more(conn: sa.Connection, stage: staging.Stage) -> None:
        staging.put_login(conn, stage.district_id, "root", "管理员", "administrator")
        staging.put_base_map(conn)

    with product(database, tmp_path, browser=True, more=more) as made:
        yield made


def audited(made: Product) -> list[tuple[str, object]]:
    a = tables.audit
    with made.context.engine.connect() as conn:
        rows = conn.execute(
            sa.select(a.c.action, a.c.detail).where(a.c.action.like("provider.%")).order_by(a.c.id)
        )
        return [(row.action, row.detail) for row in rows]


@pytest.mark.browser
def test_an_administrator_adds_tries_and_switches_on(here: Product, host: TileHost, chrome: Browser) -> None:
    with opened(chrome, here, "root", "/providers", may_fail=True) as page:
        expect(page.locator("#empty")).to_be_visible()
        page.locator("[data-add=xyz]").click()
        for name, value in {
            "title": "市图", "name": "city", "attribution": "© 市测绘院",
            "urls": f"{host.address}/{{z}}/{{x}}/{{y}}.png?tk={SECRET}",
        }.items():  # fmt: skip
            page.locator(f"#form [name={name}]").fill(value)
        page.locator("#form button[type=submit]").click()
        expect(page.locator("#said")).to_contain_text("密钥填在专门的一栏")
        page.locator("#form [name=urls]").fill(f"{host.address}/{{z}}/{{x}}/{{y}}.png?tk={{key}}")
        page.locator("#form [name=key]").fill(SECRET)
        page.locator("#form button[type=submit]").click()
        row = page.locator("[data-service=city]")
        expect(row).to_contain_text("已停用")
        row.locator("[data-act=try]").click()
        expect(row.locator(".said")).to_contain_text("已取到瓦片")
        assert host.asked[-1].endswith(f"?tk={SECRET}")
        row.locator("[data-act=switch]").click()
        expect(row).to_contain_text("已启用")
        # The key went in and does not come out; a new host asks for it anew.
        row.locator("[data-act=change]").click()
        expect(page.locator("#form [name=key]")).to_have_value("")
        assert SECRET not in page.content()
        page.locator("#form [name=urls]").fill("https://elsewhere.example.org/{z}/{x}/{y}?tk={key}")
        page.locator("#form button[type=submit]").click()
        expect(page.locator("#said")).to_contain_text("请重新填写密钥")
        page.locator("#cancel").click()
        assert SECRET not in page.evaluate("fetch('/api/providers').then((answer) => answer.text())")
        row.get_by_text("删除", exact=True).click()
        row.locator("[data-act=remove]").click()
        expect(page.locator("#empty")).to_be_visible()
    told = audited(here)
    assert [action for action, _ in told] == ["provider.save", "provider.switch", "provider.remove"]
    assert SECRET not in str(told)


@pytest.mark.browser
def test_nobody_else_opens_the_page(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "planner", "/", may_fail=True) as page:
        expect(page.locator("a[href='/providers']")).to_have_count(0)
        for path, method in (("/api/providers", "GET"), ("/api/providers/city/switch", "POST")):
            said = page.evaluate(
                "([path, method]) => fetch(path, {method}).then((answer) => answer.status)", [path, method]
            )
            assert said == 403


def choose(page: Page, title: str) -> None:
    page.locator(".leaflet-control-layers").hover()
    page.locator(".leaflet-control-layers-base label", has_text=title).click()


@pytest.mark.browser
def test_a_map_stands_on_the_chosen_service_and_remembers_it(
    here: Product, host: TileHost, chrome: Browser
) -> None:
    with here.context.engine.begin() as conn:
        put_service(conn, here.context.key, service(here.stage.district_id, host.address, datum="gcj02"))
    with opened(chrome, here, "li", "/") as page:
        corner = page.locator(".leaflet-control-attribution")
        expect(page.locator(".leaflet-control-layers-base label")).to_have_count(2)
        assert page.locator("img.leaflet-tile").count() == 0
        before = page.evaluate("CareVan.map.getCenter()")
        choose(page, "外图")
        expect(corner).to_have_text("© 外图公司 · 审图号：GS(2026)0001号")
        expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
        assert page.evaluate("CareVan.map.getCenter()") == pytest.approx(before, abs=1e-6)
        assert off_by_px(page, staging.CENTRE) < 1.0
        page.reload()
        expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
        assert page.evaluate("CareVan.map.options.crs === CareVan.crs.gcj02")
        choose(page, "自带底图")
        expect(page.locator("img.leaflet-tile")).to_have_count(0)
        expect(page.locator("canvas.leaflet-tile-loaded").first).to_be_visible()
        assert page.evaluate("CareVan.map.options.crs === CareVan.crs.wgs84")


def off_by_px(page: Page, at: tuple[float, float]) -> float:
    """How far our overlay of a WGS-84 place lies from the dot of the tile that Python says holds it."""
    lon, lat = wgs84_to_gcj02(at)
    drawn = page.evaluate(
        """([lon, lat]) => {
            const {x, y} = CareVan.map.latLngToContainerPoint([lat, lon]);
            const box = CareVan.map.getContainer().getBoundingClientRect();
            const tile = [...document.querySelectorAll("img.leaflet-tile")].map((one) => {
                const [, z, x, y] = one.src.match(/mine\\/(\\d+)\\/(\\d+)\\/(\\d+)/).map(Number);
                const {left, top, width} = one.getBoundingClientRect();
                return {z, x, y, left: left - box.left, top: top - box.top, width};
            }).find((one) => one.width > 0 && Math.abs(one.z - CareVan.map.getZoom()) <= 0.5);
            return {x, y, tile};
        }""",
        list(at),
    )
    tile = drawn["tile"]
    across = 1 << tile["z"]
    column = (lon + 180) / 360 * across
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * across
    x = tile["left"] + (column - tile["x"]) * tile["width"]
    y = tile["top"] + (row - tile["y"]) * tile["width"]
    return math.hypot(x - drawn["x"], y - drawn["y"])


@pytest.mark.browser
def test_the_browser_converts_as_the_server_does(here: Product, chrome: Browser) -> None:
    lons = (-10.0, 71.9, 72.004, 72.01, 87.6, 104.07, 105.0, 115.985, 121.47, 137.8347, 137.84, 179.0)
    places = list(pairs(lons, (-33.0, 0.8, 0.83, 18.2, 31.23, 35.0, 39.9042, 53.48, 55.8271, 60.0)))
    with opened(chrome, here, "li", "/") as page:
        for script, truth in (("toGcj02", wgs84_to_gcj02), ("toWgs84", gcj02_to_wgs84)):
            got = page.evaluate(
                f"(places) => places.map(([lon, lat]) => CareVan.datum.{script}(lon, lat))", places
            )
            for place, answer in zip(places, got, strict=True):
                assert answer == pytest.approx(truth(place), abs=1e-9), (script, place)
        there = page.evaluate(
            """() => {
                const {project, unproject} = CareVan.crs.gcj02.projection;
                return [[39.9, 116.4], [31.2, 121.5]].map(([lat, lng]) => {
                    const back = unproject(project(L.latLng(lat, lng)));
                    return [back.lat - lat, back.lng - lng];
                }).flat();
            }"""
        )
        assert max(map(abs, there)) < 1e-9


@pytest.mark.browser
def test_a_service_that_fails_leaves_the_map_usable_and_says_so(
    here: Product, host: TileHost, chrome: Browser
) -> None:
    with here.context.engine.begin() as conn:
        put_service(conn, here.context.key, service(here.stage.district_id, host.address, keep_h=0))
    host.status = 500
    try:
        window = chrome.new_context(locale="en-GB", viewport={"width": 1400, "height": 900})
        page = window.new_page()
        page.goto(f"{here.address}/")
        page.fill("[name=login]", "li")
        page.fill("[name=password]", staging.PASSWORD)
        page.click("button[type=submit]")
        choose(page, "Outer map")
        corner = page.locator(".leaflet-control-attribution")
        expect(corner).to_contain_text("Outer map does not answer: grey is where its map is missing.")
        expect(corner).to_contain_text("Approval no. GS(2026)0001号")
        page.wait_for_function("() => CareVan.standing().length > 0")
        choose(page, "Our own map")
        expect(page.locator("canvas.leaflet-tile-loaded").first).to_be_visible()
        expect(corner).to_have_text("")
        window.close()
    finally:
        host.status = 200

"""The platform screen in a real browser: vans where the feed says, an SOS from form to banner."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from fleet import outbox, tables
from maps.platform import scene_of, thinned
from tests.maps import staging
from tests.maps.days import HERE, day, stop, tap
from tests.maps.product import Product, opened, product
from tests.maps.staging import NOW, Stage
from tests.tracking.proving import Drive
from tracking import history
from tracking.announcer import FIXES_CHANNEL

MARKER = "() => { const at = CareVan.layers.vans.getLayer('van:%d').getLatLng(); return [at.lng, at.lat]; }"

STALE = """(names) => JSON.stringify(names) === JSON.stringify(
    CareVan.standing().filter((van) => van.tone === "stale").map((van) => van.name))"""


def click_van(page: Page, van_id: int) -> None:
    """Click a van where it stands on the map."""
    at = page.evaluate("(id) => CareVan.standing().find((van) => van.id === id)", van_id)
    page.locator(".folium-map").click(position={"x": at["x"], "y": at["y"]})


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
        page.wait_for_function(
            "() => CareVan.standing().some((van) => van.name === '1号车' && van.tone === 'live')"
        )
        expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
        move(here, first, 115.99, 36.45)
        page.wait_for_function(f"() => ({MARKER % first})().join() === '115.99,36.45'")
        page.wait_for_function(STALE, arg=["2号车"])
        expect(page.locator(".van-row.is-stale")).to_have_count(1)
        expect(page.locator(".van-row.is-stale .when")).to_contain_text("最后定位 10:4")
        expect(page.locator('[data-figure="online"] [data-note]')).to_have_text("1 失联")
        move(here, second, 115.985, 36.45)
        page.wait_for_function(STALE, arg=[])
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
        expect(page.locator(".countdown")).to_have_text(re.compile(r"^接单(还剩|已超时) \d\d:\d\d$"))
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
        click_van(page, first)
        expect(page.locator(".said-list li")).to_contain_text("请先到中心食堂")
    with shared.context.engine.connect() as conn:
        assert [each.body["text"] for each in outbox.after(conn, first, 0)] == ["请先到中心食堂"]


SINCE = """async () => {
  const clock = await import("/static/clock.js");
  return [0, 864e5].map((ago) => clock.hmOrDay(clock.now() - ago));
}"""


@pytest.mark.browser
def test_a_viewer_sees_a_van_and_does_not_act(shared: Product, chrome: Browser) -> None:
    with shared.context.engine.begin() as conn:
        staging.put_login(conn, shared.stage.district_id, "guest", "赵敏", "viewer")
    with opened(chrome, shared, "guest", locale="en-GB") as page:
        page.locator(".van-row").first.click()
        expect(page.locator("#detail-title")).to_have_text("Van 1")
        expect(page.locator("#pair, #say, #raise-sos")).to_have_count(0)
        said = page.evaluate(SINCE)
        assert (said[0][:4], said[1]) == ("10:4", "23 Jul")


CUT = """() => [document.documentElement, ...document.querySelectorAll(
    ".top, .top *, .figure *, .said *, .van-row *, .call *, .heading *, .foot *")]
  .filter((one) => one.checkVisibility() && one.clientWidth && (one.scrollWidth > one.clientWidth + 1
    || ("webkitLineClamp" in one.style && one.scrollHeight > one.clientHeight + 6 && one.matches(".said *"))))
  .map((one) => `${one.className || one.tagName}: ${one.textContent.trim().slice(0, 60)}`)"""


LONG = """() => {
  const say = (where, text) => document.querySelectorAll(where).forEach((one) => { one.textContent = text; });
  say(".van-row .chip", "patrolling");
  say(".van-row .place", "月亮湾佳苑15号楼 欧阳*祥");
  say(".van-row .when .muted", "Hot tea 21 · Brown-sugar water 13");
}"""


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180), (390, 844)])
def test_no_words_are_cut_off_on_a_small_screen(
    shared: Product, chrome: Browser, width: int, height: int
) -> None:
    with opened(chrome, shared, "li", locale="en-GB") as page:
        page.set_viewport_size({"width": width, "height": height})
        expect(page.locator(".top .tag")).to_have_text("Synthetic demo district")
        expect(page.locator("#unserved .alert")).to_have_count(1)
        page.evaluate(LONG)
        assert page.evaluate(CUT) == []


@pytest.mark.browser
def test_a_cut_connection_is_said_and_mended_without_a_reload(shared: Product, chrome: Browser) -> None:
    with opened(chrome, shared, "li", locale="en-GB") as page:
        expect(page.locator("#frozen")).to_be_hidden()
        page.evaluate("() => { window.stillHere = true; }")
        page.evaluate("() => CareVan.feed.drop()")
        expect(page.locator("#frozen")).to_contain_text("The screen stands still")
        expect(page.locator("#frozen")).to_be_hidden()
        assert page.evaluate("() => window.stillHere") is True


def test_a_track_is_thinned_to_one_sound_fix_each_ten_seconds() -> None:
    fixes = Drive(HERE, 3.0).go((HERE[0] + 0.01, HERE[1]), 2.0).fixes()
    points = thinned(fixes)
    assert points[0][0] == int(fixes.t_ms.min())
    assert all(later[0] - before[0] >= 10_000 for before, later in itertools.pairwise(points))
    assert thinned(history.NONE) == []


def _more(conn: sa.Connection, stage: Stage) -> None:
    """A reading that is too warm, and a track of the last minutes."""
    first, _ = stage.van_ids
    conn.execute(
        tables.menu_item.insert().values(
            district_id=stage.district_id, code="mung", name="绿豆汤", name_en="Mung-bean soup",
            season="summer", container="cold", hold_s=7200, sugary=True,
        )
    )  # fmt: skip
    staging.put_tap(conn, first, "reading", NOW - timedelta(minutes=100), container="cold", celsius=9)
    staging.make_partition(conn, NOW)
    rows = [
        {
            "van_id": first, "t": NOW - timedelta(seconds=20 * n), "terminal_id": 1, "digest": n, "flags": 0,
            "geom": f"SRID=4326;POINT({115.96 + 0.0003 * n} 36.44)", "received_at": NOW,
        }
        for n in range(1, 20)
    ]  # fmt: skip
    conn.execute(tables.fix.insert(), rows)


@pytest.fixture
def busy(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True, more=_more) as made:
        yield made


@pytest.mark.browser
def test_what_is_unseen_wrong_and_warm_stands_on_map_and_list(busy: Product, chrome: Browser) -> None:
    first, _ = busy.stage.van_ids
    with opened(chrome, busy, "li", locale="en-GB") as page:
        # Eight places of two beats, of which no track has passed any.
        page.wait_for_function("() => CareVan.layers.unseen._container.getLayers().length === 8")
        expect(page.locator(f'.van-row[data-van="{first}"] .food-late')).to_contain_text("serve in 2")
        page.wait_for_function("(id) => CareVan.trail(id).length >= 19", arg=first)
        page.locator(".leaflet-control-layers").hover()
        for name in ("Places not passed yet", "Tracks of the last minutes", "Alerts"):
            page.get_by_role("checkbox", name=name).uncheck()
        assert page.evaluate("() => CareVan.map.hasLayer(CareVan.layers.unseen._container)") is False


BADGES = """async () => {
  const { alertMarks, badges } = await import("/static/platform/board.js");
  const alert = (van, tone, more) =>
    ({ key: tone, van, tone, title: tone, at: 0, at_place: null, standing: { ended: null }, ...more });
  const list = [alert(1, "warn"), alert(1, "late"), alert(2, "late", { standing: { ended: 1 } }),
    alert(3, "warn", { at_place: [115.98, 36.45], with_van: false }),
    alert(3, "info", { at_place: [1, 2], standing: null }),
    alert(4, "info", { at_place: [115.99, 36.44], with_van: true, mark: "here" })];
  CareVan.show("alerts", alertMarks(list));
  // Asked at once: the next board takes them off again.
  return [[...badges(list)], document.querySelectorAll(".alert-mark:is(.tone-warn, .tone-info)").length];
}"""


@pytest.mark.browser
def test_a_van_wears_the_gravest_of_its_standing_alerts_and_beats_have_theirs(
    shared: Product, chrome: Browser
) -> None:
    with opened(chrome, shared, "li") as page:
        page.wait_for_function("() => CareVan.standing().length === 2")
        assert page.evaluate(BADGES) == [[[1, "late"], [4, "info"]], 2]


@pytest.mark.browser
def test_a_van_is_followed_until_the_map_is_dragged(busy: Product, chrome: Browser) -> None:
    first, _ = busy.stage.van_ids
    far = "() => { const at = CareVan.map.getCenter(); return Math.hypot(at.lng - %f, at.lat - %f) < 8e-3; }"
    with opened(chrome, busy, "li", locale="en-GB") as page:
        page.locator(f'.van-row[data-van="{first}"]').click()
        page.click("#follow")
        expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
        move(busy, first, 116.0, 36.46)
        page.wait_for_function(far % (116.0, 36.46))
        box = page.locator(".folium-map").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 200, box["y"] + 300)
        page.mouse.down()
        page.mouse.move(box["x"] + 320, box["y"] + 380, steps=4)
        page.mouse.up()
        expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")


@pytest.mark.browser
def test_a_followed_van_that_stops_during_a_pan_is_still_reached(shared: Product, chrome: Browser) -> None:
    first, _ = shared.stage.van_ids
    twice = """async (id) => {
      const put = (lon, lat) => CareVan.layers.vans.update({ type: "FeatureCollection", features: [
        CareVan.vanFeature(id, lon, lat, { name: "1", colour: "#35c48d" })] });
      CareVan.follow(id);
      put(116.05, 36.5);
      for (let n = 0; n < 6; n += 1) await new Promise(requestAnimationFrame);
      put(116.1, 36.53);
    }"""
    with opened(chrome, shared, "li") as page:
        page.wait_for_function("() => CareVan.standing().length === 2")
        page.evaluate(twice, first)
        page.wait_for_function("() => CareVan.map.getCenter().distanceTo([36.53, 116.1]) < 1000")


@pytest.mark.browser
def test_a_crowd_of_vans_is_drawn_as_bunches_that_open(shared: Product, chrome: Browser) -> None:
    crowd = """() => CareVan.layers.vans.update({ type: "FeatureCollection", features:
      [...Array(300).keys()].map((n) => CareVan.vanFeature(
        1000 + n, 115.97 + 0.0004 * (n % 20), 36.44 + 0.0004 * Math.floor(n / 20),
        { name: `${n}`, colour: "#35c48d", tone: n === 7 ? "sos" : "live" })) })"""
    with opened(chrome, shared, "li") as page:
        page.wait_for_function("() => CareVan.standing().length === 2")
        page.evaluate(crowd)
        page.wait_for_function("() => CareVan.standing().length === 302")
        page.wait_for_function("() => CareVan.standing().some((van) => van.bunch > 2)")
        assert page.evaluate("() => CareVan.standing().find((van) => van.id === 1007).bunch") == 0
        zoom = page.evaluate("() => CareVan.map.getZoom()")
        bunch = page.evaluate(
            "() => { const size = CareVan.map.getSize(); return CareVan.bunches().find(({ x, y }) =>"
            " x > 100 && y > 100 && x < size.x - 100 && y < size.y - 100); }"
        )
        page.locator(".folium-map").click(position={"x": bunch["x"], "y": bunch["y"]})
        page.wait_for_function("(zoom) => CareVan.map.getZoom() > zoom", arg=zoom)

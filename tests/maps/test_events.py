"""What happens on a running day, in a real browser: from the click to the vans' new plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from fleet import outbox, registry, tables
from fleet.main import happened
from fleet.main.alarming import Watch
from fleet.main.app import create_app
from fleet.settings import Settings
from maps import assets
from maps.day import read_day
from maps.naming import place_name
from routing import store
from tests.fleet.main.running_town import NOON, Town, at_noon, offered, tap
from tests.maps import staging
from tests.maps.product import Product, opened
from tests.maps.staging import Stage
from tests.replay.serving import serving
from tests.routing.town import DAY, MORNING

LINE = """() => {
  const lines = [];
  CareVan.map.eachLayer((layer) => layer.feature?.geometry?.type === "LineString"
    && lines.push(JSON.stringify(layer.feature.geometry.coordinates)));
  return lines.sort().join();
}"""


CIRCLES = """() => {
  let n = 0;
  CareVan.map.eachLayer((layer) => { n += layer.options?.className === "closed-road"; });
  return n;
}"""


@contextmanager
def drawn_town(database: str, home: Path, **how: Any) -> Iterator[Town]:
    """A town with a base map, and Li, who dispatches, and Zhao, who looks."""
    vendor = Settings().vendor_dir
    if not assets.installed(vendor):
        pytest.skip(f"the browser assets are not in {vendor}: run ./carevan setup")
    (home / "vendor").symlink_to(vendor)
    with at_noon(database, home, **how) as made:
        with made.context.engine.begin() as conn:
            staging.put_base_map(conn)
            staging.put_login(conn, made.district_id, "li", "李建国", "dispatcher")
            staging.put_login(conn, made.district_id, "zhao", "赵敏", "viewer")
        yield made


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with drawn_town(database, tmp_path) as made:
        yield made


@pytest.fixture
def here(town: Town) -> Iterator[Product]:
    with served(town) as made:
        yield made


@contextmanager
def served(town: Town) -> Iterator[Product]:
    """The product on a town."""
    with serving(create_app(town.context)) as address:
        yield Product(address, town.context, Stage(town.district_id, (1, 2), (), town.plan_id))


def version(town: Town) -> int | None:
    with town.context.engine.connect() as conn:
        return store.find_plan(conn, town.district_id, town.plan_id).version


def heads(town: Town) -> dict[int, int]:
    with town.context.engine.connect() as conn:
        return dict(outbox.heads(conn, [1, 2]))


def drawn(page: Page) -> str:
    """The lines of the plan as the map draws them."""
    page.wait_for_function(f"() => ({LINE})() !== ''")
    return str(page.evaluate(LINE))


@pytest.mark.browser
def test_a_van_is_down_and_the_others_take_its_calls(here: Product, town: Town, chrome: Browser) -> None:
    before = heads(town)
    with opened(chrome, here, "li") as page:
        line = drawn(page)
        page.locator(".van-row").first.click()
        page.locator("#van-down").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#lost tbody tr").first).to_be_visible()
        assert version(town) == 1
        page.locator("#send-routes").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#routes-sent")).to_contain_text("现为第 2 版")
        page.wait_for_function(f"(line) => ({LINE})() !== line", arg=line)
    assert version(town) == 2
    assert all(seq > before[van] for van, seq in heads(town).items())


@pytest.mark.browser
def test_the_routes_of_a_call_for_help_are_sent_from_its_receipt(
    here: Product, town: Town, chrome: Browser
) -> None:
    offered(town)
    with opened(chrome, here, "li") as page:
        line = drawn(page)
        page.locator(".call button").last.click()
        page.locator("#rearrange").click()
        expect(page.locator("#detail-body")).to_contain_text("已按此安排执行")
        expect(page.locator("#rearrange")).to_have_count(0)
        page.wait_for_function(f"(line) => ({LINE})() !== line", arg=line)
    assert version(town) == 2


@pytest.fixture
def busy(database: str, tmp_path: Path) -> Iterator[Town]:
    """A day with more calls than its vans have time for: a call for help moves some."""
    with drawn_town(database, tmp_path, elders=140, now=MORNING + timedelta(hours=4)) as made:
        yield made


HEADS = {"zh-CN": ["走访", "原约定", "改为"], "en-GB": ["Call", "Promised", "Now"]}


@pytest.mark.browser
@pytest.mark.parametrize("locale", HEADS)
def test_whom_a_call_for_help_moves_is_told_to_the_dispatcher_alone(
    busy: Town, chrome: Browser, locale: str
) -> None:
    offered(busy)
    with served(busy) as here:
        with opened(chrome, here, "li", locale=locale) as page:
            page.locator(".call button").last.click()
            rows = page.locator("#moved tbody tr, #lost tbody tr")
            expect(rows.first).to_be_visible()
            whose = [row.locator("td").first.inner_text() for row in rows.all()]
            heads = page.locator("#detail-body thead").first.locator("th").all_inner_texts()
            assert heads == HEADS[locale]
        with opened(chrome, here, "zhao", locale=locale) as page:
            page.locator(".call button").last.click()
            expect(page.locator("#moved tbody tr, #lost tbody tr").first).to_be_visible()
            assert page.locator("#detail-body thead").first.locator("th").count() == 2
            said = page.locator("#detail-body").inner_text()
    with busy.context.engine.connect() as conn:
        day = read_day(conn, busy.district_id, busy.context.clock.now())
    known = {place_name(stop, "zh" if locale == "zh-CN" else "en") for stop in day.stops}
    assert set(whose) <= known and any("*" in each for each in whose)
    assert not any(each in said for each in whose)


@pytest.mark.browser
def test_who_comes_second_is_told_and_sees_what_moves_now(here: Product, town: Town, chrome: Browser) -> None:
    with opened(chrome, here, "li", may_fail=True) as page:
        page.locator("#something-happened").click()
        expect(page.locator("#event-elder")).to_be_focused()
        page.locator("#event-stop option").last.wait_for(state="attached")
        page.locator("#event-stop").select_option(index=0)
        page.locator("#event-absent button").click()
        expect(page.locator("#send-routes")).to_be_visible()
        with opened(chrome, here, "li", locale="en-GB") as other:
            other.locator(".van-row").last.click()
            other.locator("#van-down").click()
            other.locator("#send-routes").click()
            expect(other.locator("#routes-sent")).to_contain_text("version 2")
        page.locator("#send-routes").click()
        expect(page.locator("#events-wrong")).to_contain_text("车辆故障")


def sent(page: Page, version: int) -> None:
    """Send what is shown, and see it told."""
    page.locator("#send-routes").click()
    expect(page.locator("#routes-sent")).to_contain_text(f"现为第 {version} 版")


@pytest.mark.browser
def test_a_closed_road_is_picked_on_the_map_driven_round_and_opened_again(
    here: Product, town: Town, chrome: Browser
) -> None:
    with opened(chrome, here, "li") as page:
        page.locator("#something-happened").click()
        page.locator("#close-road").click()
        expect(page.locator("#picking")).to_be_visible()
        at = page.evaluate("() => CareVan.map.latLngToContainerPoint(CareVan.map.getCenter())")
        page.locator(".leaflet-container").click(position={"x": at["x"], "y": at["y"]}, force=True)
        page.locator("#closure-name").fill("东关桥")
        page.locator("#closure-radius").select_option("200")
        page.locator("#closure-form button").click()
        expect(page.locator("#send-routes")).to_be_visible()
        assert version(town) == 1
        sent(page, 2)
        page.wait_for_function(f"() => ({CIRCLES})() === 1")
        page.locator("#something-happened").click()
        expect(page.locator("#closure-list li")).to_contain_text("东关桥，至")
        page.locator("#closure-list .lift").click()
        sent(page, 3)
        page.wait_for_function(f"() => ({CIRCLES})() === 0")
    assert version(town) == 3


@pytest.mark.browser
def test_a_new_visit_a_call_nobody_needs_and_cold_food_are_sent(
    here: Product, town: Town, chrome: Browser
) -> None:
    with town.context.engine.connect() as conn:
        t, s = tables.recipient, tables.plan_stop
        planned = sa.select(s.c.recipient_id).where(s.c.recipient_id.is_not(None))
        elder, code = conn.execute(sa.select(t.c.id, t.c.code).where(t.c.id.not_in(planned))).first() or (
            0,
            "",
        )
    with opened(chrome, here, "li") as page:
        page.locator("#something-happened").click()
        page.locator("#event-elder").fill(code)
        page.locator("#event-visit button").click()
        expect(page.locator("#detail-body")).to_contain_text("新增走访")
        sent(page, 2)
        page.locator("#something-happened").click()
        page.locator("#event-stop option").last.wait_for(state="attached")
        gone = page.locator("#event-stop option").nth(1).get_attribute("value")
        page.locator("#event-stop").select_option(str(gone))
        page.locator("#event-absent button").click()
        sent(page, 3)
        page.locator(".van-row").first.click()
        page.locator("#cold-warm").click()
        sent(page, 4)
    with town.context.engine.connect() as conn:
        stops = store.stops_of(conn, town.plan_id)
    assert elder in {stop.recipient_id for stop in stops}
    assert int(gone or 0) not in {stop.id for stop in stops}


@pytest.mark.browser
def test_a_reading_says_that_food_is_cold_and_its_alert_leads_to_who_loses_it(
    here: Product, town: Town, chrome: Browser
) -> None:
    with town.context.engine.begin() as conn:
        read_at = NOON - timedelta(minutes=150)
        tap(conn, (town.district_id, 1), "reading", None, read_at, container="hot", celsius=50.0)
        district = registry.district(conn, town.district_id)
    Watch(town.context).look_at(district)
    with opened(chrome, here, "li", locale="en-GB") as page:
        page.locator("#alerts [data-act=rearrange]").click()
        expect(page.locator("#detail-title")).to_contain_text("Hot food gone cold")
        expect(page.locator("#send-routes")).to_be_visible()
        assert version(town) == 1
        page.locator("#send-routes").click()
        expect(page.locator("#routes-sent")).to_contain_text("version 2")
    with town.context.engine.connect() as conn:
        (kept,) = happened.today(conn, town.district_id, DAY)
    assert (kept.body["kind"], kept.body["van"], kept.body["container"]) == ("food_cold", 1, "hot")

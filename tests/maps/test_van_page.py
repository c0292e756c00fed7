"""The page of a van's day in a real browser: timeline, map and table show one choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.words import translate
from maps.alert_words import RULES
from tests.maps import staging
from tests.maps.product import Product, opened
from tests.maps.proofs import make_room, put_proofs
from tests.maps.staging import DAY, PASSWORD
from tests.maps.test_pages import UNNAMED

LIT = "() => [...document.querySelectorAll('.stay-mark.is-lit b')].map((each) => each.textContent)"
# A pixel of the map where the van drove, far from every mark of a stay.
DRIVEN_AT = """() => {
  const rect = CareVan.map.getContainer().getBoundingClientRect();
  const marks = [];
  let line = null;
  CareVan.map.eachLayer((layer) => {
    const role = layer.feature?.properties.role;
    if (role === "leg") line = line ?? layer;
    if (role === "stay") marks.push(CareVan.map.latLngToContainerPoint(layer.getLatLng()));
  });
  for (const each of line.getLatLngs()) {
    const at = CareVan.map.latLngToContainerPoint(each);
    if (marks.every((mark) => mark.distanceTo(at) > 40)) return { x: rect.x + at.x, y: rect.y + at.y };
  }
  return null;
}"""

# A stay whose mark no other covers.
FREE_MARK = """() => {
  const shown = [...document.querySelectorAll(".stay-mark")];
  const marks = shown.map((node) => ({ node, box: node.getBoundingClientRect() }));
  const apart = (a, b) => a === b || Math.hypot(a.box.x - b.box.x, a.box.y - b.box.y) > 30;
  const { node, box } = marks.find((one) => marks.every((other) => apart(one, other)));
  return { n: node.textContent, x: box.x + box.width / 2, y: box.y + box.height / 2 };
}"""


@pytest.fixture(scope="module")
def proved(shared: Product) -> Product:
    """The staged product with the proofs of its day."""
    make_room(shared.context.database_url)
    with shared.context.engine.begin() as conn:
        staging.put_login(conn, shared.stage.district_id, "looker", "看客", "viewer")
        put_proofs(conn, shared.stage)
    return shared


@contextmanager
def shown(proved: Product, chrome: Browser, login: str = "li", locale: str = "zh-CN") -> Iterator[Page]:
    path = f"/vans/{proved.stage.van_ids[0]}/{DAY}"
    with opened(chrome, proved, login, path, locale) as page:
        page.locator("#stays tr").first.wait_for()
        page.locator(".stay-mark").first.wait_for()
        yield page


@pytest.mark.browser
def test_figures_stays_grades_and_alerts_are_told(proved: Product, chrome: Browser) -> None:
    with shown(proved, chrome) as page:
        figures = page.locator("#figures")
        for text in ("328/ 360 分钟", "还差 32 分钟", "368 分钟", "38.4 km", "2/ 4", "3/ 4", "异常 7 个"):
            assert text.replace(" ", "") in figures.inner_text().replace(" ", "").replace("\n", ""), text
        served = page.locator("#stays tr", has_text="第1小区 刘*珍")
        expect(served).to_contain_text("09:10–09:32")
        expect(served.locator(".verdict")).to_have_text("已服务")
        expect(served.locator(".sum")).to_be_hidden()
        served.locator("summary").click()
        expect(served.locator(".sum tr").nth(1)).to_have_text(re.compile("距离41 m22 / 25"))
        poor = page.locator("#stays tr", has_text="第2小区")
        expect(poor).to_contain_text("迟到 25 分钟")
        expect(poor).to_contain_text("次序不符")
        poor.locator("summary").click()
        expect(poor.locator(".sum tr").last).to_have_text("点按过远，封顶扣分75000 m-6")
        skipped = page.locator("#stays tr", has_text="第3小区")
        expect(skipped).to_contain_text("未到访")
        assert skipped.get_attribute("data-stay") is None
        # Beside those that were staged a running watch may have found some of its own.
        expect(page.locator("#alerts")).to_contain_text("李建国 于 08:00 确认")
        late, historical = (translate("zh", RULES[code].name) for code in ("late", "two_sockets"))
        expect(page.locator("#alerts li", has_text=late)).to_contain_text("未确认")
        expect(page.locator("#alerts li", has_text=historical)).to_contain_text("事后补判")
        expect(page.locator("#computed")).to_contain_text("16:01:00")


@pytest.mark.browser
def test_beats_are_told_with_their_passes_and_gaps(proved: Product, chrome: Browser) -> None:
    with shown(proved, chrome) as page:
        row = page.get_by_role("table", name="网格", exact=True).locator("tbody tr")
        expect(row).to_have_count(1)
        expect(row.locator("th, td")).to_have_text(
            ["网格1", "3 / 4", "9每点 2.3 次", "1 小时 30 分", "2 小时 5 分", "47 分钟"]
        )
        page.goto(f"{proved.address}/vans/{proved.stage.van_ids[1]}/{DAY}")
        expect(row.locator("td")).to_have_text(["3 / 4", "3每点 0.8 次", "1 小时 30 分", "—", "—"])
        page.goto(f"{proved.address}/vans/{proved.stage.van_ids[1]}/2026-07-20")
        expect(page.locator("#beats-note")).to_have_text("无")
        expect(page.locator("table.beats")).to_be_hidden()
    with shown(proved, chrome, locale="en-GB") as page:
        row = page.get_by_role("table", name="Beats", exact=True).locator("tbody tr")
        expect(row.locator("th, td")).to_have_text(
            ["Beat 1", "3 / 4", "92.3 a cell", "1 h 30 min", "2 h 5 min", "47 min"]
        )


@pytest.mark.browser
def test_the_keys_go_through_the_timeline_and_the_rest_follows(proved: Product, chrome: Browser) -> None:
    with shown(proved, chrome) as page:
        page.locator("#line").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(page.locator("#told")).to_have_text("服务，09:10 至 09:32，22 分钟")
        expect(page.locator("[aria-selected=true]")).to_have_count(1)
        active = page.locator("#line").get_attribute("aria-activedescendant")
        expect(page.locator(f"#{active}")).to_have_attribute("aria-label", "服务，09:10 至 09:32，22 分钟")
        number = page.locator("#stays tr.is-lit").get_attribute("data-stay")
        assert page.evaluate(LIT) == [number]
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#told")).to_contain_text("巡逻")
        page.keyboard.press("End")
        expect(page.locator("#told")).to_contain_text("在车场")
        page.keyboard.press("Escape")
        expect(page.locator("[aria-selected=true]")).to_have_count(0)
        assert page.evaluate(LIT) == []


@pytest.mark.browser
def test_what_is_pointed_at_in_one_place_stands_out_in_the_others(proved: Product, chrome: Browser) -> None:
    with shown(proved, chrome) as page:
        row = page.locator("#stays tr", has_text="第2小区")
        number = row.get_attribute("data-stay")
        row.hover()
        assert page.evaluate(LIT) == [number]
        expect(page.locator("#line .span.is-lit")).to_have_attribute("title", "服务，10:02 至 10:22，20 分钟")
        page.locator("h1").hover()
        assert page.evaluate(LIT) == []
        page.locator("#line .is-sos").hover()
        expect(page.locator("#told")).to_have_text("紧急呼叫，11:11 至 11:37，26 分钟")
        page.locator("h1").hover()
        row.locator("button").click()
        page.locator("h1").hover()
        assert page.evaluate(LIT) == [number], "a click stays"
        stay = page.evaluate(FREE_MARK)
        page.mouse.click(stay["x"], stay["y"])
        expect(page.locator("#stays tr.is-lit")).to_have_attribute("data-stay", stay["n"])
        expect(page.locator("#line .span.is-lit")).to_have_count(1)
        at = page.evaluate(DRIVEN_AT)
        assert at is not None
        page.mouse.click(at["x"], at["y"])
        expect(page.locator("#told")).to_contain_text("巡逻，")


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "theme"), [("zh-CN", "dark"), ("en-GB", "light")])
def test_everything_is_named_and_fits_a_laptop(
    proved: Product, chrome: Browser, locale: str, theme: str
) -> None:
    with shown(proved, chrome, locale=locale) as page:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(f"{proved.address}/theme/{theme}?next=/vans/{proved.stage.van_ids[0]}/{DAY}")
        page.locator(".stay-mark").first.wait_for()
        assert page.evaluate(UNNAMED) == []
        roles = page.locator("[role=option]").evaluate_all(
            "(all) => all.map((e) => e.getAttribute('aria-label'))"
        )
        assert len(roles) == 16 and all(roles)


@pytest.mark.browser
def test_a_dispatcher_takes_the_track_away_and_a_viewer_does_not(proved: Product, chrome: Browser) -> None:
    van_id = proved.stage.van_ids[0]
    with shown(proved, chrome) as page:
        expect(page.locator(".takes a")).to_have_count(4)
        with page.expect_download() as taking:
            page.click(".takes a:has-text('GPX')")
        assert taking.value.suggested_filename == f"V1_{DAY}.gpx"
        assert "<trkpt" in taking.value.path().read_text()
        page.select_option("#van", str(proved.stage.van_ids[1]))
        page.wait_for_url(f"**/vans/{proved.stage.van_ids[1]}/{DAY}")
        expect(page.locator("#stays tr")).to_have_count(4)
    with shown(proved, chrome, "looker") as page:
        expect(page.locator(".takes")).to_have_count(0)
        page.goto(f"{proved.address}/vans/{van_id}/2026-07-20")
        expect(page.locator("#line")).to_contain_text("尚未核算")


def test_only_this_districts_vans_are_shown(proved: Product) -> None:
    van_id = proved.stage.van_ids[0]
    with httpx2.Client(
        base_url=proved.address, trust_env=False, headers={"Origin": proved.address}
    ) as client:
        assert client.get(f"/api/vans/{van_id}/days/{DAY}").status_code == 401
        client.post("/login", data={"login": "looker", "password": PASSWORD})
        sheet = client.get(f"/api/vans/{van_id}/days/{DAY}").json()
        assert [each["properties"]["role"] for each in sheet["driven"]["features"]].count("stay") == len(
            sheet["stays"]
        )
        assert client.get(f"/vans/{van_id}/today").headers["location"] == f"/vans/{van_id}/{DAY}"
        assert client.get(f"/api/vans/999/days/{DAY}").status_code == 404
        assert client.get(f"/vans/999/{DAY}").status_code == 404

"""The charts in a real browser: what they draw is what the database holds."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from fleet import tables
from fleet.session import COOKIE
from tests.maps.charted import charted
from tests.maps.product import Product, opened
from tests.maps.staging import DAY
from tests.maps.test_runsheet_page import account_of
from tests.replay.serving import log_in

__all__ = ["charted"]
CHARTS = ("patrol", "visits", "portions", "sos", "coverage")
OPTION = """(key) => JSON.parse(JSON.stringify(
  echarts.getInstanceByDom(document.getElementById(`chart-${key}`)).getOption()))"""
INK = """(key) => {
  const canvas = document.querySelector(`#chart-${key} canvas`);
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
  return n;
}"""


def series(page: Page, key: str) -> list[list[Any]]:
    """The values of a chart's series, as the library holds them."""
    option = page.evaluate(OPTION, key)
    return [
        [value["value"] if isinstance(value, dict) else value for value in each["data"]]
        for each in option["series"]
    ]


def table(page: Page, key: str) -> list[list[str]]:
    rows = page.locator(f"#table-{key} tbody tr")
    return [row.locator("th, td").all_text_contents() for row in rows.all()]


@pytest.mark.browser
def test_what_is_drawn_is_what_is_stored(charted: Product, chrome: Browser) -> None:
    with charted.context.engine.connect() as conn:
        kept = conn.execute(
            sa.select(tables.van_day.c.proved_s, tables.van_day.c.claimed_s).order_by(tables.van_day.c.van_id)
        ).all()
        waits = conn.execute(
            sa.text(
                "SELECT extract(epoch FROM seen_at - called_at), extract(epoch FROM accepted_at - called_at),"
                " extract(epoch FROM arrived_at - called_at) FROM sos ORDER BY called_at"
            )
        ).all()
        thrown = (
            conn.execute(
                sa.text("SELECT (body->>'cups')::int FROM event WHERE kind = 'reload' ORDER BY van_id")
            )
            .scalars()
            .all()
        )
    with opened(chrome, charted, "li", f"/charts/{DAY}") as page:
        expect(page.locator(".chart canvas")).to_have_count(len(CHARTS))
        for key in CHARTS:
            assert page.evaluate(INK, key) > 500, f"{key} is blank"
        proved, claimed = series(page, "patrol")
        assert proved == [pytest.approx(row.proved_s / 3600, abs=0.01) for row in kept]
        assert claimed == [pytest.approx(row.claimed_s / 3600, abs=0.01) for row in kept]
        marks = page.evaluate(OPTION, "patrol")["series"][0]["markLine"]["data"]
        assert [mark["yAxis"] for mark in marks] == [6]
        drawn = series(page, "sos")
        for n, row in enumerate(waits):
            for k, seconds in enumerate(row):
                want = None if seconds is None else pytest.approx(float(seconds) / 60, abs=0.06)
                assert drawn[k][n] == [want, n]
        served, discarded = series(page, "portions")
        assert discarded == thrown == [6, 3] and served == [4, 4]
        overdue, due, done = series(page, "visits")
        assert (overdue[-1], due[-1], done[-1], len(done)) == (5, 1, 0, 14)
        (covered,) = series(page, "coverage")
        shares = [share for _, share in covered]
        assert shares == sorted(shares) and shares[-1] == 0.5


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_each_chart_has_a_table_and_a_name(charted: Product, chrome: Browser, locale: str) -> None:
    with opened(chrome, charted, "li", f"/charts/{DAY}", locale) as page:
        assert len(table(page, "visits")) == 14 and table(page, "visits")[-1] == [str(DAY), "5", "1", "0"]
        assert table(page, "sos")[1][1:] == ["00:25", "01:00", "09:00"]
        assert table(page, "sos")[0][-1] == "—", "nobody is there yet"
        for key in CHARTS:
            said = page.locator(f"#chart-{key}").get_attribute("aria-label") or ""
            assert page.locator(f"#title-{key}").inner_text() in said
        expect(page.locator("h1")).to_contain_text("图表" if locale == "zh-CN" else "Charts")
        expect(page.locator("#as-of")).to_contain_text("10:")


@pytest.mark.browser
def test_colours_follow_the_theme(charted: Product, chrome: Browser) -> None:
    with opened(chrome, charted, "li", f"/charts/{DAY}", "en-US") as page:
        dark = page.evaluate(OPTION, "visits")
        page.get_by_role("link", name="Light").click()
        page.locator("#chart-visits canvas").wait_for()
        light = page.evaluate(OPTION, "visits")
        assert dark["series"][0]["itemStyle"]["color"] == "#ff9f43"
        assert light["series"][0]["itemStyle"]["color"] == "#a84a00"
        assert dark["textStyle"]["color"] != light["textStyle"]["color"]


@pytest.mark.browser
def test_an_empty_day_says_so_and_another_day_is_chosen(charted: Product, chrome: Browser) -> None:
    with opened(chrome, charted, "li", f"/charts/{DAY}", "en-US") as page:
        page.fill("#day", "2026-07-20")
        page.dispatch_event("#day", "change")
        page.wait_for_url("**/charts/2026-07-20")
        expect(page.locator("#empty-sos")).to_have_text("Nobody called for help on this day.")
        expect(page.locator("#chart-sos")).to_be_hidden()


def test_a_viewer_may_look_and_the_link_without_a_day_leads_to_today(charted: Product) -> None:
    account = account_of(charted, "planner")
    with httpx2.Client(base_url=charted.address, trust_env=False, follow_redirects=False) as client:
        assert client.get("/api/charts/2026-07-24").status_code == 401
        client.cookies.set(
            COOKIE, log_in(charted.context.engine, account, charted.stage.district_id, "viewer")
        )
        assert client.get("/charts").headers["location"] == f"/charts/{DAY}"
        said = client.get(f"/api/charts/{DAY}").json()
        assert said["day"] == str(DAY) and "刘" not in str(said)

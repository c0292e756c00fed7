"""The planner's desk in a real browser: looked at, planned, compared, published."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from fleet import tables
from routing import job
from routing.planner import Wish, plan_day
from routing.scenario import Told
from routing.variant import Variant
from routing.vroom_solution import decode
from routing.warmth import Warmth
from routing.work import Work
from tests.maps import staging
from tests.maps.desk import at_desk, block, keys_of, planned, publish
from tests.maps.product import Product, opened, product
from tests.maps.staging import DAY, NOW
from tests.maps.test_screens import Held
from tests.replay.serving import chromium
from tests.routing import town


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True) as made:
        yield made


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Product]:
    """The product on the invented district, with a published plan of a winter's day."""
    with planned(database, tmp_path) as made:
        yield made


def put_draft(here: Product) -> int:
    """A draft of the staged day without any route."""
    with here.context.engine.begin() as conn:
        return staging.put(
            conn, tables.plan, district_id=here.stage.district_id, day=DAY, status="draft", basis="road",
            seed=2,
            levels={"mandatory_missed": 2, "drive_s": 1800}, violations=0, created_at=NOW,
            created_by="account:1",
        )  # fmt: skip


@pytest.mark.browser
def test_a_planner_compares_publishes_and_plans_anew(here: Product) -> None:
    draft = put_draft(here)
    with chromium() as browser, opened(browser, here, "planner", "/plan", "en-GB", may_fail=True) as page:
        expect(page.locator(".version")).to_have_count(2)
        expect(page.locator("#timeline .lane .stop")).to_have_count(8)
        # The staged vans have no depot: their day can be looked at as it was stored.
        expect(page.locator("#strip-hint")).to_contain_text("Give it a centre as depot")
        expect(page.locator("#unserved-list")).to_contain_text("+14 min of shift on Van 1 would do")
        expect(page.locator("#publish")).to_be_hidden()
        page.locator("button.version", has_text="draft").click()
        expect(page.locator(".level").first).to_contain_text("▲ 2")
        page.click("#publish")
        expect(page.locator("#publishing-said p").first).not_to_contain_text("comparing")
        page.click("#publish-go")
        expect(page.locator("#said")).to_contain_text("Published")
        page.click("#later")
        expect(page.locator("#timeline")).to_contain_text("No plan for this day yet")
        page.click("#earlier")
        page.click("#run")
        expect(page.locator("#job")).to_contain_text("waiting for the planner")
        page.click("#job-cancel")
        expect(page.locator("#said")).to_contain_text("Planning was cancelled")
        expect(page.locator("#run")).to_be_enabled()
        # A dispatcher looks and does not touch.
        with opened(browser, here, "li", "/plan") as other:
            expect(other.locator(".version")).to_have_count(2)
            expect(other.locator("#run, #publish, #scenario-new, #undo")).to_have_count(0)
    with here.context.engine.connect() as conn:
        t = tables.plan
        assert conn.scalar(sa.select(t.c.status).where(t.c.id == draft)) == "published"


@pytest.mark.browser
def test_publishing_shows_which_promises_change_and_tells_the_second_of_two_planners(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk, may_fail=True) as page:
        key = keys_of(page, 0)[0]
        block(page, key).click()
        page.click('[data-act="remove"]')
        page.fill("#save-name", "without one")
        page.click("#save")
        expect(page.locator('.version[aria-pressed="true"]')).to_contain_text("without one")
        page.click("#publish")
        expect(page.locator("#publishing-said")).to_contain_text("promises change")
        expect(page.locator("#publishing-said tbody tr").first).to_contain_text("dropped")
        # Meanwhile somebody else publishes another plan of the day.
        other = plan_day(desk.context, desk.stage.district_id, town.DAY, Wish(seconds=0.5, seed=4))
        publish(desk.context, desk.stage.district_id, other)
        page.click("#publish-go")
        expect(page.locator("#publishing-wrong")).to_contain_text("published version 2")
        page.reload()
        page.locator("button.version", has_text="without one").click()
        page.click("#publish")
        expect(page.locator("#publishing-said")).to_contain_text("promises change")
        page.click("#publish-go")
        expect(page.locator("#said")).to_contain_text("Published. The vans get it now.")
        expect(page.locator("#publish")).to_be_hidden()


@pytest.mark.browser
def test_a_running_job_draws_its_curve(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        page.select_option("#seconds", "5")
        page.click("#run")
        expect(page.locator("#job")).to_contain_text("waiting for the planner")
        job_id = run_waiting(desk)
        expect(page.locator("#said")).to_contain_text("A new plan stands")
        expect(page.locator("#curve path.curve-line").first).to_be_attached()
        expect(page.locator("#curve")).to_have_attribute("aria-label", re.compile("Best so far: .*"))
    with desk.context.engine.connect() as conn:
        assert job.find(conn, None, job_id).status == "done"


def run_waiting(desk: Product) -> int:
    """Do the job that waits, as a worker would."""
    with desk.context.engine.connect() as conn:
        t = tables.plan_job
        job_id = conn.scalar(sa.select(sa.func.max(t.c.id)).where(t.c.status == "waiting"))
    assert job_id is not None
    Work(desk.context, job_id).run()
    return int(job_id)


@pytest.mark.browser
def test_what_if_one_van_more_is_asked_for_and_compared(desk: Product) -> None:
    district_id = desk.stage.district_id
    with desk.context.engine.connect() as conn:
        van = conn.scalar(
            sa.select(sa.func.min(tables.van.c.id)).where(tables.van.c.district_id == district_id)
        )
    assert van is not None
    more = Variant("多一辆车", (Told("van_more", van=van),))
    plan_day(desk.context, district_id, town.DAY, Wish(seconds=0.5, variant=more))
    with chromium() as browser, at_desk(browser, desk, "zh-CN") as page:
        page.click("#scenario-new")
        page.select_option('#scenario-add [name="kind"]', "shift")
        page.fill('#scenario-add [name="minutes"]', "60")
        page.click("#scenario-put")
        expect(page.locator("#scenario-changes li")).to_have_count(1)
        expect(page.locator("#scenario-name")).to_have_value(
            "班次延长或缩短(分钟) 全部车辆 60".replace("(", "（").replace(")", "）")
        )
        page.click("#scenario-run")
        expect(page.locator("#job")).to_contain_text("等待")
        page.click("#job-cancel")
        expect(page.locator("#run")).to_be_enabled()
        page.click("#compare")
        page.wait_for_url("**/plan/compare?plans=*")
        expect(page.locator(".tables")).to_contain_text("多一辆车")
        expect(page.locator(".tables .vans tbody tr")).to_have_count(3)
        expect(page.locator(".leaflet-control-layers-overlays label")).to_have_count(2)
        assert (
            page.evaluate("Object.keys(CareVan.layers).filter((name) => name.startsWith('plan')).length") == 2
        )
        page.locator(".leaflet-control-layers").hover()
        page.locator(".leaflet-control-layers-overlays input").first.uncheck()
        assert page.evaluate("CareVan.map.hasLayer(CareVan.layers.plan0._container)") is False
    with desk.context.engine.connect() as conn:
        kept = conn.scalar(
            sa.select(tables.plan_job.c.variant).order_by(tables.plan_job.c.id.desc()).limit(1)
        )
    assert kept is not None
    assert [(each["kind"], each["minutes"]) for each in kept["scenario"]] == [("shift", 60)]


@pytest.mark.browser
def test_the_days_ahead_are_shown_with_their_load_and_lead_to_their_day(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        page.click("#show-week")
        expect(page.locator("#days-list .day-row")).to_have_count(14)
        page.select_option("#days-count", "7")
        expect(page.locator("#days-list .day-row")).to_have_count(7)
        expect(page.locator("#days-list .day-row").first).to_have_attribute("aria-current", "date")
        expect(page.locator("#days-list .day-row").nth(2)).to_contain_text("due")
        page.locator("#days-list .day-row").nth(1).click()
        expect(page.locator("#timeline")).to_contain_text("No plan for this day yet")
        expect(page.locator("#days-list .day-row").first).to_contain_text("01-15")
        page.click("#show-day")
        expect(page.locator("#due-list li")).to_have_count(0)


@pytest.mark.browser
def test_a_fresh_server_says_that_reasons_are_being_prepared_and_they_come_by_themselves(
    database: str, tmp_path: Path
) -> None:
    made = tmp_path / "whole"
    made.touch()
    may = threading.Event()

    def load() -> None:
        may.wait()

    warmth = Warmth(load, made)
    warmth.start()
    with (
        planned(database, tmp_path, warmth=warmth) as desk,
        chromium() as browser,
        at_desk(browser, desk, may_fail=True) as page,
    ):
        expect(page.locator(".left-out").first).to_contain_text("is being made ready")
        may.set()
        expect(page.locator(".left-out .reason").first).to_be_visible(timeout=90_000)


@pytest.mark.browser
def test_the_plan_on_the_screen_is_taken_away_as_a_vroom_solution(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk) as page:
        with page.expect_download() as taken:
            page.click('#files a[href$=".vroom"]')
        assert taken.value.suggested_filename == f"plan-{town.DAY}-{desk.stage.plan_id}.vroom.json"
        assert decode(Path(taken.value.path()).read_bytes()).summary.routes == 2
        with at_desk(browser, desk, "zh-CN", "viewer") as other:
            expect(other.locator("#files")).to_have_count(0)


@pytest.mark.browser
def test_a_desk_that_waits_for_a_plan_says_so(desk: Product) -> None:
    with chromium() as browser, at_desk(browser, desk, "zh-CN") as page:
        basis = page.locator("#basis")
        expect(basis).to_contain_text("已核查")
        held = Held()
        held.holds = True
        page.route("**/api/plan-sheets/*", held.request)
        with page.expect_request("**/api/plan-sheets/*"):
            page.locator("button.version").first.click()
        expect(basis).to_have_text("正在读取计划…")
        held.let_go()
        expect(basis).to_contain_text("已核查")

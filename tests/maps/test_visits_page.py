"""The visits' page in a real browser: who is due, what is written down, imported and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import session, tables, visits
from fleet.accounts import Role
from tests.maps import staging
from tests.maps.product import Product, opened, product
from tests.maps.staging import NOW, Stage
from tests.replay.serving import log_in

CSV = "编号,方式,时间,结果,分钟\nR6,电话,2026-07-24 09:10,接通,4\nR7,网格员,2026-07-24 09:40,,\n"


@pytest.fixture
def here(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, browser=True, more=seed) as made:
        yield made


@pytest.fixture
def served(database: str, tmp_path: Path) -> Iterator[Product]:
    with product(database, tmp_path, more=seed) as made:
        yield made


def seed(conn: sa.Connection, stage: Stage) -> None:
    """One elder with an exception for a time, one who is phoned every second day."""
    ids = people(conn)
    staging.put(
        conn, tables.cadence, recipient_id=ids["R1"], channel="visit", target_days=3, min_days=2, max_days=4,
        service_s=1200, own=True, day_from="2026-07-01", day_to="2026-07-31",
    )  # fmt: skip
    staging.put(
        conn, tables.cadence, recipient_id=ids["R2"], channel="call", target_days=2, min_days=1, max_days=3,
        service_s=180,
    )  # fmt: skip


def people(conn: sa.Connection) -> dict[str, int]:
    t = tables.recipient
    return {row.code: row.id for row in conn.execute(sa.select(t.c.code, t.c.id))}


def asking(made: Product, role: Role) -> httpx2.Client:
    """A client logged in by role, which may write."""
    with made.context.engine.begin() as conn:
        account = conn.scalar(
            tables.account.insert()
            .values(login=f"its-{role}", password_hash="none", created_at=NOW)
            .returning(tables.account.c.id)
        )
    assert account is not None
    token = log_in(made.context.engine, account, made.stage.district_id, role)
    headers = {session.CSRF_HEADER: session.csrf_for(made.context, token), "Origin": made.address}
    return httpx2.Client(
        base_url=made.address, cookies={session.COOKIE: token}, headers=headers, trust_env=False
    )


def audited(made: Product) -> list[str]:
    a = tables.audit
    with made.context.engine.connect() as conn:
        return list(conn.scalars(sa.select(a.c.action).where(a.c.action.like("%visit%")).order_by(a.c.id)))


@pytest.mark.browser
def test_who_is_due_stands_first_by_how_overdue_they_are(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li", "/visits") as page:
        ratios = [float(text) for text in page.locator("#due td.count").all_inner_texts()]
        late = page.locator("#due .state-overdue").count()
        assert late > 1
        assert ratios[:late] == sorted(ratios[:late], reverse=True)
        assert ratios[late - 1] > 1 >= ratios[late]
        expect(page.locator("#due tr").first.locator(".state-overdue")).to_have_text(re.compile("已超期"))
        own = page.locator("#due tr", has_text="R1").first
        expect(own.locator(".own")).to_have_text("个人")
        expect(own).to_contain_text("3 天，最长 4 天")
        assert "刘淑珍" not in page.content()
        page.locator("#channels button", has_text="电话问候").press("Enter")
        expect(page.locator("#due tr")).to_have_count(1)


@pytest.mark.browser
def test_a_call_is_written_down_by_keyboard_and_taken_back(here: Product, chrome: Browser) -> None:
    with opened(chrome, here, "li", "/visits", locale="en-GB") as page:
        page.locator("#channels button", has_text="Phone call").click()
        page.get_by_role("button", name="Write down for R2").press("Enter")
        expect(page.locator("#code")).to_have_value("R2")
        expect(page.locator("#who")).to_contain_text("刘*珍")
        page.locator("#began").fill("2026-07-24T10:20")
        page.locator("#minutes").fill("7")
        page.locator("#minutes").press("Enter")
        expect(page.locator("#said")).to_have_text("Written down for R2.")
        expect(page.locator("#due tr")).to_have_count(0)
        expect(page.locator("#recorded li")).to_contain_text("R2 · 刘*珍 · Phone call · Reached")
        button = page.get_by_role("button", name="Take back the entry of R2")
        button.press("Enter")
        expect(button).to_have_text("Really?")
        button.press("Enter")
        expect(page.locator("#recorded .is-undone")).to_have_count(1)
        expect(page.locator("#due tr")).to_have_count(1)
    assert audited(here) == ["visit.record", "visit.undo"]


@pytest.mark.browser
def test_many_come_by_a_file_and_a_bad_one_says_which_row(
    here: Product, chrome: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "calls.csv"
    with opened(chrome, here, "li", "/visits") as page:
        assert page.locator("#import-cadences").count() == 0
        file.write_text(CSV + "R99,电话,2026-07-24 09:10,,\nR1,电话,2026-07-25 09:10,,\n", encoding="gb18030")
        page.locator("#import input").set_input_files(file)
        page.locator("#import button").click()
        expect(page.locator("#report li").nth(0)).to_contain_text("第 4 行: 没有编号为 'R99' 的老人")
        expect(page.locator("#report li").nth(1)).to_contain_text("第 5 行: 时间 2026-07-25 09:10 尚未到")
        expect(page.locator("#recorded li")).to_have_count(0)
        file.write_text(CSV, encoding="utf-8")
        page.locator("#import input").set_input_files(file)
        page.locator("#import button").click()
        expect(page.locator("#report li").last).to_contain_text(
            "读取 2 行，新增 2 行，0 行此前已登记，保持不变"
        )
        expect(page.locator("#recorded li")).to_have_count(2)
    assert audited(here) == ["visits.import"]


def test_what_is_written_down_is_verified_by_its_channel_and_names_its_writer(served: Product) -> None:
    form = {"code": "R3", "channel": "grid", "began": "2026-07-24T09:00", "outcome": "served", "minutes": 12}
    with asking(served, "dispatcher") as ask:
        answer = ask.post("/api/visits", json=form)
        assert answer.status_code == 200, answer.text
        assert ask.post("/api/visits", json=form).status_code == 409
        assert ask.post("/api/visits", json={**form, "code": "R99"}).status_code == 404
        assert ask.post("/api/visits", json={**form, "began": "2026-07-24T12:00"}).status_code == 422
        assert ask.post("/api/visits", json={**form, "channel": "visit"}).status_code == 422
        assert ask.post("/api/visits/999/undo").status_code == 404
    t = tables.visit
    with served.context.engine.connect() as conn:
        row = conn.execute(sa.select(t).where(t.c.recorded_at.is_not(None))).one()
        assert (row.standing, row.channel, row.service_s, row.recorded_by) == (
            "verified", "grid", 720, "its-dispatcher",
        )  # fmt: skip
        assert row.source.startswith("by:its-dispatcher:2026-07-24T01:00:00+00:00")
        key = people(conn)["R3"], "grid"
        assert visits.last_visits(conn, served.stage.district_id, NOW)[key] == row.began


def test_viewers_see_nothing_of_it_and_only_planners_change_cadences(served: Product) -> None:
    files = {"file": ("c.csv", b"code,channel,target_days\nR1,visit,5\n", "text/csv")}
    with asking(served, "viewer") as ask:
        assert ask.get("/api/visits").status_code == 403
    with asking(served, "dispatcher") as ask:
        assert ask.post("/api/cadences/import", files=files).status_code == 403
    with asking(served, "planner") as ask:
        said = ask.post("/api/cadences/import", files=files).json()
        assert said == {"accepted": True, "said": ["c.csv：已导入 1 行，新增 0 行，更新 1 行。"]}
        ask.headers[session.CSRF_HEADER] = "old"
        assert ask.post("/api/cadences/import", files=files).status_code == 403

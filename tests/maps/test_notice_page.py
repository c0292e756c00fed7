"""Boards of beats in a real browser, and on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from fleet import tables
from fleet.session import COOKIE
from tests.maps.product import Product, opened, product
from tests.maps.staging import CENTRE, NOW, Stage, point, put
from tests.maps.test_runsheet_page import account_of
from tests.replay.serving import log_in


def names_of_elders(here: Product) -> list[str]:
    t = tables.recipient
    with here.context.engine.connect() as conn:
        return list(conn.scalars(sa.select(t.c.name).where(t.c.district_id == here.stage.district_id)))


@pytest.mark.browser
def test_every_beat_has_a_board_of_its_own_that_names_no_elder(chrome: Browser, shared: Product) -> None:
    with opened(chrome, shared, "li", "/beats/board") as page:
        boards = page.locator(".notice")
        expect(boards).to_have_count(len(shared.stage.van_ids))
        first = boards.first
        expect(first.locator("h1")).to_contain_text("网格1")
        expect(first.locator(".server")).to_contain_text("1号车")
        expect(first.locator(".hours")).to_contain_text("星期五 08:30–16:30")
        expect(first).to_contain_text("请立即拨打 120")
        expect(first.locator(".map path.leaflet-interactive")).to_have_count(1)
        expect(first.locator(".map .printed-place")).to_have_count(len(shared.stage.van_ids))
        source = page.content()
        elders = names_of_elders(shared)
        assert elders and not [name for name in elders if name in source]
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == len(shared.stage.van_ids)
        page.get_by_role("link", name="网格2").click()
        expect(page.locator(".notice")).to_have_count(1)
        expect(page.locator(".notice h1")).to_contain_text("网格2")


def test_boards_are_for_dispatchers_and_speak_english_too(shared: Product) -> None:
    account, district_id = account_of(shared, "planner"), shared.stage.district_id
    with httpx2.Client(base_url=shared.address, trust_env=False, headers={"Accept-Language": "en"}) as client:
        client.cookies.set(COOKIE, log_in(shared.context.engine, account, district_id, "viewer"))
        assert client.get("/beats/board").status_code == 403
        client.cookies.clear()
        client.cookies.set(COOKIE, log_in(shared.context.engine, account, district_id, "dispatcher"))
        said = client.get("/beats/board")
        assert said.status_code == 200 and "Who serves this beat" in said.text
        missing = client.get("/beats/987654/board")
        assert missing.status_code == 404 and "There is no beat 987654 here." in missing.text


def put_passes(conn: sa.Connection, stage: Stage) -> None:
    """The first van passes its beat at 10:46 and 11:16, and fills up at the second centre at 12:46."""
    beat, site = tables.beat.c, tables.site.c
    for seq, (hours, kind) in enumerate(((0.0, "pass"), (0.5, "pass"), (2.0, "reload")), start=50):
        arrives = NOW + timedelta(hours=hours)
        put(
            conn, tables.plan_stop, plan_id=stage.plan_id, van_id=stage.van_ids[0], seq=seq, kind=kind,
            beat_id=conn.scalar(sa.select(beat.id).where(beat.code == "B0")) if kind == "pass" else None,
            site_id=conn.scalar(sa.select(site.id).where(site.code == "C1")) if kind == "reload" else None,
            geom=point(*CENTRE), arrives=arrives, begins=arrives, leaves=arrives + timedelta(minutes=6),
        )  # fmt: skip


def test_a_board_tells_when_the_days_plan_brings_its_van(database: str, tmp_path: Path) -> None:
    with product(database, tmp_path, more=put_passes) as here:
        account, district_id = account_of(here, "planner"), here.stage.district_id
        with httpx2.Client(base_url=here.address, trust_env=False) as client:
            client.headers["Accept-Language"] = "en"
            client.cookies.set(COOKIE, log_in(here.context.engine, account, district_id, "dispatcher"))
            boards = client.get("/beats/board").text.split("<article")[1:]
    assert "On 2026-07-24, by the plan, about:" in boards[0]
    assert "<li>in this beat <b>10:00–12:00</b></li>" in boards[0]
    assert "<li>Centre 2 <b>12:00–13:00</b></li>" in boards[0]
    assert "by the plan" not in boards[1]
    # Neither whom the van visits, nor where, nor to the minute when.
    assert not [word for board in boards for word in ("Estate", "10:46", "11:16", "12:46") if word in board]

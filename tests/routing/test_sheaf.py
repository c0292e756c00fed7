from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from fleet.errors import NotFound
from fleet.registry import District, MenuItem, Site, Van
from fleet.roads import Roads
from fleet.words import catalogue
from routing import store
from routing.agenda import build
from routing.explain import explain
from routing.search import Effort, solve
from routing.sheaf import KINDS, LEVELS, Sheaf, read_sheaf
from routing.stored import PlanRow, RouteRow, StopRow, UnservedRow
from tests.routing.town import DAY, MORNING, seed

NINE = datetime(2026, 7, 22, 1, 0, tzinfo=UTC)


def stop(n: int, kind: str, **more: object) -> StopRow:
    """A stop of van 3, half an hour after the one before."""
    at = NINE + timedelta(minutes=30 * n)
    row = StopRow(
        100 + n, 3, n, kind, 116.0 + n / 100, 36.5, "桂花园 3号楼", "Osmanthus Court 3",
        None, None, False, None,
        at, at + timedelta(minutes=1), at + timedelta(minutes=21), None, None, {}, site_id=n,
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def sheaf(locale: str = "zh") -> Sheaf:
    """A plan of two vans, with what is awkward to write: a formula, angle brackets, an unknown item."""
    plan = PlanRow(
        7, date(2026, 7, 22), 2, "published", "road", 1,
        {"sos_missed": 0, "mandatory_missed": 1, "prize_missed": 30, "patrol_short_min": 4, "drive_s": 5400},
        NINE, "command", NINE, "account:1", 3, 1,
    )  # fmt: skip
    person: dict[str, object] = {
        "recipient_id": 44,
        "who": "刘淑珍",
        "sugar_free": True,
        "needs": ("stair_climber", "haircut"),
    }
    person |= {"nap_from": time(9, 0), "nap_to": time(10, 0)}
    person |= {"window_from": NINE, "window_to": NINE + timedelta(hours=2)}
    stops = (
        stop(0, "start", name="中心1"),
        stop(1, "visit", **person),
        stop(2, "dropoff", name="=1+1 <广场>", name_en=None, items={"soup": 30, "melon": 12, "old": 1}),
        stop(3, "end", name="中心1"),
        stop(4, "start", van_id=4, seq=0),
        stop(5, "end", van_id=4, seq=1),
    )
    line = ((116.0, 36.5), (116.02, 36.51))
    routes = tuple(
        RouteRow(van_id, code, NINE, NINE + timedelta(hours=8), 21_000, 5_400, 31_250, line)
        for van_id, code in ((3, "V3"), (4, "V4"))
    )
    centre = Site(1, "c1", "centre", "中心1", "Centre 1", 116.0, 36.5, True, True, time(8), time(17))
    reload = {"code": "reload", "short": 0, "what": ["中心1"], "at": "12:40"}
    reasons = [
        {"van": 3, "needs": [{"code": "shift_end", "short": 840}]},
        {"van": 4, "needs": [reload]},
    ]
    left = UnservedRow(0, 9, "牡丹苑", 45, "张三", "visit", True, 0, reasons)
    vans = {
        3: Van(3, "V3", "三号车", "Van 3", "", "#2fb7c9", (), 100, 80, 1),
        4: Van(4, "V4", "四/号车?", "Van 4", "", "#7aa2ff", (), 100, 80, 1),
    }
    menu = {
        "soup": MenuItem(1, "soup", "绿豆汤", "Mung-bean soup", "summer", "cold", 7200, True),
        "melon": MenuItem(2, "melon", "西瓜", "Watermelon", "summer", "cold", 7200, True),
    }
    district = District(1, "聊城开发区", "Liaocheng Zone", "Asia/Shanghai", 116.0, 36.5, True)
    spoken = "en" if locale == "en" else "zh"
    return Sheaf(plan, district, vans, routes, stops, (left,), menu, (centre,), spoken)  # type: ignore[arg-type]


def test_a_line_says_what_a_driver_must_not_overlook() -> None:
    line = list(sheaf().lines(3))[1]
    assert (line.what, line.place, line.who) == ("上门", "桂花园 3号楼", "刘*珍")
    assert line.flags == ("无糖", "爬楼机")
    assert line.notes == ("理发", "午休 09:00–10:00，敲门前先打电话")
    assert f"{line.begins:%H:%M} {line.begins.tzname()}" == "09:31 CST"
    assert line.window is not None and f"{line.window[1]:%H:%M}" == "11:00"
    english = list(sheaf("en").lines(3))
    assert english[1].place == "Osmanthus Court 3" and english[1].flags == ("sugar-free", "stair climber")
    assert english[2].portions == (("Mung-bean soup", 30), ("Watermelon", 12), ("old", 1))
    assert [each.van_id for each in sheaf().lines()] == [3, 3, 3, 3, 4, 4]


def test_what_is_left_out_is_said_with_its_reason() -> None:
    (left,) = sheaf().left()
    assert (left.place, left.who, left.mandatory) == ("牡丹苑", "张*", True)
    assert left.reasons == ("三号车延时 14 分钟可安排", "四/号车? 12:40 在中心1补给一次即可安排")
    (left,) = sheaf("en").left()
    assert left.reasons[1] == "a reload of Van 4 at Centre 1 at 12:40 would do"
    assert sheaf().status() == "第 2 版，已发布"
    assert replace(sheaf("en"), plan=replace(sheaf().plan, version=None)).status() == "Draft 7"


def test_every_word_of_it_has_a_translation() -> None:
    missing = [text for text in (*KINDS.values(), *LEVELS.values()) if text not in catalogue()]
    assert missing == []


@pytest.fixture
def saved(conn: sa.Connection) -> tuple[int, int]:
    agenda = build(conn, Roads(""), seed(conn), DAY)
    plan = solve(agenda.problem, Effort(seconds=0.3))
    sites = agenda.problem.sites
    lines = [[(sites[s.site].lon, sites[s.site].lat) for s in route.stops] for route in plan.routes]
    made = store.Made(MORNING, "command", 1, explain(agenda.problem, plan), lines, 0)
    return agenda.district_id, store.save_draft(conn, agenda, plan, made)


def test_a_stored_plan_is_read_whole(conn: sa.Connection, saved: tuple[int, int]) -> None:
    district_id, plan_id = saved
    found = read_sheaf(conn, district_id, plan_id, "zh")
    lines = list(found.lines())
    assert len(lines) == len(store.stops_of(conn, plan_id))
    assert all("*" in line.who for line in lines if line.who)
    assert {line.kind for line in lines} >= {"start", "visit", "end"}
    assert any(line.portions for line in lines if line.kind == "dropoff")
    with pytest.raises(NotFound):
        read_sheaf(conn, district_id + 1, plan_id, "zh")

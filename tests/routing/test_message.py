from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from routing.message import message_of
from routing.stored import PlanRow, RouteRow, StopRow

AT = datetime(2026, 7, 22, 0, 30, tzinfo=UTC)
MS = 1_784_680_200_000
PLAN = PlanRow(5, date(2026, 7, 22), 2, "published", "road", 1, {}, AT, "command", AT, "account:1", 1, 0)
ROUTE = RouteRow(3, "V3", AT, AT, 0, 0, 0, ((116.0, 36.5), (116.1, 36.6)))
STOP = StopRow(
    9, 3, 1, "visit", 116.0, 36.5, "家", "", 44, "刘淑珍", True, None, AT, AT, AT, AT, AT, {"soup": 2}
)
ITEMS = {
    "soup": {"name": "绿豆汤", "name_en": "Mung-bean soup", "container": "cold"},
    "tea": {"name": "茶水", "name_en": "Tea", "container": "hot"},
}


def test_a_van_is_told_its_route_and_nothing_it_need_not_know() -> None:
    body = message_of(PLAN, ROUTE, [STOP, replace(STOP, id=10, who=None, window_from=None, items={})], ITEMS)
    assert body["shift"] == {"starts": MS, "ends": MS}
    assert body["route"] == [[116.0, 36.5], [116.1, 36.6]]
    assert list(body["items"]) == ["soup"]
    first, second = body["stops"]
    assert first == {
        "id": 9,
        "seq": 1,
        "kind": "visit",
        "name": "家",
        "lon": 116.0,
        "lat": 36.5,
        "arrives": MS,
        "begins": MS,
        "leaves": MS,
        "window": [MS, MS],
        "items": {"soup": 2},
        "who": "刘*珍",
        "sugar_free": True,
        "recipient": 44,
        "beat": None,
    }
    assert (second["who"], second["window"]) == (None, None)

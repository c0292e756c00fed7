"""A hand-made day for the pure tests: one van, three stops, nothing from a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fleet.registry import Beat, Cell, District, MenuItem, Shift, Van
from fleet.season import season_on
from fleet.sos import Case
from maps.board import Gathered, Proof
from maps.circle import Circle
from maps.day import Count, Day, Overdue, Plan, Position, Route, Stop, Tap
from maps.patrol import Seen

NOW = datetime(2026, 7, 24, 2, 46, tzinfo=UTC)
START = datetime(2026, 7, 24, 0, 30, tzinfo=UTC)
HERE = (115.98, 36.44)
RING = ((115.97, 36.43), (115.99, 36.43), (115.99, 36.45), (115.97, 36.45), (115.97, 36.43))
VAN = Van(1, "V1", "1号车", "Van 1", "", "#2fb7c9", (), 0, 40, None)
BEAT = Beat(7, "B7", "网格7", "Beat 7", False, ((RING,),), (Cell(1, *HERE, 2), Cell(2, 115.985, 36.445, 2)))


def stop(n: int, kind: str = "visit", **other: Any) -> Stop:
    """The n-th stop of the van, half an hour each."""
    arrives = START + timedelta(minutes=30 * n)
    made = Stop(
        id=n, van_id=1, seq=n, kind=kind, at=(HERE[0] + 0.001 * n, HERE[1]), arrives=arrives, begins=arrives,
        leaves=arrives + timedelta(minutes=20), items={"mung": 4}, doorstep=True, name=f"第{n}小区",
        name_en=f"Estate {n}", recipient="刘淑珍",
    )  # fmt: skip
    return replace(made, **other)


def tap(kind: str, minute: int, stop_id: int | None = None, **body: Any) -> Tap:
    """A tap so many minutes after the shift's start."""
    return Tap(1, kind, START + timedelta(minutes=minute), stop_id, body)


def call(**other: Any) -> Case:
    """An open SOS."""
    made = Case(
        id=9, district_id=1, source="webhook:1", source_key="k", recipient_id=None, who="刘*珍",
        place="滨河社区", lon=115.99, lat=36.44, state="called", van_id=None,
        called_at=NOW - timedelta(seconds=70),
    )  # fmt: skip
    return replace(made, **other)


def day(**other: Any) -> Day:
    """The day; any field may be given."""
    made = Day(
        now=NOW,
        day=date(2026, 7, 24),
        start=datetime(2026, 7, 23, 16, tzinfo=UTC),
        state=5,
        district=District(1, "开发区", "Zone", "Asia/Shanghai", *HERE, synthetic=False),
        vans=(VAN,),
        sites=(),
        beats=(BEAT,),
        beats_of={1: [7]},
        shifts=(Shift(1, date(2026, 7, 24), 1, START, START + timedelta(hours=8)),),
        menu=(MenuItem(1, "mung", "绿豆汤", "Mung-bean soup", "summer", "cold", 7200, True),),
        plan=Plan(3, 2, "road"),
        routes=(Route(1, START, START + timedelta(hours=8), 21600, 3600, 30000, (HERE, (116.0, 36.45))),),
        stops=(stop(1), stop(2), stop(3)),
        unserved=(),
        taps=(),
        positions={1: Position(1, NOW - timedelta(seconds=3), HERE, 90.0, NOW)},
        calls=(),
        journal=(),
        monthly=Count(9, 10),
        overdue=Overdue(2, 1.2),
        season=season_on(date(2026, 7, 24), None),
    )
    return replace(made, **other)


def gathered(**other: Any) -> Gathered:
    """What was gathered for that day."""
    proof = Proof({1: 5400}, {1: 6000}, {7: Seen(7, 0.5, 8200, 300)})
    made = Gathered(proof, Circle(NOW, 0.91, 2, "road"), {1: 120}, season_on(date(2026, 7, 24), None))
    return replace(made, **other)

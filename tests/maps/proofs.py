"""A staged day with its proofs: ledgers, evidence, alerts, and the track of the first van."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import sqlalchemy as sa

from fleet import tables
from fleet.units import moment_of, ms_of
from maps.scene import LonLat
from tests.maps.staging import CENTRE, DAY, NOW, Stage
from tracking.partitions import Partitions

START = datetime(2026, 7, 24, 0, 0, tzinfo=UTC)  # 08:00 in the district
DEPOT = (CENTRE[0] - 0.03, CENTRE[1] - 0.01)
COUNTED = frozenset({"patrol", "service", "sos"})
MOVING = frozenset({"patrol", "off_beat", "sos"})
# What the first van did: kind, minutes, where it is at the end.
DOING: tuple[tuple[str, int, LonLat], ...] = (
    ("depot", 25, DEPOT),
    ("patrol", 45, (DEPOT[0] + 0.010, DEPOT[1] + 0.004)),
    ("service", 22, (DEPOT[0] + 0.010, DEPOT[1] + 0.004)),
    ("patrol", 30, (DEPOT[0] + 0.004, DEPOT[1] + 0.011)),
    ("service", 20, (DEPOT[0] + 0.004, DEPOT[1] + 0.011)),
    ("patrol", 35, (DEPOT[0] + 0.011, DEPOT[1] + 0.010)),
    ("off_beat", 14, (DEPOT[0] + 0.022, DEPOT[1] + 0.012)),
    ("sos", 26, (DEPOT[0] + 0.010, DEPOT[1] + 0.002)),
    ("reload", 15, DEPOT),
    ("break", 40, DEPOT),
    ("patrol", 48, (DEPOT[0] + 0.009, DEPOT[1] + 0.009)),
    ("gap", 21, (DEPOT[0] + 0.003, DEPOT[1] + 0.006)),
    ("patrol", 62, (DEPOT[0] + 0.008, DEPOT[1] + 0.003)),
    ("idle", 18, (DEPOT[0] + 0.008, DEPOT[1] + 0.003)),
    ("patrol", 40, DEPOT),
    ("depot", 20, DEPOT),
)


@dataclass(slots=True)
class Told:
    """Spans as a ledger keeps them, and the fixes that they were found in."""

    spans: list[dict[str, object]] = field(default_factory=list)
    fixes: list[tuple[datetime, float, float]] = field(default_factory=list)


def told() -> Told:
    """The first van's day."""
    found, t, at = Told(), START, DEPOT
    for kind, lasts_min, to in DOING:
        ends = t + timedelta(minutes=lasts_min)
        found.spans.append({"kind": kind, "from": ms_of(t), "to": ms_of(ends), "first": -1, "last": -1})
        steps, turns = lasts_min * 6, round(lasts_min / 6) if kind in MOVING else 0
        for n in range(steps if kind != "gap" else 0):
            # Rounds of six minutes on the way: two and a half kilometres each.
            share = n / steps
            angle = 2 * math.pi * turns * share
            lon = at[0] + (to[0] - at[0]) * share + 0.0045 * math.sin(angle)
            lat = at[1] + (to[1] - at[1]) * share + 0.0035 * (1 - math.cos(angle))
            found.fixes.append((t + timedelta(seconds=10 * n), lon, lat))
        t, at = ends, to
    return found


def seconds(spans: list[dict[str, Any]], kinds: frozenset[str]) -> int:
    """How long the van did any of this."""
    lasted: list[int] = [each["to"] - each["from"] for each in spans if each["kind"] in kinds]
    return sum(lasted) // 1000


def put_proofs(conn: sa.Connection, stage: Stage) -> Told:
    """Put the proofs of the staged day there."""
    first, second = stage.van_ids[:2]
    found = told()
    put_van_day(conn, stage, first, found.spans, fixes=len(found.fixes) + 7, flagged=7)
    half = [
        {"kind": "offline", "from": ms_of(START), "to": ms_of(START) + 1_800_000, "first": -1, "last": -1},
        {
            "kind": "patrol",
            "from": ms_of(START) + 1_800_000,
            "to": ms_of(START) + 7_200_000,
            "first": -1,
            "last": -1,
        },
    ]
    put_van_day(conn, stage, second, half, fixes=900, flagged=0)
    put_beat(conn, first, passes=9, longest_unseen_s=5_400, longest_revisit_s=7_500, median_revisit_s=2_820)
    put_beat(conn, second, passes=3, longest_unseen_s=5_400)
    conn.execute(
        tables.fix.insert(),
        [
            {
                "van_id": first, "t": t, "terminal_id": 1, "digest": n, "flags": 0, "received_at": t,
                "geom": f"SRID=4326;POINT({lon} {lat})",
            }
            for n, (t, lon, lat) in enumerate(found.fixes)
        ],
    )  # fmt: skip
    services = [each for each in found.spans if each["kind"] == "service"]
    parts = [
        {"part": "dwell", "points": 30, "of": 30, "value": 1320},
        {"part": "distance", "points": 22, "of": 25, "value": 41},
        {"part": "order", "points": 10, "of": 10, "value": True},
        {"part": "tap", "points": 15, "of": 15, "value": 12},
        {"part": "picture", "points": 12, "of": 12, "value": True},
        {"part": "position", "points": 0, "of": 5, "value": None},
        {"part": "reading", "points": 3, "of": 3, "value": True},
    ]
    poor = [
        {"part": "dwell", "points": 30, "of": 30, "value": 1200},
        {"part": "distance", "points": 25, "of": 25, "value": 8},
        {"part": "order", "points": 0, "of": 10, "value": False},
        {"part": "cap", "points": -6, "of": 0, "value": 75000},
    ]
    stops = stage.stop_ids
    put_evidence(
        conn, stage, stops[0], first, services[0], verdict="served", grade="A", score=92, parts=parts
    )
    put_evidence(
        conn, stage, stops[1], first, services[1], verdict="served", grade="D", score=49, parts=poor,
        late_s=1500, late=True, in_order=False,
    )  # fmt: skip
    put_evidence(conn, stage, stops[2], first, None, verdict="skipped", grade=None, score=None, parts=[])
    off = next(each for each in found.spans if each["kind"] == "off_beat")
    put_alert(conn, stage, first, "gps_lost", "warn", off, acked_at=START, acked_by="李建国")
    reload = next(each for each in found.spans if each["kind"] == "reload")
    # Rules of the moment: what is over of them stays, while a running watch finds those of the day again.
    put_alert(conn, stage, first, "late", "high", reload)
    put_alert(conn, stage, first, "two_sockets", "info", off, historical=True)
    return found


def make_room(database_url: str) -> None:
    """Room for the fixes of the staged day, be the product's own keeper faster or slower."""

    async def make() -> None:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as conn:
            await Partitions(90).keep_ahead(conn, NOW)

    # In a thread of its own: a browser's loop may run in this one.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, make()).result()


def put_van_day(
    conn: sa.Connection, stage: Stage, van_id: int, spans: list[dict[str, Any]], *, fixes: int, flagged: int
) -> None:
    """A stored ledger."""
    conn.execute(
        tables.van_day.insert().values(
            van_id=van_id, day=DAY, district_id=stage.district_id, proved_s=seconds(spans, COUNTED),
            claimed_s=seconds(spans, COUNTED) + 2400, sos_s=seconds(spans, frozenset({"sos"})),
            distance_m=38_400.0, fixes=fixes, flagged=flagged, spans=spans, cells_seen=3, cells=4,
            longest_unseen_s=5_400, received_until=START + timedelta(hours=8),
            computed_at=START + timedelta(hours=8, minutes=1),
        )
    )  # fmt: skip


def put_beat(conn: sa.Connection, van_id: int, **values: int) -> None:
    """How a van's one beat was covered, as stored: three of its four cells were seen."""
    beat = sa.select(tables.beat_assignment.c.beat_id).where(tables.beat_assignment.c.van_id == van_id)
    conn.execute(
        tables.van_day_beat.insert().values(
            van_id=van_id, day=DAY, beat_id=conn.execute(beat).scalar_one(), cells=4, cells_seen=3, **values
        )
    )


def put_evidence(
    conn: sa.Connection,
    stage: Stage,
    stop_id: int,
    van_id: int,
    span: dict[str, Any] | None,
    **values: object,
) -> None:
    """Stored evidence of a stop."""
    arrived, departed = (None, None) if span is None else (moment_of(span["from"]), moment_of(span["to"]))
    dwell_s = 0 if arrived is None or departed is None else int((departed - arrived).total_seconds())
    whole = {
        "stop_id": stop_id, "district_id": stage.district_id, "van_id": van_id, "day": DAY,
        "arrived": arrived, "departed": departed, "tapped": departed, "dwell_s": dwell_s, "sharers": 1,
        "distance_m": None if arrived is None else 12.0, "late_s": 0, "window_late_s": 0, "late": False,
        "in_order": None if arrived is None else True, "computed_at": START + timedelta(hours=8), **values,
    }  # fmt: skip
    conn.execute(tables.stop_evidence.insert().values(whole))


def put_alert(
    conn: sa.Connection,
    stage: Stage,
    van_id: int,
    code: str,
    severity: str,
    span: dict[str, Any],
    **values: object,
) -> None:
    """A stored alert; one without an end is not over."""
    began, ended = moment_of(span["from"]), None if span["to"] is None else moment_of(span["to"])
    conn.execute(
        tables.alert.insert().values(
            district_id=stage.district_id, code=code, subject=f"van:{van_id}", van_id=van_id, began=began,
            severity=severity, ended=ended, raised_at=began, **values,
        )
    )  # fmt: skip

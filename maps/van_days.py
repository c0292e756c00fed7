"""The proofs of a district's day as they are kept: ledgers, what stops came to, alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry, sql
from fleet.errors import InvalidInput
from fleet.registry import District, Van
from maps.day import Stop, stop_of
from tracking import day_store, fence_store
from tracking.day_store import KeptDay
from tracking.fence_store import Entry

_SQL = sql.load(Path(__file__).with_name("days.sql"))


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the sum that a score is."""

    part: str
    points: int
    of: int
    value: float | bool | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a stop came to.

    Parameters
    ----------
    dwell_s : its part of a stay that it may share with others, `sharers` in all
    late : whether `late_s`, seconds after the planned time, is more than is allowed
    in_order : None where the van made no stay for it
    """

    verdict: str
    arrived: datetime | None
    departed: datetime | None
    tapped: datetime | None
    dwell_s: int
    sharers: int
    distance_m: float | None
    late_s: int
    late: bool
    in_order: bool | None
    grade: str | None
    score: int | None
    parts: tuple[Part, ...]
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A planned stop with its evidence, by the van whose track that is; None while nothing is computed."""

    van_id: int
    stop: Stop
    evidence: Evidence | None

    @property
    def verdict(self) -> str:
        """What came of it."""
        return self.evidence.verdict if self.evidence else "pending"


@dataclass(frozen=True, slots=True)
class Alert:
    """What was wrong with a van, and who has acknowledged it."""

    id: int
    van_id: int
    code: str
    severity: str
    began: datetime
    ended: datetime | None
    historical: bool
    acked_at: datetime | None
    acked_by: str | None
    shelved_until: datetime | None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proofs:
    """A district's day: from its midnight to the next, with what is kept of it."""

    district: District
    day: date
    start: datetime
    end: datetime
    vans: tuple[Van, ...]
    ledgers: Mapping[int, KeptDay]
    calls: tuple[Call, ...]
    alerts: tuple[Alert, ...]
    fences: tuple[Entry, ...] = ()


def read(conn: sa.Connection, district_id: int, day: date) -> Proofs:
    """Everything that is kept of a day.

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : the calendar ends before the day does.
    """
    if day.year in (date.min.year, date.max.year):
        raise InvalidInput("The day {day} cannot be shown. Choose one that has been.", day=day)
    district = registry.district(conn, district_id)
    zone = ZoneInfo(district.timezone)
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    of_day = {"district": district_id, "day": day}
    return Proofs(
        district,
        day,
        start,
        end,
        registry.vans(conn, district_id),
        {kept.van_id: kept for kept in day_store.read(conn, district_id, day, day)},
        tuple(_call(row) for row in _rows(conn, "calls", of_day)),
        tuple(
            Alert(**row)
            for row in _rows(conn, "alerts", {"district": district_id, "starts": start, "ends": end})
        ),
        fence_store.entries(conn, district_id),
    )


def _rows(conn: sa.Connection, name: str, params: Mapping[str, object]) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], dict(params)).mappings()]


def _call(row: Mapping[str, Any]) -> Call:
    stop = stop_of(row, row["planned_van_id"])
    return Call(row["van_id"], stop, None if row["verdict"] is None else _evidence(row))


def _evidence(row: Mapping[str, Any]) -> Evidence:
    names = (
        "verdict", "arrived", "departed", "tapped", "dwell_s", "sharers", "distance_m", "late_s", "late",
        "in_order", "grade", "score", "computed_at",
    )  # fmt: skip
    parts = tuple(
        Part(str(each["part"]), int(each["points"]), int(each["of"]), each.get("value"))
        for each in row["parts"]
    )
    return Evidence(parts=parts, **{name: row[name] for name in names})

"""What was stored of the vans: where they are, where they were, and how much there is.

Functions take the caller's connection and neither open nor commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from fleet.geo import Ring
from tracking.statements import TEXTS

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Latest:
    """A van's newest unflagged fix."""

    van_id: int
    t: datetime
    lon: float
    lat: float
    speed_mps: float | None
    heading_deg: float | None
    battery: float | None
    received_at: datetime


class Sighting(NamedTuple):
    """A van at a place."""

    van_id: int
    t: datetime
    lon: float
    lat: float


class StoredFix(NamedTuple):
    """One fix as stored: times aware, place WGS-84, `flags` as in `tracking.fix`."""

    t: datetime
    terminal_id: int
    digest: int
    lon: float
    lat: float
    speed_mps: float | None
    heading_deg: float | None
    accuracy_m: float | None
    flags: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Extent:
    """How many fixes a van has in a span, and from when to when."""

    van_id: int
    fixes: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """What the database holds; stored and distinct are equal while nothing is stored twice."""

    fixes: int
    distinct_fixes: int
    events: int
    distinct_events: int
    quarantined: int


def latest(conn: sa.Connection, district_id: int) -> tuple[Latest, ...]:
    """Where each van of a district was last, by van."""
    rows = conn.exec_driver_sql(TEXTS["latest_of_district"], {"district_id": district_id})
    return tuple(Latest(*row) for row in rows)


def track(conn: sa.Connection, van_id: int, starts: datetime, ends: datetime) -> Iterator[StoredFix]:
    """One van's fixes with starts <= t < ends, by time, read as they are taken.

    Conflicting and flagged fixes are among them: `tracking.track.choose` picks.
    """
    streaming = conn.execution_options(stream_results=True, yield_per=_CHUNK)
    rows = streaming.exec_driver_sql(TEXTS["track"], {"van_id": van_id, "starts": starts, "ends": ends})
    for row in rows:
        yield StoredFix(*row)


def within(conn: sa.Connection, polygon: Ring, starts: datetime, ends: datetime) -> tuple[Sighting, ...]:
    """Where vans were inside a polygon with starts <= t < ends, by time; unflagged fixes only.

    Meant for spans of hours: on a live day all fixes of the span are looked at.

    Parameters
    ----------
    polygon : its outer ring, WGS-84, three corners or more, closed or not

    Raises
    ------
    ValueError : fewer than three corners.
    """
    corners = [*polygon, polygon[0]] if len(polygon) > 2 and polygon[0] != polygon[-1] else list(polygon)
    if len(corners) < 4:
        raise ValueError(f"a polygon needs three corners or more, not {len(polygon)}")
    text = f"POLYGON(({', '.join(f'{lon:.9f} {lat:.9f}' for lon, lat in corners)}))"
    rows = conn.exec_driver_sql(TEXTS["within"], {"polygon": text, "starts": starts, "ends": ends})
    return tuple(Sighting(*row) for row in rows)


def extents(
    conn: sa.Connection, van_ids: Sequence[int], starts: datetime, ends: datetime
) -> tuple[Extent, ...]:
    """Which of these vans have fixes with starts <= t < ends, by van."""
    rows = conn.exec_driver_sql(
        TEXTS["vans_with_fixes"], {"van_ids": list(van_ids), "starts": starts, "ends": ends}
    )
    return tuple(Extent(*row) for row in rows)


def counts(conn: sa.Connection) -> Counts:
    """How much is stored, counted row by row: for reports, not for screens."""
    return Counts(*conn.exec_driver_sql(TEXTS["counts"]).one())


def stops_done(conn: sa.Connection) -> int:
    """How many planned stops have a stored done tap."""
    done: int = conn.exec_driver_sql(TEXTS["done_stops"]).scalar_one()
    return done

"""What a crew's tap proves of a visit: the only writer of the ledger of visits from taps.

Until visits are graded from tracks, a tap is a *claim*. What is written is a function of the tap and its
planned stop alone, never of what arrived before it, so late taps give the same ledger as punctual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from fleet import tables, visits

Outcome = Literal["served", "no_answer", "declined"]
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {"done": "served", "no_answer": "no_answer", "declined": "declined"}
)
DROPOFF_CHANNEL = "check"
"""Handing something over at a stop point is seeing the elder, briefly: the doorstep check."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One stored event of a terminal, as far as visits care."""

    terminal_id: int
    id: UUID
    district_id: int
    van_id: int
    t: datetime
    kind: str
    stop_id: int | None

    @property
    def source(self) -> str:
        """The fact's identity in the ledger."""
        return f"event:{self.terminal_id}:{self.id}"


@dataclass(frozen=True, slots=True)
class _Served:
    recipient_id: int
    channel: str


@dataclass(frozen=True, slots=True)
class _Stop:
    kind: str
    site_id: int | None
    recipient_id: int | None
    channel: str | None
    service_s: int


def draw(conn: sa.Connection, tap: Tap) -> int:
    """Write the visits a tap claims.

    A tap at a visit claims its elder's visit; a tap at a drop-off claims the doorstep check of every elder
    whom that stop point serves. Other taps, and taps at stops of another district, claim nothing.

    Returns
    -------
    How many visits are new: 0 when the tap was drawn before.
    """
    outcome = OUTCOMES.get(tap.kind)
    if outcome is None or tap.stop_id is None:
        return 0
    stop = _find_stop(conn, tap.district_id, tap.stop_id)
    if stop is None:
        return 0
    # A visit nobody opened the door to took no time.
    service_s = stop.service_s if outcome == "served" else 0
    return visits.add(
        conn,
        tap.district_id,
        [
            visits.Visit(
                recipient_id=each.recipient_id,
                channel=each.channel,
                began=tap.t - timedelta(seconds=service_s),
                service_s=service_s,
                standing="claimed",
                outcome=outcome,
                source=tap.source,
                van_id=tap.van_id,
                stop_id=tap.stop_id,
            )
            for each in _served_at(conn, tap.district_id, stop)
        ],
    )


def _find_stop(conn: sa.Connection, district_id: int, stop_id: int) -> _Stop | None:
    stop, plan, cadence = tables.plan_stop, tables.plan, tables.cadence
    row = conn.execute(
        sa.select(
            stop.c.kind, stop.c.site_id, stop.c.recipient_id, stop.c.begins, stop.c.leaves, cadence.c.channel
        )
        .join(plan, plan.c.id == stop.c.plan_id)
        .join(cadence, cadence.c.id == stop.c.cadence_id, isouter=True)
        .where(stop.c.id == stop_id, plan.c.district_id == district_id)
    ).one_or_none()
    if row is None:
        return None
    planned_s = round((row.leaves - row.begins).total_seconds())
    return _Stop(row.kind, row.site_id, row.recipient_id, row.channel, planned_s)


def _served_at(conn: sa.Connection, district_id: int, stop: _Stop) -> list[_Served]:
    if stop.kind == "visit" and stop.recipient_id is not None:
        return [_Served(stop.recipient_id, stop.channel or "visit")]
    if stop.kind != "dropoff" or stop.site_id is None:
        return []
    recipient = tables.recipient
    rows = conn.scalars(
        sa.select(recipient.c.id)
        .where(recipient.c.district_id == district_id, recipient.c.stop_id == stop.site_id)
        .order_by(recipient.c.id)
    )
    return [_Served(recipient_id, DROPOFF_CHANNEL) for recipient_id in rows]

"""The ledger of visits, claimed and verified: `replay` writes it, `routing` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables


@dataclass(frozen=True, slots=True)
class Visit:
    """One call on an elder.

    Parameters
    ----------
    source : identity of the fact behind it, such as ``event:7:<uuid>``; told twice it counts once
    """

    recipient_id: int
    channel: str
    began: datetime
    service_s: int
    standing: Literal["claimed", "verified"]
    outcome: Literal["served", "no_answer", "declined"]
    source: str
    van_id: int | None = None
    stop_id: int | None = None


def add(conn: sa.Connection, district_id: int, visits: Sequence[Visit]) -> int:
    """Add visits; those told before are left alone. Returns how many were new."""
    if not visits:
        return 0
    rows = [{"district_id": district_id, **asdict(each)} for each in visits]
    statement = insert(tables.visit).values(rows).on_conflict_do_nothing(constraint="visit_source_key")
    return len(conn.execute(statement.returning(tables.visit.c.id)).all())


def last_visits(
    conn: sa.Connection, district_id: int, before: datetime
) -> Mapping[tuple[int, str], datetime]:
    """When each elder was last served before an instant, by (recipient id, channel)."""
    t = tables.visit
    rows = conn.execute(
        sa.select(t.c.recipient_id, t.c.channel, sa.func.max(t.c.began))
        .where(t.c.district_id == district_id, t.c.began < before, t.c.outcome == "served")
        .group_by(t.c.recipient_id, t.c.channel)
    )
    return {(recipient_id, channel): began for recipient_id, channel, began in rows}

"""The ledger of visits, claimed and verified: `replay` and `fleet.recording` write it, `routing` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables

Grade = Literal["A", "B", "C", "D"]
_KEY: Final = frozenset({"source", "recipient_id", "channel"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One call on an elder.

    Parameters
    ----------
    source : identity of the fact behind it, such as ``call:2026-07-22:visit:17:1``; told twice it counts once
    grade : how well its van's track proves it; None until that was looked at
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
    grade: Grade | None = None


def add(conn: sa.Connection, district_id: int, visits: Sequence[Visit]) -> int:
    """Add visits; those told before are left alone. Returns how many were new."""
    if not visits:
        return 0
    statement = _insert(district_id, visits).on_conflict_do_nothing(constraint="visit_source_key")
    return len(conn.execute(statement.returning(tables.visit.c.id)).all())


def put(conn: sa.Connection, district_id: int, visits: Sequence[Visit]) -> int:
    """Add visits, or correct what was told of them before; a claim never undoes what was graded.

    Returns
    -------
    How many are new or not as they were: 0 when all was so already.
    """
    if not visits:
        return 0
    t = tables.visit
    # Sorted, so that two writers of the same calls wait for each other instead of locking crosswise.
    statement = _insert(district_id, sorted(visits, key=lambda v: (v.source, v.recipient_id, v.channel)))
    told = statement.excluded
    values = {each.name: told[each.name] for each in fields(Visit) if each.name not in _KEY}
    changed = sa.or_(*(t.c[name].is_distinct_from(value) for name, value in values.items()))
    may = sa.or_(told.grade.is_not(None), t.c.grade.is_(None))
    statement = statement.on_conflict_do_update(
        constraint="visit_source_key", set_=values, where=sa.and_(changed, may)
    )
    return len(conn.execute(statement.returning(t.c.id)).all())


def called_on(conn: sa.Connection, district_id: int, source: str) -> tuple[int, ...]:
    """The elders whom the ledger has for a call, by id; none before it was first told of."""
    t = tables.visit
    found = conn.scalars(
        sa.select(t.c.recipient_id)
        .where(t.c.district_id == district_id, t.c.source == source)
        .order_by(t.c.recipient_id)
    )
    return tuple(found)


def last_visits(
    conn: sa.Connection, district_id: int, before: datetime
) -> Mapping[tuple[int, str], datetime]:
    """When each elder was last served before an instant, by (recipient id, channel).

    A verified visit counts, and a claimed one until its van's day has been looked at. What was looked at and
    found unproved stays claimed, and counts no more; neither does an entry that was taken back.
    """
    t = tables.visit
    rows = conn.execute(
        sa.select(t.c.recipient_id, t.c.channel, sa.func.max(t.c.began))
        .where(
            t.c.district_id == district_id,
            t.c.began < before,
            t.c.outcome == "served",
            t.c.undone_at.is_(None),
            sa.or_(t.c.standing == "verified", t.c.grade.is_(None)),
        )
        .group_by(t.c.recipient_id, t.c.channel)
    )
    return {(recipient_id, channel): began for recipient_id, channel, began in rows}


def _insert(district_id: int, visits: Sequence[Visit]) -> sa.dialects.postgresql.Insert:
    return insert(tables.visit).values([{"district_id": district_id, **asdict(each)} for each in visits])

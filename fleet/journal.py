"""The district's numbered state: an append-only journal that every screen counts by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables

Kind = Literal["plan", "task", "tap", "sos", "alert"]
CHANNEL = "carevan_journal"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the district's state."""

    state: int
    at: datetime
    kind: str
    body: Mapping[str, Any]


def raise_state(
    conn: sa.Connection, district_id: int, at: datetime, kind: Kind, body: Mapping[str, Any]
) -> int:
    """Append an entry and return its number; other writers of the district wait until the caller commits."""
    head = tables.district_state
    statement = insert(head).values(district_id=district_id, state=1)
    state: int = conn.execute(
        statement.on_conflict_do_update(
            index_elements=[head.c.district_id], set_={"state": head.c.state + 1}
        ).returning(head.c.state)
    ).scalar_one()
    conn.execute(
        tables.journal.insert().values(
            district_id=district_id, state=state, at=at, kind=kind, body=dict(body)
        )
    )
    conn.execute(sa.select(sa.func.pg_notify(CHANNEL, str(district_id))))
    return state


def current(conn: sa.Connection, district_id: int) -> int:
    """The district's state number; 0 before the first entry."""
    t = tables.district_state
    return conn.scalar(sa.select(t.c.state).where(t.c.district_id == district_id)) or 0


def standing(conn: sa.Connection, district_id: int, at: datetime) -> int:
    """The state that the district had at a moment; 0 before the first entry."""
    t = tables.journal
    query = sa.select(t.c.state).where(t.c.district_id == district_id, t.c.at <= at)
    return conn.scalar(query.order_by(t.c.state.desc()).limit(1)) or 0


def since(conn: sa.Connection, district_id: int, state: int, limit: int = 500) -> tuple[Entry, ...]:
    """Entries after `state`, oldest first, at most `limit`."""
    t = tables.journal
    rows = conn.execute(
        sa.select(t.c.state, t.c.at, t.c.kind, t.c.body)
        .where(t.c.district_id == district_id, t.c.state > state)
        .order_by(t.c.state)
        .limit(limit)
    )
    return tuple(Entry(*row) for row in rows)


def latest(conn: sa.Connection, district_id: int, limit: int = 50) -> tuple[Entry, ...]:
    """The newest entries, newest first."""
    t = tables.journal
    rows = conn.execute(
        sa.select(t.c.state, t.c.at, t.c.kind, t.c.body)
        .where(t.c.district_id == district_id)
        .order_by(t.c.state.desc())
        .limit(limit)
    )
    return tuple(Entry(*row) for row in rows)

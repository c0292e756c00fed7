"""Messages to a van, numbered; publication and dispatch write them, the gateway only delivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables

Kind = Literal["plan", "task", "withdraw", "say"]
CHANNEL = "carevan_outbox"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a van; `seq` grows by one a van."""

    seq: int
    kind: str
    body: Mapping[str, Any]
    created_at: datetime


def put(conn: sa.Connection, van_id: int, kind: Kind, body: Mapping[str, Any], at: datetime) -> int:
    """Add a message in the caller's transaction and return its number."""
    head = tables.outbox_head
    statement = insert(head).values(van_id=van_id, seq=1)
    seq: int = conn.execute(
        statement.on_conflict_do_update(
            index_elements=[head.c.van_id], set_={"seq": head.c.seq + 1}
        ).returning(head.c.seq)
    ).scalar_one()
    conn.execute(
        tables.outbox.insert().values(van_id=van_id, seq=seq, kind=kind, body=dict(body), created_at=at)
    )
    conn.execute(sa.select(sa.func.pg_notify(CHANNEL, str(van_id))))
    return seq


def heads(conn: sa.Connection, van_ids: Iterable[int]) -> dict[int, int]:
    """The number of the newest message of each of these vans that has any."""
    head = tables.outbox_head
    rows = conn.execute(sa.select(head.c.van_id, head.c.seq).where(head.c.van_id.in_(list(van_ids))))
    return {van_id: seq for van_id, seq in rows}


def after(conn: sa.Connection, van_id: int, seq: int, limit: int = 100) -> tuple[Message, ...]:
    """Messages numbered above `seq`, oldest first. Of a day's plans only the newest is told."""
    t = tables.outbox
    newer = t.alias()
    replaced = sa.exists().where(
        newer.c.van_id == t.c.van_id,
        newer.c.kind == "plan",
        newer.c.seq > t.c.seq,
        newer.c.body["day"] == t.c.body["day"],
    )
    rows = conn.execute(
        sa.select(t.c.seq, t.c.kind, t.c.body, t.c.created_at)
        .where(t.c.van_id == van_id, t.c.seq > seq, sa.or_(t.c.kind != "plan", ~replaced))
        .order_by(t.c.seq)
        .limit(limit)
    )
    return tuple(Message(*row) for row in rows)

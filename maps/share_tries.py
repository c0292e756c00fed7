"""Wrong passwords of a shared map: so many from one address, and from all of them, then none is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import tables
from fleet.keys import derive

LOCK: Final = timedelta(minutes=15)
MAX_OF_ADDRESS: Final = 10
"""An office behind one address mistypes more often than one person."""
MAX_OF_ALL: Final = 100
_ALL: Final = b""


def address_key(key: bytes, address: str) -> bytes:
    """What is kept of an address: nothing that can be read without the server's key."""
    return bytes.fromhex(derive(key, f"share-address:{address}"))[:16]


def locked_until(conn: sa.Connection, share_id: int, address: bytes, now: datetime) -> datetime | None:
    """Until when no password is looked at, if so."""
    t = tables.share_try
    rows = conn.execute(sa.select(t).where(t.c.share_id == share_id, t.c.address.in_((address, _ALL))))
    ends = [row.since + LOCK for row in rows if row.tries >= _most(row.address) and row.since + LOCK > now]
    return max(ends, default=None)


def settle(
    conn: sa.Connection, share_id: int, address: bytes, now: datetime, *, right: bool
) -> datetime | None:
    """Count a password that was looked at, one after the other; the caller commits.

    Returns
    -------
    Until when the map is locked for this address: then the password counts for nothing, even if it is right.
    """
    t = tables.share_try
    conn.execute(t.delete().where(t.c.share_id == share_id, t.c.since <= now - LOCK))
    rows = [{"share_id": share_id, "address": each, "since": now} for each in (_ALL, address)]
    conn.execute(insert(t).values(rows).on_conflict_do_nothing())
    mine = sa.and_(t.c.share_id == share_id, t.c.address.in_((address, _ALL)))
    conn.execute(sa.select(t.c.tries).where(mine).order_by(t.c.address).with_for_update()).all()
    until = locked_until(conn, share_id, address, now)
    if until is None and not right:
        conn.execute(t.update().where(mine).values(tries=t.c.tries + 1))
        until = locked_until(conn, share_id, address, now)
    return until


def _most(address: bytes) -> int:
    return MAX_OF_ADDRESS if bytes(address) else MAX_OF_ALL

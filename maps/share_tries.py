"""Wrong passwords of a shared map: so many from one address, and from all of them, then none is looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from fleet import audit, tables
from fleet.keys import derive

LOCK: Final = timedelta(minutes=15)
MAX_OF_ADDRESS: Final = 10
"""An office behind one address mistypes more often than one person."""
MAX_OF_ALL: Final = 100
LOCK_ACTION: Final = "share.lock"
"""What the audit calls it when a lock begins."""
_ALL: Final = b""
_TOLD_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tries:
    """What dispatchers are told of a link's wrong passwords.

    Parameters
    ----------
    wrong : how many were counted within the last `LOCK`
    until : when the last of the locks that hold now ends; None where none holds
    addresses : how many addresses are locked out by themselves
    for_all : whether all are who have not entered yet
    locked_at : when a lock last began within a day; None for not
    """

    wrong: int = 0
    until: datetime | None = None
    addresses: int = 0
    for_all: bool = False
    locked_at: datetime | None = None


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
    """Count a password that was looked at, one after the other; the caller commits. A lock's begin is kept.

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
        if until is not None:
            _note(conn, share_id, until)
    return until


def tries_of(conn: sa.Connection, share_ids: Collection[int], now: datetime) -> dict[int, Tries]:
    """What is to be told of these links; those of which there is nothing are left out."""
    t, a = tables.share_try.c, tables.audit.c
    lately = sa.select(t.share_id, t.address, t.tries, t.since)
    counted: dict[int, list[sa.Row[*tuple[Any, ...]]]] = {}
    for row in conn.execute(lately.where(t.share_id.in_(share_ids), t.since > now - LOCK, t.tries > 0)):
        counted.setdefault(row.share_id, []).append(row)
    subjects = {_subject(each): each for each in share_ids}
    begun = sa.select(a.object, sa.func.max(a.at)).where(
        a.action == LOCK_ACTION, a.object.in_(subjects), a.at > now - _TOLD_FOR
    )
    locked_at = {subjects[subject]: at for subject, at in conn.execute(begun.group_by(a.object))}
    return {each: _tries(counted.get(each, ()), locked_at.get(each)) for each in {*counted, *locked_at}}


def locked_since(conn: sa.Connection, district_id: int, now: datetime) -> dict[int, datetime]:
    """The open links of a district that a lock holds, each with the wall time of the first wrong password."""
    s, t = tables.share.c, tables.share_try.c
    full = t.tries >= sa.case((t.address == _ALL, MAX_OF_ALL), else_=MAX_OF_ADDRESS)
    asks = sa.and_(s.password_hash.is_not(None), s.revoked_at.is_(None), s.expires_at > now)
    query = sa.select(s.id, sa.func.min(t.since)).join_from(tables.share, tables.share_try)
    held = query.where(s.district_id == district_id, asks, full, t.since > now - LOCK)
    return {share_id: since for share_id, since in conn.execute(held.group_by(s.id))}


def _tries(rows: Collection[sa.Row[*tuple[Any, ...]]], locked_at: datetime | None) -> Tries:
    full = [row for row in rows if row.tries >= _most(row.address)]
    # The count of all begins anew by itself, and may then be behind those of the addresses.
    by_address = sum(row.tries for row in rows if bytes(row.address) != _ALL)
    return Tries(
        wrong=max([by_address, *(row.tries for row in rows)]),
        until=max((row.since + LOCK for row in full), default=None),
        addresses=sum(1 for row in full if bytes(row.address) != _ALL),
        for_all=any(bytes(row.address) == _ALL for row in full),
        locked_at=locked_at,
    )


def _note(conn: sa.Connection, share_id: int, until: datetime) -> None:
    district = sa.select(tables.share.c.district_id).where(tables.share.c.id == share_id)
    audit.record(
        conn, _subject(share_id), LOCK_ACTION, _subject(share_id), conn.scalar(district),
        until=until.isoformat(),
    )  # fmt: skip


def _subject(share_id: int) -> str:
    return f"share:{share_id}"


def _most(address: bytes) -> int:
    return MAX_OF_ADDRESS if bytes(address) else MAX_OF_ALL

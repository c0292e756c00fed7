"""Deletes raw tracks when their time is over, counted from receipt.

A day in which nothing newer was received is dropped whole; of one that holds both, and of the old one, rows
are deleted in bounded chunks. With them goes what else tells where a van was and is no evidence of a visit.

DROP takes the whole table for itself, for some milliseconds, and gives up after a tenth of a second rather
than hold the inserts up behind it. DETACH CONCURRENTLY would not need that lock, but while any reader is at
work it leaves a half-detached day behind, into which no late fix can be stored; and a fix stored between the
look and the detaching would be dropped though it is new. Under the lock one can look once more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg import sql
from psycopg.types.json import Jsonb

from fleet.clock import wall_now
from tracking.days import Part, day_number, limit_of
from tracking.partitions import parts
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
_PATIENCE_MS = 100
_CHUNK_BLOCKS = 256
_CHUNK_ROWS = 5_000
_PRUNED = ("quarantine", "outbox", "van_state")


async def limit(conn: psycopg.AsyncConnection, now: datetime, retention_days: int) -> datetime | None:
    """What was received before it is due to go; None when nothing is, see `days.limit_of`."""
    cursor = await conn.execute(SQL["database_born"])
    row = await cursor.fetchone()
    return limit_of(now, retention_days, wall=wall_now(), born=row[0] if row else None)


async def retire(conn: psycopg.AsyncConnection, before: datetime, patience_ms: int = _PATIENCE_MS) -> bool:
    """Drop and delete what was received before an instant.

    Parameters
    ----------
    conn : in autocommit
    before : the first instant of a day, UTC; receipts are domain time
    patience_ms : how long the inserts may be held up for the sake of one day, wall time

    Returns
    -------
    Whether all is done; otherwise a reader was in the way, and it is to be tried again.
    """
    done = True
    for part in await parts(conn):
        if part.first is not None and part.end > day_number(before):
            break
        whole = part.first is not None and not await _asks(conn, "received_since", part, before)
        if whole:
            done = await _drop(conn, part, before, patience_ms) and done
        else:
            await _thin(conn, part, before)
    for table in _PRUNED:
        await _prune(conn, table, before)
    return done


async def _drop(conn: psycopg.AsyncConnection, part: Part, before: datetime, patience_ms: int) -> bool:
    try:
        async with conn.transaction():
            await conn.execute(SQL["be_patient"], (f"{patience_ms}ms",))
            await conn.execute("LOCK TABLE ONLY fix IN ACCESS EXCLUSIVE MODE")
            if await _asks(conn, "received_since", part, before):
                return True
            cursor = await conn.execute(SQL["rows_about"], {"name": part.name})
            (rows,) = await cursor.fetchone() or (0,)
            await conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(part.name)))
            await _note(conn, "retention.drop", part.name, before, rows_about=rows)
    except psycopg.errors.LockNotAvailable:
        logger.info("a day could not be dropped; trying again", day=part.name)
        return False
    logger.info("a day was dropped", day=part.name, rows_about=rows)
    return True


async def _thin(conn: psycopg.AsyncConnection, part: Part, before: datetime) -> None:
    """Delete what is due, block by block, so that no row is read twice and no lock is held for long."""
    if not await _asks(conn, "received_before", part, before):
        return
    delete = sql.SQL("DELETE FROM {} WHERE ctid >= %s::tid AND ctid < %s::tid AND received_at < %s").format(
        sql.Identifier(part.name)
    )
    cursor = await conn.execute(SQL["blocks"], {"name": part.name})
    (blocks,) = await cursor.fetchone() or (0,)
    deleted = 0
    for first in range(0, blocks, _CHUNK_BLOCKS):
        cursor = await conn.execute(delete, (f"({first},0)", f"({first + _CHUNK_BLOCKS},0)", before))
        deleted += cursor.rowcount
    if deleted:
        await _note(conn, "retention.delete", part.name, before, rows=deleted)


async def _prune(conn: psycopg.AsyncConnection, table: str, before: datetime) -> None:
    deleted, last = 0, _CHUNK_ROWS
    while last == _CHUNK_ROWS:
        cursor = await conn.execute(SQL[f"prune_{table}"], {"before": before, "most": _CHUNK_ROWS})
        last = cursor.rowcount
        deleted += last
    if deleted:
        await _note(conn, "retention.delete", table, before, rows=deleted)


async def _asks(conn: psycopg.AsyncConnection, question: str, part: Part, instant: datetime) -> bool:
    told = {"starts": part.starts, "ends": part.ends, "instant": instant}
    cursor = await conn.execute(SQL[question], told)
    return await cursor.fetchone() == (True,)


async def _note(
    conn: psycopg.AsyncConnection, action: str, subject: str, before: datetime, **detail: Any
) -> None:
    detail["received_before"] = before.isoformat()
    told = {"at": wall_now(), "action": action, "object": subject, "detail": Jsonb(detail)}
    await conn.execute(SQL["note_retention"], told)

"""Closes days that are over: vacuumed, counted, and read from indexes alone, by van and by place.

A day's fixes lie in the order of time, all vans mixed, so one van's day is spread over thousands of pages,
and so is what was in one place. On a closed day two indexes hold all that anybody reads of a track, once van
by van and once place by place: 73 pages instead of 5,000 for a van's 5,000 fixes. They take as much room as
the day itself each, and on a live day would double the cost of writing, so a day gets them only when it is
over.

They are made CONCURRENTLY, partition by partition and never on the whole table: whoever writes or reads a
late fix does not wait for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import psycopg
import structlog
from psycopg import sql

from tracking.days import Part
from tracking.partitions import brin_name, brin_of, parts
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
# It waits for long readers while it holds up nobody but itself; past this it is tried anew later.
_PATIENCE = b"SET lock_timeout = '10min'"
_KINDS: Final = {
    "track": sql.SQL(
        "(van_id, t, terminal_id, digest)"
        " INCLUDE (geom, speed_mps, heading_deg, accuracy_m, battery, flags, received_at)"
    ),
    # A GiST keeps only a place's box: the place itself stands beside it.
    "place": sql.SQL("USING gist (geom) INCLUDE (geom, van_id, t, flags)"),
}


async def close_days(conn: psycopg.AsyncConnection, now: datetime) -> bool:
    """Bring each partition that is over to its closed form, and see to what the live ones are found by.

    Parameters
    ----------
    conn : in autocommit, for what cannot run inside a transaction
    now : domain time

    Returns
    -------
    Whether all is done; otherwise somebody stood in the way for long, and it is to be tried again.
    """
    await conn.execute(_PATIENCE)
    valid = await indexes(conn)
    for part in await parts(conn):
        try:
            if part.is_over(now):
                await _close(conn, part, valid)
            elif now >= part.starts:
                await _refresh(conn, part, valid)
        except psycopg.errors.LockNotAvailable:
            logger.info("a day could not be closed; trying again", day=part.name)
            return False
    return True


async def indexes(conn: psycopg.AsyncConnection) -> dict[str, bool]:
    """The partitions' indexes by name, each with whether it is valid."""
    cursor = await conn.execute(SQL["part_indexes"])
    return {name: valid for name, valid in await cursor.fetchall()}


def names_of(part: Part) -> tuple[str, ...]:
    """What the indexes of a closed day are called, beside its primary key."""
    return (brin_name(part), *(f"{part.name}_{each}" for each in _KINDS))


async def _refresh(conn: psycopg.AsyncConnection, part: Part, valid: dict[str, bool]) -> None:
    """See that a live day's BRIN is used, and up to date: autovacuum does so too, but when it comes round."""
    cursor = await conn.execute(SQL["is_unknown"], {"name": part.name})
    if await cursor.fetchone() == (True,):
        # Without statistics the planner takes the heap for unordered, and reads all of it.
        await conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(part.name)))
    if valid.get(brin_name(part)):
        await conn.execute(SQL["summarize"], (brin_name(part),))


async def _close(conn: psycopg.AsyncConnection, part: Part, valid: dict[str, bool]) -> None:
    if all(valid.get(name) for name in names_of(part)):
        return
    # First, so that the indexes in their places say that all of it was done.
    await conn.execute(sql.SQL("VACUUM (ANALYZE, TRUNCATE off) {}").format(sql.Identifier(part.name)))
    table = sql.Identifier(part.name)
    makes = [brin_of(part, concurrently=True)]
    for kind, what in _KINDS.items():
        own = sql.Identifier(f"{part.name}_{kind}")
        makes.append(sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} {}").format(own, table, what))
    for name, make in zip(names_of(part), makes, strict=True):
        if name in valid and not valid[name]:
            # A build that was broken off leaves an index which is written to and never read.
            await conn.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)))
        if not valid.get(name):
            await conn.execute(make)
    logger.info("a day was closed", day=part.name)

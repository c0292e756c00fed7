"""Closes days that are over: vacuumed, counted, and found by place.

A GiST on the place doubles the cost of writing, so a day gets it only when it is over. It is made
CONCURRENTLY, partition by partition and never on the whole table: whoever writes or reads a late fix does not
wait for it. One over place and time together finds a small polygon's hour in a tenth of the time, but takes
several times as long to build, is twice as large and needs one more extension: with the BRIN beside it, the
plain one is fast enough (`bench history`).
"""

from __future__ import annotations

from datetime import datetime

import psycopg
import structlog
from psycopg import sql

from tracking.days import Part
from tracking.partitions import brin_name, brin_of, parts
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
# It waits for long readers while it holds up nobody but itself; past this it is tried anew later.
_PATIENCE = b"SET lock_timeout = '10min'"


async def close_days(conn: psycopg.AsyncConnection, now: datetime) -> bool:
    """Bring each partition that is over to its closed form, and the others' BRIN up to date.

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
            elif brin_name(part) in valid:
                # Without it the day's newest pages are read whole until autovacuum comes round.
                await conn.execute(SQL["summarize"], (brin_name(part),))
        except psycopg.errors.LockNotAvailable:
            logger.info("a day could not be closed; trying again", day=part.name)
            return False
    return True


async def indexes(conn: psycopg.AsyncConnection) -> dict[str, bool]:
    """The partitions' indexes by name, each with whether it is valid."""
    cursor = await conn.execute(SQL["part_indexes"])
    return {name: valid for name, valid in await cursor.fetchall()}


def place_name(part: Part) -> str:
    """What the index that a closed day gets is called."""
    return f"{part.name}_place"


async def _close(conn: psycopg.AsyncConnection, part: Part, valid: dict[str, bool]) -> None:
    if valid.get(place_name(part)) and valid.get(brin_name(part)):
        return
    # First, so that the index in its place says that all of it was done.
    table = sql.Identifier(part.name)
    await conn.execute(sql.SQL("VACUUM (ANALYZE, TRUNCATE off) {}").format(table))
    place = sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} USING gist (geom)").format(
        sql.Identifier(place_name(part)), table
    )
    for name, make in ((brin_name(part), brin_of(part, concurrently=True)), (place_name(part), place)):
        if name in valid and not valid[name]:
            # A build that was broken off leaves an index which is written to and never read.
            await conn.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(name)))
        if not valid.get(name):
            await conn.execute(make)
    logger.info("a day was closed", day=part.name)

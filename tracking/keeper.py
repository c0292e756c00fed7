"""Keeps the fix table's days: makes them ahead of the clock, closes them, and lets them go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from fleet.background import Background
from fleet.clock import Clock
from tracking import closing, retention
from tracking.partitions import Partitions

logger = structlog.get_logger(__name__)
_EVERY_DOMAIN_S = 3600.0
_SHORTEST_WAIT_S = 10.0
_AGAIN_S = 60.0
# One keeper at a time closes days and lets them go, over all gateways. Tried for, never waited for: whoever
# waits holds a snapshot, and an index is not finished before older snapshots are gone.
_LOCK = 0x6361_7265_0002
_WAIT_S = 10.0
_AGAIN_S = 60.0
# One keeper at a time closes days and lets them go, over all gateways. Tried for, never waited for: whoever
# waits holds a snapshot, and an index is not finished before older snapshots are gone.
_LOCK = 0x6361_7265_0002


class Keeper:
    """Makes the days to come, closes those that are over, drops those past retention: each hour of the clock.

    Parameters
    ----------
    conninfo : the database, for psycopg
    retention_days : how long raw tracks are kept after their receipt; and as for `Partitions`
    clock : domain time
    """

    def __init__(self, conninfo: str, retention_days: int, clock: Clock) -> None:
        self._conninfo = conninfo
        self._retention_days = retention_days
        self._partitions = Partitions(retention_days)
        self._clock = clock
        self._task = Background("partition keeper", self._run)

    def start(self) -> None:
        """Begin to keep."""
        self._task.start()

    async def stop(self) -> None:
        """Stop keeping."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                done = await self.keep()
            except psycopg.Error as error:
                # Nothing is lost by it: the flusher makes what is missing when a fix needs it.
                logger.warning("cannot keep the days; trying again", why=str(error).strip())
                await asyncio.sleep(_WAIT_S)
            else:
                rest_s = max(_SHORTEST_WAIT_S, self._clock.wall_seconds(_EVERY_DOMAIN_S))
                await asyncio.sleep(rest_s if done else min(_AGAIN_S, rest_s))

    async def keep(self) -> bool:
        """Make yesterday, today and the next days; then, unless another keeper is at it, see to the others.

        Returns
        -------
        Whether all is done; otherwise somebody stood in the way, and it is to be tried again.
        """
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, options="-c timezone=UTC", application_name="carevan keeper"
        ) as conn:
            now = self._clock.now()
            await self._partitions.keep_ahead(conn, now)
            async with _alone(conn) as alone:
                if not alone:
                    return True
                before = await retention.limit(conn, now, self._retention_days)
                gone = before is None or await retention.retire(conn, before)
                return await closing.close_days(conn, now) and gone


@asynccontextmanager
async def _alone(conn: psycopg.AsyncConnection) -> AsyncIterator[bool]:
    """Whether this is the one keeper; it is until the end, or until its connection ends."""
    cursor = await conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
    alone = await cursor.fetchone() == (True,)
    try:
        yield alone
    finally:
        if alone and not conn.broken:
            await conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))

"""Keeps the fix table's days ahead of the clock."""

from __future__ import annotations

import asyncio

import psycopg
import structlog

from fleet.background import Background
from fleet.clock import Clock
from tracking.partitions import Partitions

logger = structlog.get_logger(__name__)
_EVERY_DOMAIN_S = 3600.0
_SHORTEST_WAIT_S = 10.0
_WAIT_S = 10.0


class Keeper:
    """Makes the partitions of the days to come, each hour of the clock.

    Parameters
    ----------
    conninfo : the database, for psycopg
    retention_days : as for `Partitions`
    clock : domain time
    """

    def __init__(self, conninfo: str, retention_days: int, clock: Clock) -> None:
        self._conninfo = conninfo
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
                await self.keep()
            except psycopg.Error as error:
                # Nothing is lost by it: the flusher makes what is missing when a fix needs it.
                logger.warning("cannot make the coming days; trying again", why=str(error).strip())
                await asyncio.sleep(_WAIT_S)
            else:
                await asyncio.sleep(max(_SHORTEST_WAIT_S, self._clock.wall_seconds(_EVERY_DOMAIN_S)))

    async def keep(self) -> None:
        """Make what is missing of yesterday, today and the next days."""
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, options="-c timezone=UTC", application_name="carevan keeper"
        ) as conn:
            await self._partitions.keep_ahead(conn, self._clock.now())

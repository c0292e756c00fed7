"""Days to be kept, for tests: connections, late fixes, and a flusher to store them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import psycopg

from fleet.clock import Clock
from fleet.units import ms_of
from tests.tracking.platform import LAT, LON, NOON, NOON_MS
from tests.tracking.storing import Ear
from tracking.fix import Fix
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source

SOURCE = Source(11, 1, 1)
DAY_MS = 86_400_000


@asynccontextmanager
async def dialled(database: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection as the keeper has it."""
    async with await psycopg.AsyncConnection.connect(
        database, autocommit=True, options="-c timezone=UTC"
    ) as conn:
        yield conn


def late(days: int, k: int = 0) -> Fix:
    """A fix of some days ago."""
    return Fix(NOON_MS - days * DAY_MS - 1000 * k, LON + k * 1e-5, LAT)


class Writer:
    """Fixes that come one by one through a real flusher."""

    def __init__(self, database: str) -> None:
        self.flusher = Flusher(database, Partitions(90), Clock.opening(NOON))
        self._ear = Ear()
        self._n = 0

    async def store(self, fixes: Iterable[Fix], received: datetime = NOON) -> None:
        """Send each alone, and wait for its acknowledgement, which must come within half a minute."""
        for fix in fixes:
            self._n += 1
            told = Parcel(self._ear, SOURCE, self._n, ms_of(received), [(0, fix)], repeats=True)
            await self.flusher.put(told)
            await self._ear.until(self._n)


@asynccontextmanager
async def writing(database: str) -> AsyncIterator[Writer]:
    """A flusher that runs until the scene ends."""
    writer = Writer(database)
    writer.flusher.start()
    try:
        yield writer
    finally:
        await writer.flusher.stop()


async def waits_for_a_lock(conn: psycopg.AsyncConnection, doing: str) -> None:
    """Until some backend waits for a lock, or for a transaction's end, in a statement that begins so."""
    statement = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE %s)"
    )
    async with asyncio.timeout(30):
        while True:
            cursor = await conn.execute(statement, (f"{doing}%",))
            if await cursor.fetchone() == (True,):
                return


def days_ago(days: int) -> datetime:
    """An instant."""
    return NOON - timedelta(days=days)

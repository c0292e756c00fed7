"""The peer of the group commit: one INSERT and one commit a fix."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from psycopg_pool import AsyncConnectionPool

from tracking.fix import Fix
from tracking.parcel import Parcel, Receiver

POOL: Final = 10
_QUEUE: Final = 20_000
_INSERT = b"""
INSERT INTO fix (van_id, t, terminal_id, digest, geom, speed_mps, heading_deg, flags, received_at)
VALUES (%s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s, %s, %s)
ON CONFLICT DO NOTHING"""


class OneByOne:
    """The peer: each fix is one prepared INSERT with its own commit, on a pool of ten connections."""

    def __init__(self, conninfo: str) -> None:
        self._pool = AsyncConnectionPool(
            conninfo, min_size=POOL, max_size=POOL, open=False, kwargs={"autocommit": True}
        )
        self._queue: asyncio.Queue[Parcel] = asyncio.Queue()
        self._on_room: list[Callable[[], None]] = []
        self._done: defaultdict[Receiver, set[int]] = defaultdict(set)
        self._acked: defaultdict[Receiver, int] = defaultdict(int)
        self._workers: list[asyncio.Task[None]] = []

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read."""
        return self._queue.qsize() >= _QUEUE

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._on_room.append(call)

    def put_now(self, parcel: Parcel) -> None:
        """Queue a parcel."""
        self._queue.put_nowait(parcel)

    async def put(self, parcel: Parcel) -> None:
        """Queue a parcel: only hellos come this way."""
        self.put_now(parcel)

    async def start(self) -> None:
        """Open the pool."""
        await self._pool.open(wait=True)
        self._workers = [asyncio.create_task(self._work()) for _ in range(POOL)]

    async def _work(self) -> None:
        async with self._pool.connection() as conn:
            while True:
                parcel = await self._queue.get()
                if self._on_room and not self.is_full:
                    calls, self._on_room = self._on_room, []
                    for call in calls:
                        call()
                for _, fix in parcel.fixes:
                    await conn.execute(_INSERT, _values(parcel, fix), prepare=True)
                self._settle(parcel)

    def _settle(self, parcel: Parcel) -> None:
        """Acknowledge as far as everything before is stored too."""
        done, n = self._done[parcel.receiver], self._acked[parcel.receiver]
        done.add(parcel.n)
        while n + 1 in done:
            n += 1
            done.remove(n)
        self._acked[parcel.receiver] = n
        parcel.receiver.committed(n, ())


def _values(parcel: Parcel, fix: Fix) -> tuple[object, ...]:
    at, received = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (fix.t, parcel.received_ms))
    # Any hash does here; ours is made for many at once and would burden a single one.
    place = (hash((fix.lon, fix.lat, fix.speed_mps)), fix.lon, fix.lat)
    source = parcel.source
    return (source.van_id, at, source.terminal_id, *place, fix.speed_mps, fix.heading_deg, 0, received)

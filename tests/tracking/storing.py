"""The flusher without sockets, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from fleet.clock import Clock
from tests.tracking.platform import NOON, NOON_MS
from tracking.batch import Batch
from tracking.event import Event
from tracking.fix import Fix
from tracking.ingest import Flusher
from tracking.lot import lot_of
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.protocol import Rejected
from tracking.source import Source

Sent: TypeAlias = tuple[Source, Sequence[Fix], Event | None, bool]
"""Whose, which fixes, which event, and whether some may be repeats."""


class Deaf:
    """A connection that expects no acknowledgement."""

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        raise AssertionError((n, refused))


class Ear:
    """A connection that only hears its acknowledgements."""

    def __init__(self) -> None:
        self.n = 0
        self.refused: list[Rejected] = []
        self._heard = asyncio.Event()

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        self.n = n
        self.refused.extend(refused)
        self._heard.set()

    async def until(self, n: int) -> None:
        """Wait for the ack of message `n`."""
        async with asyncio.timeout(30):
            while self.n < n:
                self._heard.clear()
                await self._heard.wait()


def batch_of(parcels: Sequence[Parcel]) -> Batch:
    """These as one commit that took a hundredth of a second."""
    return Batch(parcels, lot_of(parcels), 0.01, 0)


async def store(database: str, lots: Sequence[Sent], received_ms: int = NOON_MS) -> Ear:
    """Put each through one flusher as one message, and wait for the last ack."""
    flusher, ear = Flusher(database, Partitions(90), Clock.opening(NOON)), Ear()
    flusher.start()
    for n, (source, fixes, event, repeats) in enumerate(lots, 1):
        numbered = list(enumerate(fixes))
        await flusher.put(Parcel(ear, source, n, received_ms, numbered, repeats=repeats, event=event))
    await ear.until(len(lots))
    await flusher.stop()
    assert flusher.pulse.held == 0, "what is stored or refused is held no more"
    return ear

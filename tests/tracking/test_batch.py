"""What listeners are told of a commit."""

from __future__ import annotations

import asyncio

from fleet.clock import Clock
from tests.tracking.ledger import fix_at
from tests.tracking.platform import NOON, NOON_MS
from tests.tracking.storing import Ear
from tracking.batch import Batch
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source


def test_a_listener_is_given_what_was_stored_as_columns_too(database: str) -> None:
    told: list[Batch] = []

    async def scene() -> None:
        ear = Ear()
        flusher = Flusher(database, Partitions(90), Clock.opening(NOON), on_commit=[told.append])
        flusher.start()
        fixes = [(0, fix_at(NOON_MS - 1_000)), (1, fix_at(NOON_MS - 2_000)), (2, fix_at(NOON_MS - 1_000))]
        await flusher.put(Parcel(ear, Source(1, 7, 1), 1, NOON_MS, fixes))
        await ear.until(1)
        await flusher.stop()

    asyncio.run(scene())
    (batch,) = told
    assert [each.n for each in batch.parcels] == [1]
    assert batch.lot.t_ms.tolist() == [NOON_MS - 2_000, NOON_MS - 1_000], "each once, by time"
    assert batch.lot.van_id.tolist() == [7, 7]

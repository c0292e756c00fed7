"""One connection that commits batches: what it leaves aside, and whom it tells when the database is busy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime

import psycopg

from fleet.clock import Clock
from tests.tracking.ledger import fix_at
from tests.tracking.platform import NOON, NOON_MS, rows
from tests.tracking.storing import Deaf
from tracking.allowance import Allowance
from tracking.intake import Intake
from tracking.lane import Lane
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.pulse import Pulse
from tracking.source import Source

_DAY_MS = 86_400_000


def _parcel(n: int, *t_ms: int) -> Parcel:
    return Parcel(Deaf(), Source(1, n, 1), n, NOON_MS, list(enumerate(map(fix_at, t_ms))))


class _NoYesterday(Partitions):
    """Yesterday takes no fix now."""

    async def unready(self, conn: psycopg.AsyncConnection, days: Iterable[int], now: datetime) -> set[int]:
        wanted = set(days)
        return await super().unready(conn, wanted, now) | ({NOON_MS // _DAY_MS - 1} & wanted)


def test_what_must_wait_is_given_back_and_the_rest_is_stored(database: str) -> None:
    calls: list[str] = []

    async def scene() -> list[Parcel]:
        lane = Lane(database, _NoYesterday(90), Clock.opening(NOON), Pulse(Intake(100)), Allowance())
        batch = [_parcel(1, NOON_MS), _parcel(2, NOON_MS - _DAY_MS), _parcel(3, NOON_MS - 1_000)]
        waits, lot = await lane.store(batch, None, lambda: calls.append("busy"))
        assert [each.n for each in batch] == [1, 3]
        await lane.hang_up()
        assert lot is not None and lot.van_id.tolist() == [1, 3]
        return waits

    assert [each.n for each in asyncio.run(scene())] == [2]
    assert rows(database, "SELECT count(*) FROM fix") == [(2,)]
    assert calls == ["busy"], "once, with the rows on their way"

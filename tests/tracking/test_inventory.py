"""What an operator is told of the days."""

from __future__ import annotations

import asyncio
from datetime import date

import psycopg

from fleet.db import make_engine
from tests.tracking.housekeeping import days_ago, dialled, late, writing
from tests.tracking.platform import NOON
from tracking.closing import close_days
from tracking.days import State
from tracking.inventory import Holding, inventory


def _look(database: str) -> tuple[Holding, ...]:
    engine = make_engine(database)
    with engine.connect() as conn:
        found = inventory(conn, NOON, 90)
    engine.dispose()
    return found


def test_each_day_is_told_with_its_state_size_and_end(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as conn, writing(database) as writer:
            await writer.store([late(400)], days_ago(1))
            await writer.store([late(5)], days_ago(5))
            await writer.store([late(5, 1)], days_ago(3))
            assert await close_days(conn, NOON)
            await writer.store([late(1), late(0), late(-1)])

    asyncio.run(scene())
    old, closed, closing, live, ahead = _look(database)
    assert [h.state for h in (old, closed, closing, live, ahead)] == [
        State.OLD, State.CLOSED, State.CLOSING, State.LIVE, State.AHEAD
    ]  # fmt: skip
    assert (old.newest_receipt, old.drops_on) == (days_ago(1), None)
    assert (closed.rows_about, closed.newest_receipt) == (2, days_ago(3))
    assert (closed.part.name, closed.drops_on) == ("fix_20260717", date(2026, 10, 18))
    assert live.newest_receipt == NOON
    assert closed.index_bytes > closing.index_bytes > 0 < closed.table_bytes


def test_the_newest_receipt_is_found_though_statistics_are_stale(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as conn, writing(database) as writer:
            await writer.store((late(5, k) for k in range(5)), days_ago(5))
            assert await close_days(conn, NOON)
            await writer.store([late(5, 9)], days_ago(4))

    asyncio.run(scene())
    assert _look(database)[-1].newest_receipt == days_ago(4)
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM fix WHERE received_at > %s", (days_ago(5),))
        conn.execute("UPDATE fix SET received_at = received_at - interval '1 day'")
    assert _look(database)[-1].newest_receipt == days_ago(6)
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM fix")
    assert _look(database)[-1].newest_receipt is None

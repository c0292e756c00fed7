"""The fix table's days."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg

from tests.tracking.platform import NOON, rows
from tracking.partitions import Partitions, day_number

_BOUNDS = (
    "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class"
    " WHERE relispartition AND relkind = 'r' ORDER BY relname"
)


def _run(database: str, *steps: tuple[Partitions, datetime]) -> None:
    async def scene() -> None:
        async with await psycopg.AsyncConnection.connect(
            database, autocommit=True, options="-c timezone=UTC"
        ) as conn:
            for partitions, now in steps:
                await partitions.keep_ahead(conn, now)

    asyncio.run(scene())


def test_days_are_made_ahead_and_the_line_stays(database: str) -> None:
    later = NOON + timedelta(days=1)
    _run(database, (Partitions(90), NOON), (Partitions(90), NOON), (Partitions(30), later))
    found = dict(rows(database, _BOUNDS))
    assert list(found) == [
        "fix_20260721", "fix_20260722", "fix_20260723", "fix_20260724", "fix_20260725", "fix_old"
    ]  # fmt: skip
    assert found["fix_old"] == "FOR VALUES FROM (MINVALUE) TO ('2026-04-23 00:00:00+00')"
    assert found["fix_20260722"] == (
        "FOR VALUES FROM ('2026-07-22 00:00:00+00') TO ('2026-07-23 00:00:00+00')"
    )
    indexes = rows(database, "SELECT indexdef FROM pg_indexes WHERE tablename = 'fix_20260722' ORDER BY 1")
    assert ["brin" in indexes[0][0], "UNIQUE" in indexes[1][0], len(indexes)] == [True, True, 2]
    leftovers = "SELECT conname FROM pg_constraint WHERE conname = 'span'"
    assert rows(database, leftovers) == []


def test_two_gateways_make_the_same_day_once(database: str) -> None:
    async def scene() -> None:
        conns = [
            await psycopg.AsyncConnection.connect(database, autocommit=True, options="-c timezone=UTC")
            for _ in range(3)
        ]
        await asyncio.gather(*(Partitions(90).keep_ahead(conn, NOON) for conn in conns))
        for conn in conns:
            await conn.close()

    asyncio.run(scene())
    assert len(rows(database, _BOUNDS)) == 5


def test_what_is_known_is_not_asked_again() -> None:
    partitions = Partitions(90)
    assert partitions.missing([5, 6]) == {5, 6}
    assert day_number(datetime(1970, 1, 2, 0, 0, tzinfo=UTC)) == 1

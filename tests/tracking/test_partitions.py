"""The fix table's days."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.tracking.housekeeping import dialled
from tests.tracking.platform import NOON, rows
from tracking.days import day_number
from tracking.partitions import Partitions

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
    assert "(t, received_at)" in indexes[0][0]
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


def test_only_some_days_are_made_at_once_and_the_newest_first(database: str) -> None:
    today = day_number(NOON)
    wanted = {*range(today - 20, today + 1), today - 400}

    async def scene() -> None:
        async with dialled(database) as conn:
            partitions = Partitions(90)
            left = await partitions.unready(conn, wanted, NOON)
            assert left == set(range(today - 20, today - 7))
            rounds = 1
            while left:
                left = await partitions.unready(conn, wanted, NOON)
                rounds += 1
            assert rounds == 3

    asyncio.run(scene())
    assert len(rows(database, _BOUNDS)) == 22


def test_who_changes_the_table_is_not_waited_for_long_and_nothing_is_remembered(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.partitions._REST_S", 0.0)
    today = day_number(NOON)

    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn:
            partitions = Partitions(90)
            await partitions.keep_ahead(conn, NOON)
            await holder.execute("BEGIN")
            await holder.execute("LOCK TABLE ONLY fix IN SHARE UPDATE EXCLUSIVE MODE")
            assert await partitions.unready(conn, [today, today - 5], NOON) == {today - 5}
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await partitions.ensure(conn, [today - 5], NOON)
            assert partitions.missing([today - 5]) == {today - 5}
            await holder.execute("COMMIT")
            assert await partitions.unready(conn, [today, today - 5], NOON) == set()

    asyncio.run(scene())


def test_readers_are_not_in_the_way_of_a_new_day(database: str) -> None:
    today = day_number(NOON)

    async def scene() -> None:
        async with dialled(database) as reader, dialled(database) as conn:
            partitions = Partitions(90)
            await partitions.keep_ahead(conn, NOON)
            await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await reader.execute("SELECT count(*) FROM fix")
            assert await partitions.unready(conn, [today - 5], NOON) == set()

    asyncio.run(scene())

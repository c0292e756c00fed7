"""Days that are over get indexes, and late fixes do not notice how."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest

from tests.tracking.housekeeping import dialled, late, waits_for_a_lock, writing
from tests.tracking.platform import NOON, rows
from tracking.closing import close_days
from tracking.partitions import Partitions
from tracking.statements import SQL

_INDEXES = (
    "SELECT i.relname, x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " WHERE i.relname ~ '^fix_.*(place|track)$' ORDER BY 1"
)
_CLOSED = [(f"fix_{day}_{kind}", True) for day in ("20260721", "old") for kind in ("place", "track")]


async def _close(database: str) -> bool:
    async with dialled(database) as conn:
        await Partitions(90).keep_ahead(conn, NOON)
        return await close_days(conn, NOON)


def test_what_is_over_is_indexed_and_nothing_else(database: str) -> None:
    assert asyncio.run(_close(database))
    assert rows(database, _INDEXES) == _CLOSED
    analysed = "SELECT reltuples >= 0 FROM pg_class WHERE relname = 'fix_20260721'"
    assert rows(database, analysed) == [(True,)]
    before = rows(database, "SELECT oid FROM pg_class WHERE relname = 'fix_20260721_place'")
    assert asyncio.run(_close(database))
    assert rows(database, "SELECT oid FROM pg_class WHERE relname = 'fix_20260721_place'") == before


def test_a_closed_track_is_read_from_its_index_alone(database: str) -> None:
    async def scene() -> None:
        async with writing(database) as writer:
            await writer.store(late(1, k) for k in range(20))
            assert await _close(database)

    asyncio.run(scene())
    told = {"van_id": 1, "starts": NOON - timedelta(days=2), "ends": NOON}
    with psycopg.connect(database) as conn:
        conn.execute("SET enable_seqscan = off")
        conn.execute("SET enable_bitmapscan = off")
        plan = "".join(line for (line,) in conn.execute(b"EXPLAIN " + SQL["track"], told))
    assert "Index Only Scan using fix_20260721_track" in plan


def test_a_live_day_is_known_to_the_planner(database: str) -> None:
    known = (
        "SELECT reltuples FROM pg_class WHERE relname IN ('fix_20260722', 'fix_20260723') ORDER BY relname"
    )

    async def scene() -> None:
        async with writing(database) as writer:
            await writer.store([late(0)])
            assert await _close(database)

    asyncio.run(scene())
    assert rows(database, known) == [(1,), (-1,)]


def test_a_partition_of_an_earlier_version_gets_what_it_lacks(database: str) -> None:
    asyncio.run(_close(database))
    with psycopg.connect(database) as conn:
        conn.execute("DROP INDEX fix_20260721_span, fix_20260722_span")
        conn.execute("CREATE INDEX ON fix_20260721 USING brin (t)")
    assert asyncio.run(_close(database))
    ((made,),) = rows(database, "SELECT indexdef FROM pg_indexes WHERE indexname = 'fix_20260721_span'")
    assert "brin (t, received_at)" in made


@pytest.mark.parametrize("blocker", ["INSERT", "SELECT"])
def test_late_fixes_are_stored_at_once_while_an_index_is_built(database: str, blocker: str) -> None:
    """The build waits for whoever wrote before it began, and at its end for whoever still looks."""

    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn, writing(database) as writer:
            await writer.store([late(1), late(100), late(0)])
            await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            if blocker == "INSERT":
                await holder.execute("LOCK TABLE fix_20260721 IN ROW EXCLUSIVE MODE")
            else:
                await holder.execute("SELECT count(*) FROM fix")
            closing = asyncio.create_task(_close(database))
            await waits_for_a_lock(conn, "CREATE INDEX CONCURRENTLY")
            await writer.store(late(days, k) for k in range(1, 21) for days in (1, 100, 0))
            assert not closing.done()
            await holder.execute("ROLLBACK")
            assert await closing

    asyncio.run(scene())
    assert rows(database, _INDEXES) == _CLOSED
    with psycopg.connect(database) as conn:
        conn.execute("SET enable_seqscan = off")
        conn.execute("SET enable_bitmapscan = off")
        by_place = "SELECT count(*) FROM fix_20260721 WHERE geom && ST_MakeEnvelope(115, 36, 117, 37, 4326)"
        (plan,) = conn.execute(b"EXPLAIN " + by_place.encode()).fetchall()[1]
        assert "fix_20260721_place" in plan
        assert conn.execute(by_place.encode()).fetchone() == (21,)


def test_what_a_broken_off_build_left_is_built_anew(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn:
            await Partitions(90).keep_ahead(conn, NOON)
            await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await holder.execute("SELECT count(*) FROM fix")
            closing = asyncio.create_task(_close(database))
            await waits_for_a_lock(conn, "CREATE INDEX CONCURRENTLY")
            await conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%'"
            )
            with pytest.raises(psycopg.OperationalError):
                await closing
            await holder.execute("ROLLBACK")

    asyncio.run(scene())
    assert (False,) in [(valid,) for _, valid in rows(database, _INDEXES)]
    assert asyncio.run(_close(database))
    assert rows(database, _INDEXES) == _CLOSED


def test_who_stands_in_the_way_for_long_is_not_waited_for(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.closing._PATIENCE", b"SET lock_timeout = '50ms'")

    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn:
            await Partitions(90).keep_ahead(conn, NOON)
            await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await holder.execute("SELECT count(*) FROM fix")
            assert not await _close(database)
            await holder.execute("ROLLBACK")
            assert await _close(database)

    asyncio.run(scene())
    assert rows(database, _INDEXES) == _CLOSED

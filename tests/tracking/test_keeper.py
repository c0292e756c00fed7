"""The days are kept while the process runs, by one process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fleet.clock import Clock, wall_now
from tests.tracking.housekeeping import dialled, waits_for_a_lock
from tests.tracking.platform import NOON, rows
from tracking.days import day_number, part_for
from tracking.keeper import Keeper
from tracking.partitions import Partitions

_DAYS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1"
_PLACES = "SELECT relname FROM pg_class WHERE relname LIKE 'fix%place' ORDER BY 1"


def _names(database: str, statement: str) -> list[str]:
    return [name for (name,) in rows(database, statement)]


def test_the_coming_days_are_there_and_yesterday_is_closed(database: str) -> None:
    assert asyncio.run(Keeper(database, 90, Clock.opening(NOON)).keep())
    assert _names(database, _DAYS) == [
        "fix_20260721", "fix_20260722", "fix_20260723", "fix_20260724", "fix_old"
    ]  # fmt: skip
    assert _names(database, _PLACES) == ["fix_20260721_place", "fix_old_place"]


def test_one_keeper_closes_and_the_others_only_make_days(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn:
            await Partitions(90).keep_ahead(conn, NOON)
            await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await holder.execute("SELECT count(*) FROM fix")
            first = asyncio.create_task(Keeper(database, 90, Clock.opening(NOON)).keep())
            await waits_for_a_lock(conn, "CREATE INDEX CONCURRENTLY")
            assert await Keeper(database, 90, Clock.opening(NOON + timedelta(days=1))).keep()
            assert not first.done()
            await holder.execute("ROLLBACK")
            assert await first

    asyncio.run(scene())
    assert "fix_20260725" in _names(database, _DAYS)
    assert _names(database, _PLACES) == ["fix_20260721_place", "fix_old_place"]


@pytest.mark.parametrize(("off", "kept"), [(timedelta(0), False), (timedelta(days=200), True)])
def test_retention_works_under_the_walls_clock_only(database: str, off: timedelta, kept: bool) -> None:
    now = wall_now()
    stale = now - timedelta(days=95)

    async def scene() -> None:
        async with dialled(database) as conn:
            await Partitions(200).ensure(conn, [day_number(stale)], now)
            await conn.execute(
                "INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)"
                " VALUES (1, %s, 1, 1, 'SRID=4326;POINT(116 36)', %s)", (stale, stale),
            )  # fmt: skip
            await conn.execute(
                "INSERT INTO audit (at, actor, action, object, result) VALUES (%s, 'x', 'a', 'b', 'done')",
                (now - timedelta(days=400),),
            )
        assert await Keeper(database, 90, Clock.opening(now + off)).keep()

    asyncio.run(scene())
    assert (part_for(day_number(stale)).name in _names(database, _DAYS)) is kept
    assert (rows(database, "SELECT count(*) FROM fix") == [(1,)]) is kept


def test_a_keeper_that_is_stopped_amid_a_build_lets_the_next_finish(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as holder, dialled(database) as conn:
            await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await holder.execute("SELECT count(*) FROM fix")
            keeper = Keeper(database, 90, Clock.opening(NOON))
            keeper.start()
            await waits_for_a_lock(conn, "CREATE INDEX CONCURRENTLY")
            async with asyncio.timeout(5):
                await keeper.stop()
            await holder.execute("ROLLBACK")

    asyncio.run(scene())
    assert asyncio.run(Keeper(database, 90, Clock.opening(NOON)).keep())
    valid = "SELECT bool_and(indisvalid) FROM pg_index"
    assert rows(database, valid) == [(True,)]
    assert _names(database, _PLACES) == ["fix_20260721_place", "fix_old_place"]

"""Raw tracks go when their time is over, counted from receipt, and nobody who writes is held up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import psycopg

from fleet.clock import wall_now
from fleet.db import make_engine
from tests.tracking.housekeeping import days_ago, dialled, late, waits_for_a_lock, writing
from tests.tracking.platform import NOON, register, rows
from tracking.days import day_number, start_of
from tracking.retention import limit, retire

_BEFORE = start_of(day_number(NOON) - 30)
_DAYS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1"
_NOTES = (
    "SELECT actor, action, object, coalesce(detail->>'rows', detail->>'rows_about') FROM audit ORDER BY id"
)


def _days(database: str) -> list[str]:
    return [name for (name,) in rows(database, _DAYS)]


async def _retire(database: str, patience_ms: int = 100) -> bool:
    async with dialled(database) as conn:
        return await retire(conn, _BEFORE, patience_ms)


def _store(database: str, *told: tuple[int, datetime]) -> None:
    async def scene() -> None:
        async with writing(database) as writer:
            for k, (days, received) in enumerate(told):
                await writer.store([late(days, k)], received)

    asyncio.run(scene())


def test_a_day_goes_when_nothing_new_was_received_in_it(database: str) -> None:
    _store(database, (40, days_ago(40)), (41, days_ago(40)), (41, days_ago(2)), (20, days_ago(20)))
    assert asyncio.run(_retire(database))
    assert _days(database) == ["fix_20260611", "fix_20260702", "fix_old"]
    # Of the day that holds both, what is due is gone too.
    kept = rows(database, "SELECT t, received_at FROM fix ORDER BY t")
    assert [received for _, received in kept] == [days_ago(2), days_ago(20)]
    assert rows(database, _NOTES) == [
        ("keeper", "retention.delete", "fix_20260611", "1"),
        ("keeper", "retention.drop", "fix_20260612", "0"),
    ]
    assert asyncio.run(_retire(database))
    assert len(rows(database, _NOTES)) == 2


def test_ancient_rows_go_by_receipt_in_chunks(database: str) -> None:
    _store(database, (400, days_ago(31)), (500, days_ago(1)))
    with psycopg.connect(database) as conn:
        conn.execute(
            "INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)"
            " SELECT 2, t - n * interval '1s', terminal_id, digest, geom, received_at"
            " FROM fix, generate_series(1, 30000) AS n"
        )
    assert asyncio.run(_retire(database))
    assert rows(database, "SELECT count(*), min(received_at) FROM fix_old") == [(30_001, days_ago(1))]
    assert ("keeper", "retention.delete", "fix_old", "30001") in rows(database, _NOTES)


def test_a_late_fix_of_a_dropped_day_makes_its_day_again(database: str) -> None:
    async def scene() -> None:
        async with writing(database) as writer:
            await writer.store([late(40)], days_ago(40))
            assert await _retire(database)
            assert "fix_20260612" not in _days(database)
            # The flusher still believes in the day.
            await writer.store([late(40, 1), late(400, 1)])

    asyncio.run(scene())
    assert rows(database, "SELECT tableoid::regclass::text FROM fix ORDER BY t") == [
        ("fix_old",),
        ("fix_20260612",),
    ]


def test_a_reader_delays_the_drop_and_not_the_writers(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as reader, dialled(database) as conn, writing(database) as writer:
            await writer.store([late(40)], days_ago(40))
            await writer.store([late(0)])
            await reader.execute("BEGIN")
            await reader.execute("SELECT count(*) FROM fix")
            retiring = asyncio.create_task(_retire(database, patience_ms=300))
            await waits_for_a_lock(conn, "LOCK TABLE ONLY fix")
            await writer.store(late(0, k) for k in range(1, 30))
            assert not await retiring
            # A new day is made although the reader is there, and a late fix finds the one that stays.
            await writer.store([late(3), late(40, 1)])
            await reader.execute("COMMIT")

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix_20260612") == [(2,)]


def test_a_fix_that_comes_between_the_look_and_the_drop_is_kept(database: str) -> None:
    async def scene() -> None:
        async with dialled(database) as other, dialled(database) as conn, writing(database) as writer:
            await writer.store([late(40)], days_ago(40))
            await other.execute("BEGIN")
            await other.execute(
                "INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)"
                " SELECT 2, t, terminal_id, digest, geom, %s FROM fix", (NOON,)
            )  # fmt: skip
            retiring = asyncio.create_task(_retire(database, patience_ms=30_000))
            await waits_for_a_lock(conn, "LOCK TABLE ONLY fix")
            await other.execute("COMMIT")
            assert await retiring

    asyncio.run(scene())
    assert (2,) in rows(database, "SELECT van_id FROM fix_20260612")


def test_what_else_tells_where_a_van_was_goes_too(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=2)
    (van, other), (terminal, _) = fleet.vans, fleet.terminals
    engine.dispose()
    with psycopg.connect(database) as conn:
        for at in (days_ago(31), days_ago(1)):
            conn.execute(
                "INSERT INTO quarantine (terminal_id, van_id, received_at, n, why, raw)"
                " VALUES (%s, %s, %s, 1, 'bad', '')", (terminal, van, at),
            )  # fmt: skip
        conn.cursor().executemany(
            "INSERT INTO outbox (van_id, seq, kind, body, created_at) VALUES (%s, %s, 'say', '{}', %s)",
            [(van, 1, days_ago(31)), (van, 2, days_ago(31)), (van, 3, days_ago(1)), (other, 1, days_ago(31))],
        )
        conn.execute(
            "INSERT INTO terminal_seen (terminal_id, seq, at) VALUES (%s, 1, %s)", (terminal, days_ago(1))
        )
        conn.cursor().executemany(
            "INSERT INTO van_state (van_id, district_id, t, terminal_id, digest, lon, lat, received_at)"
            " VALUES (%s, 1, %s, 1, 1, 116, 36, %s)",
            [(van, days_ago(50), days_ago(1)), (other, days_ago(31), days_ago(31))],
        )
    assert asyncio.run(_retire(database))
    assert rows(database, "SELECT received_at FROM quarantine") == [(days_ago(1),)]
    # A message that no terminal has drawn waits on.
    assert rows(database, "SELECT van_id, seq FROM outbox ORDER BY 1, 2") == [(van, 2), (van, 3), (other, 1)]
    assert rows(database, "SELECT van_id FROM van_state") == [(van,)]
    assert [note[2:] for note in rows(database, _NOTES)] == [
        ("quarantine", "1"),
        ("outbox", "1"),
        ("van_state", "1"),
    ]


def test_the_limit_stands_only_under_the_walls_clock_and_in_a_grown_database(database: str) -> None:
    async def asked(now: datetime) -> datetime | None:
        async with dialled(database) as conn:
            return await limit(conn, now, 90)

    now = wall_now()
    assert asyncio.run(asked(now)) is None
    with psycopg.connect(database) as conn:
        conn.execute(
            "INSERT INTO audit (at, actor, action, object, result) VALUES (%s, 'command', 'a', 'b', 'done')",
            (now - timedelta(days=100),),
        )
    assert asyncio.run(asked(now)) == start_of(day_number(now) - 90)
    assert asyncio.run(asked(now + timedelta(days=400))) is None
    assert asyncio.run(asked(datetime(2013, 10, 22, tzinfo=now.tzinfo))) is None

"""What was heard comes into the database, also over an outage, and never makes the ingest wait."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psycopg
import pytest

from fleet.clock import Clock
from fleet.db import make_engine
from tests.tracking.platform import NOON, NOON_MS, context_on, dialled, fix, register, rows, running, until
from tests.tracking.storing import batch_of
from tests.tracking.test_heard import parcel
from tracking.heard import Hearing
from tracking.parcel import Parcel
from tracking.scribe import Scribe

HEARD = (
    "SELECT terminal_id, protocol, (extract(epoch FROM fix_t) * 1000)::bigint, lag_s, offset_s, offset_told,"
    " fixes, refused FROM terminal_heard ORDER BY terminal_id"
)


def terminals(database: str, vans: int = 1) -> tuple[int, ...]:
    """Registered ones."""
    engine = make_engine(database)
    fleet = register(engine, vans)
    engine.dispose()
    return fleet.terminals


def write(database: str, *lots: list[Parcel]) -> None:
    """Write each lot down by itself."""

    async def scene() -> None:
        hearing = Hearing()
        scribe = Scribe(database, hearing, Clock.opening(NOON))
        for lot in lots:
            hearing.committed(batch_of(lot))
            await scribe.write()
        await scribe.stop()

    asyncio.run(scene())


def test_real_traffic_is_written_down(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fixes": [fix(4), fix(3), fix(5, lat=99)]}))
            shown = round(platform.context.clock.now().timestamp() * 1000) - 25_000
            await ws.send(json.dumps({"n": 2, "have": {"state": 1, "t": shown}}))
            await until(ws, lambda told: told.get("ack") == 2)
            async with asyncio.timeout(20):
                while not rows(database, HEARD):
                    await asyncio.sleep(0.05)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    ((terminal_id, protocol, fix_ms, lag_s, offset_s, told, fixes, refused),) = rows(database, HEARD)
    assert (terminal_id, protocol, fix_ms) == (fleet.terminals[0], "carevan.v1", NOON_MS - 3000)
    assert (told, fixes, refused) == (True, 2, 1)
    assert 3 <= lag_s < 30
    assert -26 < offset_s <= -24.9


def test_a_hello_tells_the_clock_as_it_was_when_hello_came(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, None) as ws:
            shown = round(platform.context.clock.now().timestamp() * 1000) + 3_600_000
            await ws.send(json.dumps({"hello": {"token": fleet.tokens[0], "have": {"t": shown}}}))
            await until(ws, lambda told: "welcome" in told)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    ((_, _, fix_t, _, offset_s, told, fixes, _),) = rows(database, HEARD)
    assert (fix_t, told, fixes) == (None, True, 0)
    assert 3599 < offset_s <= 3600


def test_counts_add_up_and_an_older_fix_does_not_replace_a_newer(database: str) -> None:
    (terminal,) = terminals(database)
    live = parcel([1000], at=NOON_MS, terminal=terminal, refused=1)
    backfill = parcel([50_000, 60_000], at=NOON_MS + 4000, terminal=terminal)
    write(database, [live], [backfill])
    assert rows(database, HEARD) == [(terminal, "carevan.v1", NOON_MS - 1000, 1.0, None, False, 3, 1)]


def test_a_clock_once_told_is_not_forgotten_and_one_concluded_is_taken_back(
    database: str,
) -> None:
    one, other = terminals(database, 2)
    ahead = [parcel([-12_000], at=NOON_MS, terminal=each) for each in (one, other)]
    write(database, ahead)
    assert [row[4:6] for row in rows(database, HEARD)] == [(12.0, False), (12.0, False)]
    later = [parcel([100], at=NOON_MS + 9000, terminal=each) for each in (one, other)]
    write(database, [parcel(at=NOON_MS, terminal=one, clock=NOON_MS + 500)], later)
    assert [row[4:6] for row in rows(database, HEARD)] == [(0.5, True), (None, False)]


def test_a_day_shown_before_gives_way(database: str) -> None:
    (terminal,) = terminals(database)
    tomorrow = NOON_MS + 86_400_000
    write(
        database,
        [parcel([0], at=tomorrow, terminal=terminal)],
        [parcel([500], at=NOON_MS, terminal=terminal)],
    )
    assert rows(database, HEARD)[0][2] == NOON_MS - 500


def test_an_unknown_terminal_is_no_trouble(database: str) -> None:
    (terminal,) = terminals(database)
    write(database, [parcel(at=NOON_MS, terminal=4711), parcel(at=NOON_MS, terminal=terminal)])
    assert [row[0] for row in rows(database, HEARD)] == [terminal]


def test_notes_outlive_an_outage(database: str) -> None:
    async def scene() -> None:
        hearing = Hearing()
        scribe = Scribe(database, hearing, Clock.opening(NOON))
        hearing.committed(batch_of([parcel([0], at=NOON_MS, terminal=terminal)]))
        await scribe.write()
        with psycopg.connect(database, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'carevan scribe'"
            )
        hearing.committed(batch_of([parcel([0, 5], at=NOON_MS, terminal=terminal)]))
        with pytest.raises(psycopg.OperationalError):
            await scribe.write()
        hearing.committed(batch_of([parcel(at=NOON_MS + 9, terminal=terminal, refused=2)]))
        await scribe.write()
        await scribe.stop()

    (terminal,) = terminals(database)
    asyncio.run(scene())
    assert rows(database, HEARD)[0][6:] == (3, 2)

"""What is acknowledged is on the disk, whatever the server's settings; where it may not be, that is said."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from fleet.clock import Clock
from fleet.cluster import ADMIN, Cluster
from tests.tracking.killing import kill_postmaster, reborn
from tests.tracking.ledger import fix_at
from tests.tracking.platform import NOON, NOON_MS, rows
from tests.tracking.storing import Ear
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.promise import Promise, doubt_of, keep
from tracking.source import Source

_SOURCE = Source(11, 1, 1)


def test_one_sentence_says_what_is_in_doubt() -> None:
    sound = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "off"}
    assert doubt_of(sound) == ""
    assert "fsync = on" in doubt_of({**sound, "fsync": "off", "full_page_writes": "off"})
    assert "tear pages" in doubt_of({**sound, "full_page_writes": "off"})


def test_a_server_that_may_forget_is_told_of_once_and_so_is_its_recovery(
    database: str, mortal_database: str
) -> None:
    # The tests' common cluster runs without fsync, for speed; the product's own never does.
    promise = Promise(database)
    with capture_logs() as logs:
        asyncio.run(promise.ask())
        asyncio.run(promise.ask())
        assert promise.doubt.startswith("The database runs with fsync = off")
        promise._conninfo = mortal_database
        asyncio.run(promise.ask())
    assert promise.doubt == ""
    assert [(log["log_level"], log.get("why", "")) for log in logs] == [
        ("error", logs[0]["why"]), ("info", "")
    ]  # fmt: skip


def test_it_is_asked_again_while_the_application_runs(mortal_database: str) -> None:
    async def scene() -> None:
        promise = Promise(mortal_database)
        promise.doubt = "unknown"
        promise.start()
        async with asyncio.timeout(20):
            while promise.doubt:
                await asyncio.sleep(0)
        await promise.stop()

    asyncio.run(scene())


@pytest.fixture
def lazy(mortal: Cluster, mortal_database: str) -> Iterator[tuple[str, int]]:
    """A database whose commits do not wait for the disk, and the process that writes for them: it sleeps."""
    with psycopg.connect(mortal.url(ADMIN, "postgres"), autocommit=True) as admin:
        name = conninfo_to_dict(mortal_database)["dbname"]
        admin.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
        row = admin.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'").fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGSTOP)
    try:
        yield mortal_database, row[0]
    finally:
        with suppress(ProcessLookupError):
            os.kill(row[0], signal.SIGCONT)


def test_commits_wait_for_the_disk_even_where_the_server_would_not(
    mortal: Cluster, lazy: tuple[str, int]
) -> None:
    url, writer = lazy

    async def scene() -> None:
        flusher, ear = Flusher(url, Partitions(90), Clock.opening(NOON)), Ear()
        flusher.start()
        # The first makes the day; only then is nothing written but the fix.
        for n in (1, 2):
            await flusher.put(Parcel(ear, _SOURCE, n, NOON_MS, [(0, fix_at(NOON_MS - n))]))
            await ear.until(n)
        dead = kill_postmaster(mortal)
        os.kill(writer, signal.SIGKILL)
        await reborn(mortal, dead)
        await flusher.stop()

    asyncio.run(scene())
    assert rows(url, "SELECT count(*) FROM fix") == [(2,)]


def test_who_asks_for_more_gets_it(mortal_database: str) -> None:
    async def setting(wanted: str) -> str:
        options = f"-c synchronous_commit={wanted}"
        async with await psycopg.AsyncConnection.connect(
            mortal_database, autocommit=True, options=options
        ) as conn:
            await keep(conn)
            row = await (await conn.execute("SHOW synchronous_commit")).fetchone()
            return "" if row is None else str(row[0])

    asked = ("off", "on", "local", "remote_write", "remote_apply")
    assert [asyncio.run(setting(each)) for each in asked] == ["on", *asked[1:]]

"""The group commit on a real database: any order, any repetition, bad rows, and the database's death."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fleet import migrate
from fleet.clock import Clock
from fleet.cluster import Cluster
from tests.tracking.housekeeping import dialled, late
from tests.tracking.platform import (
    LAT,
    LON,
    NOON,
    NOON_MS,
    context_on,
    driven,
    register,
    rows,
    running,
)
from tests.tracking.storing import Ear, store
from tracking.client import Terminal
from tracking.event import Event
from tracking.fix import Fix, digest_of
from tracking.ingest import Flusher
from tracking.intake import Pace
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source, identity_of

_SOURCES = (Source(11, 1, 1), Source(12, 1, 1), Source(21, 2, 1))


def _at(k: int) -> Fix:
    return Fix(NOON_MS - 1000 * k, LON + k * 1e-5, LAT)


_fix = st.builds(
    Fix,
    t=st.integers(NOON_MS - 400, NOON_MS).map(lambda t: t - t % 100),
    lon=st.sampled_from((LON, LON + 0.001)),
    lat=st.just(LAT),
    speed_mps=st.sampled_from((None, 0.0, 5.5)),
)
_event = st.builds(
    Event,
    id=st.sampled_from([UUID(int=k) for k in range(3)]),
    t=st.just(NOON_MS),
    kind=st.sampled_from(("arrived", "done")),
)
_parcel = st.tuples(st.sampled_from(_SOURCES), st.lists(_fix, max_size=4), st.none() | _event, st.booleans())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(_parcel, min_size=1, max_size=8))
def test_any_split_order_and_repetition_stores_the_same_set(
    database: str, told: list[tuple[Source, list[Fix], Event | None, bool]]
) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("TRUNCATE fix, event, van_state")
    asyncio.run(store(database, told + told[::-1]))

    identities = {identity_of(fix, source) for source, fixes, _, _ in told for fix in fixes}
    stored = rows(
        database, "SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, terminal_id, digest FROM fix"
    )
    assert len(stored) == len(identities)
    assert set(stored) == identities
    events = {(source.terminal_id, event.id) for source, _, event, _ in told if event is not None}
    assert sorted(rows(database, "SELECT terminal_id, id FROM event")) == sorted(events)
    newest = {
        van_id: max(
            ((i.t, -i.terminal_id, -i.digest) for i in identities if i.van_id == van_id), default=None
        )
        for van_id in {i.van_id for i in identities}
    }
    ranked = "SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, -terminal_id, -digest FROM van_state"
    states = rows(database, ranked)
    assert {state[0]: state[1:] for state in states} == newest


def test_a_row_that_can_never_be_stored_is_refused_alone(database: str) -> None:
    asyncio.run(store(database, [(_SOURCES[0], [_at(0)], None, False)]))
    with psycopg.connect(database) as conn:
        conn.execute("ALTER TABLE fix ADD CONSTRAINT unlucky CHECK (satellites <> 13)")
    good = [_at(k) for k in range(1, 6)]
    bad = replace(_at(9), satellites=13)
    ear = asyncio.run(
        store(
            database,
            [
                (_SOURCES[0], [*good[:2], bad, *good[2:]], None, False),
                (_SOURCES[2], [_at(1)], Event(uuid4(), NOON_MS, "done"), True),
            ],
        )
    )
    assert [(r.n, r.index) for r in ear.refused] == [(1, 2)]
    assert rows(database, "SELECT count(*) FROM fix") == [(7,)]
    assert rows(database, "SELECT count(*) FROM event") == [(1,)]
    assert rows(database, "SELECT n, index FROM quarantine") == [(1, 2)]


def test_a_recording_of_any_date_finds_a_partition(database: str) -> None:
    days = (-9000, -91, -90, -45, -1, 0, 1)
    fixes = [Fix(NOON_MS + day * 86_400_000, LON, LAT) for day in days]
    asyncio.run(store(database, [(_SOURCES[0], fixes, None, False)]))
    found = rows(database, "SELECT tableoid::regclass::text FROM fix ORDER BY t")
    assert [name for (name,) in found] == [
        "fix_old", "fix_old", "fix_20260423", "fix_20260607", "fix_20260721", "fix_20260722", "fix_20260723",
    ]  # fmt: skip


def test_only_fixes_of_a_day_that_cannot_be_made_now_wait(database: str) -> None:
    async def scene() -> None:
        first, second = Ear(), Ear()
        flusher = Flusher(database, Partitions(90), Clock.opening(NOON))
        async with dialled(database) as holder:
            await Partitions(90).keep_ahead(holder, NOON)
            await holder.execute("BEGIN")
            await holder.execute("LOCK TABLE ONLY fix IN SHARE UPDATE EXCLUSIVE MODE")
            flusher.start()
            # Of a day that has no partition, then one of today behind it on the same connection.
            await flusher.put(Parcel(first, _SOURCES[0], 1, NOON_MS, [(0, late(5))]))
            await flusher.put(Parcel(first, _SOURCES[0], 2, NOON_MS, [(0, _at(1))]))
            for n in range(1, 30):
                await flusher.put(Parcel(second, _SOURCES[2], n, NOON_MS, [(0, _at(n))]))
                await second.until(n)
            assert first.n == 0
            await holder.execute("COMMIT")
            await first.until(2)
        await flusher.stop()

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(31,)]


class _DroppedAgain(Partitions):
    """Days that retention drops between their making and the fix, twice."""

    drops = 2

    async def unready(self, conn: psycopg.AsyncConnection, days: Iterable[int], now: datetime) -> set[int]:
        left = await super().unready(conn, days, now)
        if self.drops:
            self.drops -= 1
            await conn.execute("DROP TABLE fix_20260612")
        return left


def test_a_fix_whose_day_is_dropped_again_and_again_is_no_bad_one(database: str) -> None:
    async def scene() -> None:
        ear, partitions = Ear(), _DroppedAgain(90)
        flusher = Flusher(database, partitions, Clock.opening(NOON))
        flusher.start()
        await flusher.put(Parcel(ear, _SOURCES[0], 1, NOON_MS, [(0, late(40)), (1, _at(1))]))
        await ear.until(1)
        await flusher.stop()
        assert partitions.drops == 0
        assert (ear.refused, flusher.trouble) == ([], "")

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(2,)]


def test_a_recording_of_many_days_holds_up_nobody(database: str) -> None:
    async def scene() -> None:
        first, second = Ear(), Ear()
        flusher = Flusher(database, Partitions(90), Clock.opening(NOON))
        async with dialled(database) as conn:
            await Partitions(90).keep_ahead(conn, NOON)
        flusher.start()
        await flusher.put(Parcel(first, _SOURCES[0], 1, NOON_MS, [(k, late(k)) for k in range(60)]))
        await flusher.put(Parcel(second, _SOURCES[2], 1, NOON_MS, [(0, _at(1))]))
        await second.until(1)
        assert first.n == 0
        await flusher.stop()  # stores what waits, too
        assert first.n == 1

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(61,)]


def test_a_state_ahead_of_the_clock_gives_way(database: str) -> None:
    later = replace(_at(0), t=NOON_MS + 7_200_000)
    asyncio.run(store(database, [(_SOURCES[0], [later], None, False)], NOON_MS + 7_200_000))
    asyncio.run(store(database, [(_SOURCES[0], [_at(1)], None, False)]))
    assert rows(database, "SELECT t FROM van_state") == [(NOON - timedelta(seconds=1),)]


def test_a_full_queue_makes_its_senders_wait(database: str) -> None:
    async def scene() -> None:
        ear, pace = Ear(), Pace(queue_fixes=3)
        flusher = Flusher(database, Partitions(90), Clock.opening(NOON), pace=pace)
        await flusher.put(Parcel(ear, _SOURCES[0], 1, NOON_MS, [(0, _at(1)), (1, _at(2))]))
        waiting = asyncio.create_task(flusher.put(Parcel(ear, _SOURCES[0], 2, NOON_MS, [(0, _at(3))])))
        await asyncio.sleep(0)
        assert not waiting.done()
        flusher.start()
        await waiting
        await ear.until(2)
        await flusher.stop()

    asyncio.run(scene())


@pytest.fixture
def mortal() -> Iterator[tuple[Cluster, str]]:
    """A cluster of this test's own, to be killed, with a migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-mortal-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        yield cluster, url
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


async def _kill(cluster: Cluster) -> None:
    """End the database at once, as a power cut would, and start it again."""
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while await asyncio.to_thread(cluster.running):
        pass  # until the dead postmaster is buried
    await asyncio.to_thread(cluster.up)


@pytest.mark.database
def test_what_was_acknowledged_is_stored_once_when_the_database_is_killed(
    mortal: tuple[Cluster, str], tmp_path: Path
) -> None:
    cluster, url = mortal
    sent: set[tuple[int, int, int]] = set()

    async def drive(terminal: Terminal, who: int, first: int) -> None:
        for k in range(first, first + 500):
            fix = Fix(NOON_MS - 1000 * k, LON + who * 0.01, LAT + k * 1e-6, speed_mps=4.0)
            sent.add((fleet.vans[who], fix.t, digest_of(fix)))
            await terminal.send(fix)
        await terminal.send(Event(uuid4(), NOON_MS - first, "reading", celsius=70.0))

    async def scene() -> None:
        async with running(context) as platform, driven(platform, fleet.tokens, queue_limit=40) as terminals:
            for first in (0, 1_000, 2_000):
                # From the second round on there are acknowledged fixes, and others on their way, to be lost.
                kill = [_kill(cluster)] if first else []
                await asyncio.gather(*(drive(t, who, first) for who, t in enumerate(terminals)), *kill)
            assert all([await terminal.drained() for terminal in terminals])
            assert {terminal.fixes.acknowledged for terminal in terminals} == {1_500}
            assert {terminal.events.acknowledged for terminal in terminals} == {3}

    context = context_on(url, tmp_path)
    fleet = register(context.engine, vans=3)
    asyncio.run(scene())
    stored = rows(url, "SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, digest FROM fix")
    assert len(stored) == len(sent)
    assert set(stored) == sent
    assert rows(url, "SELECT count(*) FROM event") == [(9,)]

"""PostgreSQL's traps for a group commit: none stops the flusher, and nobody pays for another's row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fleet.clock import Clock
from fleet.cluster import ADMIN, APP
from tests.tracking.ledger import fix_at
from tests.tracking.platform import NOON, NOON_MS, rows
from tests.tracking.storing import Ear, store
from tracking.batch import Batch
from tracking.fix import Fix, digest_of
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source

_VAN_1, _VAN_2 = Source(11, 1, 1), Source(21, 2, 1)
_BLOCKED = """
SELECT pid, wait_event_type = 'Lock' FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'carevan ingest'"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_HOLD = """
INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)
SELECT 1, to_timestamp(%s / 1000.0), 11, %s, 'SRID=4326;POINT(115.98 36.45)', now()"""
_UNLUCKY = """
CREATE FUNCTION unlucky() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = '{state}'; END $$;
CREATE TRIGGER unlucky BEFORE INSERT ON fix FOR EACH ROW
WHEN (NEW.satellites = 13) EXECUTE FUNCTION unlucky()"""


@asynccontextmanager
async def _flushers(database: str, count: int) -> AsyncIterator[list[Flusher]]:
    """As many gateways' flushers; not yet started, so that what is put makes one batch."""
    made = [Flusher(database, Partitions(90), Clock.opening(NOON)) for _ in range(count)]
    try:
        async with asyncio.timeout(60):
            yield made
    finally:
        await asyncio.gather(*(flusher.stop() for flusher in made))


@asynccontextmanager
async def _third(database: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Somebody else's session, whom PostgreSQL will not choose to end a deadlock."""
    told = make_conninfo(database, user=ADMIN)
    async with await psycopg.AsyncConnection.connect(told, options="-c deadlock_timeout=30s") as conn:
        yield conn
        await conn.rollback()


async def _waits(database: str, count: int = 1) -> None:
    """Wait until so many flushers wait for a lock."""
    async with asyncio.timeout(30):
        while sum(bool(row[1]) for row in await asyncio.to_thread(rows, database, _BLOCKED)) != count:
            pass


async def _deadlocked(database: str) -> None:
    """Wait until PostgreSQL has counted a deadlock."""
    async with asyncio.timeout(30):
        while await asyncio.to_thread(rows, database, _DEADLOCKS) == [(0,)]:
            pass


def _let(database: str, setting: str) -> None:
    """Give the product's sessions another setting."""
    with psycopg.connect(make_conninfo(database, user=ADMIN), autocommit=True) as admin:
        admin.execute(f'ALTER ROLE {APP} IN DATABASE "{admin.info.dbname}" SET {setting}'.encode())


def _numbered(fixes: Sequence[Fix]) -> list[tuple[int, Fix]]:
    return list(enumerate(fixes))


def test_two_gateways_that_write_crosswise_both_get_through(database: str) -> None:
    barriers, first, second = (
        [fix_at(NOON_MS - 9_000 + k) for k in range(2)],
        fix_at(NOON_MS - 2_000),
        fix_at(NOON_MS - 1_000),
    )
    # Each holds what is fresh to it and then asks for what it takes for a repeat: the other's.
    plans = ((second, (barriers[0], first)), (first, (barriers[1], second)))

    async def scene() -> None:
        ears = Ear(), Ear()
        async with _third(database) as third, _flushers(database, 2) as flushers:
            for fix in barriers:
                await third.execute(_HOLD.encode(), (fix.t, digest_of(fix)))
            for flusher, ear, (fresh, repeats) in zip(flushers, ears, plans, strict=True):
                await flusher.put(Parcel(ear, _VAN_1, 1, NOON_MS, _numbered([fresh])))
                await flusher.put(Parcel(ear, _VAN_1, 2, NOON_MS, _numbered(repeats), repeats=True))
                flusher.start()
            await _waits(database, 2)
            await third.rollback()
            await asyncio.gather(*(ear.until(2) for ear in ears))
        await _deadlocked(database)

    asyncio.run(store(database, [(_VAN_1, [fix_at(NOON_MS - 20_000)], None, False)]))
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(1 + 4,)]
    assert rows(database, "SELECT (extract(epoch FROM t) * 1000)::bigint FROM van_state") == [(second.t,)]


def test_a_deadlock_over_the_vans_states_costs_the_flusher_one_attempt(database: str) -> None:
    async def scene() -> None:
        ear = Ear()
        async with _third(database) as third, _flushers(database, 1) as (flusher,):
            await third.execute("SELECT FROM van_state WHERE van_id = 2 FOR UPDATE")
            for n, source in ((1, _VAN_1), (2, _VAN_2)):
                await flusher.put(Parcel(ear, source, n, NOON_MS, _numbered([fix_at(NOON_MS)])))
            flusher.start()
            await _waits(database)
            # It holds the first van's state by now; whoever is older in waiting gives up.
            await third.execute("SELECT FROM van_state WHERE van_id = 1 FOR UPDATE")
            await third.rollback()
            await ear.until(2)
        await _deadlocked(database)

    _let(database, "deadlock_timeout = '2s'")  # time enough to make it one, on a busy machine too
    old = [fix_at(NOON_MS - 9_000)]
    asyncio.run(store(database, [(_VAN_1, old, None, False), (_VAN_2, old, None, False)]))
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(4,)]
    assert rows(database, "SELECT van_id FROM van_state WHERE t = '2026-07-22 04:00Z' ORDER BY 1") == [
        (1,),
        (2,),
    ]


def test_where_locks_time_out_it_is_tried_until_they_are_free(database: str) -> None:
    fix = fix_at(NOON_MS - 1_000)
    _let(database, "lock_timeout = '300ms'")

    async def scene() -> None:
        ear = Ear()
        async with _third(database) as third, _flushers(database, 1) as (flusher,):
            await third.execute(_HOLD.encode(), (fix.t, digest_of(fix)))
            await flusher.put(Parcel(ear, _VAN_1, 1, NOON_MS, _numbered([fix, fix_at(NOON_MS)])))
            flusher.start()
            for count in (1, 0, 1):  # it gave up and came again
                await _waits(database, count)
            assert ear.n == 0
            await third.commit()  # and the fix is stored already
            await ear.until(1)

    asyncio.run(store(database, [(_VAN_1, [fix_at(NOON_MS - 9_000)], None, False)]))
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(3,)]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("22003", "out of range"),
        ("23502", "null value"),
        ("23514", 'new row for relation "fix" violates check constraint'),
        ("23514", 'no partition of relation "fix" found for row'),
    ],
)
def test_a_row_that_cannot_be_stored_goes_alone_into_quarantine(database: str, state: str, said: str) -> None:
    others = [fix_at(NOON_MS - 1000 * k) for k in range(1, 40)]
    bad = Fix(NOON_MS, 115.98, 36.45, satellites=13)
    asyncio.run(store(database, [(_VAN_1, others[:1], None, False)]))
    with psycopg.connect(database) as conn:
        conn.execute(_UNLUCKY.format(said=said, state=state).encode())

    async def scene() -> Ear:
        ear, neighbour = Ear(), Ear()
        async with _flushers(database, 1) as (flusher,):
            await flusher.put(Parcel(ear, _VAN_1, 1, NOON_MS, _numbered([*others[1:20], bad, *others[20:]])))
            await flusher.put(Parcel(neighbour, _VAN_2, 1, NOON_MS, _numbered(others)))
            flusher.start()
            await asyncio.gather(ear.until(1), neighbour.until(1))
            assert flusher.trouble == ""
        assert neighbour.refused == []
        return ear

    (refused,) = asyncio.run(scene()).refused
    assert refused.index == 19 and said in refused.why
    assert rows(database, "SELECT count(*) FROM fix") == [(2 * len(others),)]
    assert rows(database, "SELECT terminal_id, index FROM quarantine") == [(11, 19)]


def test_a_day_that_was_dropped_behind_its_back_is_made_again(database: str) -> None:
    async def scene() -> None:
        ear = Ear()
        async with _flushers(database, 1) as (flusher,):
            flusher.start()
            await flusher.put(Parcel(ear, _VAN_1, 1, NOON_MS, _numbered([fix_at(NOON_MS)])))
            await ear.until(1)
            with psycopg.connect(database) as conn:
                conn.execute("DROP TABLE fix_20260722")
            await flusher.put(Parcel(ear, _VAN_1, 2, NOON_MS, _numbered([fix_at(NOON_MS - 1_000)])))
            await ear.until(2)
        assert ear.refused == []

    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(1,)]


def test_who_fails_to_hear_of_a_commit_does_not_end_ingest(database: str) -> None:
    heard: list[int] = []

    def deaf(_: Batch) -> None:
        raise RuntimeError("out of order")

    async def scene() -> None:
        ear = Ear()
        flusher = Flusher(
            database, Partitions(90), Clock.opening(NOON),
            on_commit=(deaf, lambda batch: heard.append(len(batch.parcels))),
        )  # fmt: skip
        flusher.start()
        for n in (1, 2):
            await flusher.put(Parcel(ear, _VAN_1, n, NOON_MS, _numbered([fix_at(NOON_MS - n)])))
            await ear.until(n)
        await flusher.stop()

    asyncio.run(scene())
    assert heard == [1, 1]

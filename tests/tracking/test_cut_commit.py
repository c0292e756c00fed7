"""The connection is lost during COMMIT, its outcome unknown: nothing is lost, doubled or promised early."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.conninfo import conninfo_to_dict

from fleet.clock import Clock
from tests.tracking.ledger import Ledger, fix_at
from tests.tracking.platform import NOON, NOON_MS, context_on, driven, register, rows, running
from tests.tracking.severing import Cut, Door
from tests.tracking.storing import Ear
from tracking.client import Terminal
from tracking.event import Event
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.protocol import Rejected
from tracking.source import Source

_SOURCE = Source(11, 1, 1)
_WEEK_MS = 7 * 86_400_000
_TIMES = 5
_COUNTS = """
SELECT (SELECT count(*) FROM fix), (SELECT count(*) FROM event), (SELECT count(*) FROM quarantine)"""
_BLOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="carevan-door-") as made:
        yield Path(made)


@asynccontextmanager
async def _door(database: str, folder: Path) -> AsyncIterator[tuple[Door, str]]:
    """A door before a database, and the database's address by it."""
    told = conninfo_to_dict(database)
    async with Door(folder, Path(str(told["host"]))) as door:
        yield door, door.url(database=str(told["dbname"]))


@asynccontextmanager
async def _flusher(url: str) -> AsyncIterator[Flusher]:
    flusher = Flusher(url, Partitions(90), Clock.opening(NOON))
    flusher.start()
    try:
        yield flusher
    finally:
        await flusher.stop()


def _parcel(ear: Ear, n: int) -> Parcel:
    """A message of two fixes and an event, with one refusal."""
    fixes = [(i, fix_at(NOON_MS - 1000 * (2 * n + i))) for i in range(2)]
    event = Event(UUID(int=n), NOON_MS, "done")
    return Parcel(ear, _SOURCE, n, NOON_MS + n, fixes, event=event, refused=[Rejected(n, 2, "bad", b"{}")])


def _stored(database: str) -> list[tuple[int, int, int]]:
    return [(row[0], row[1], row[2]) for row in rows(database, _COUNTS)]


@pytest.mark.parametrize("cut", [Cut.UNSENT, Cut.SENT, Cut.ANSWERED])
def test_no_ack_before_certainty_and_all_of_it_once(database: str, folder: Path, cut: Cut) -> None:
    heard: list[tuple[int, int]] = []  # acknowledged, and stored, when it was cut

    async def scene() -> None:
        async def look(_: Cut) -> None:
            found = await asyncio.to_thread(_stored, database)
            heard.append((ear.n, found[0][0]))

        ear = Ear()
        async with _door(database, folder) as (door, url), _flusher(url) as flusher:
            await flusher.put(_parcel(ear, 1))  # makes the partitions
            await ear.until(1)
            door.on_cut = look
            for n in range(2, 5):
                door.fates.extend([cut] * _TIMES)
                await flusher.put(_parcel(ear, n))
                await ear.until(n)
            assert door.done == {cut: 3 * _TIMES}
        assert len(ear.refused) == 4

    asyncio.run(scene())
    assert _stored(database) == [(8, 4, 4)]
    # Whatever the server had done already: no ack while the flusher could not know.
    acknowledged = [n for n, _ in heard]
    assert acknowledged == [1] * _TIMES + [2] * _TIMES + [3] * _TIMES
    if cut is Cut.UNSENT:
        assert [stored for _, stored in heard] == [2 * n for n in acknowledged]
    if cut is Cut.ANSWERED:
        assert [stored for _, stored in heard] == [2 * (n + 1) for n in acknowledged]


@pytest.mark.parametrize("only_refused", [False, True])
def test_a_commit_that_arrives_after_its_repetition_has_begun_changes_nothing(
    database: str, folder: Path, only_refused: bool
) -> None:
    async def scene() -> None:
        ear = Ear()
        async with _door(database, folder) as (door, url), _flusher(url) as flusher:
            await flusher.put(_parcel(ear, 1))
            await ear.until(1)
            parcel = _parcel(ear, 2)
            if only_refused:
                parcel.fixes, parcel.event = (), None
            door.fates.append(Cut.LATE)
            await flusher.put(parcel)
            await _blocked_or(database, ear, 2)
            door.deliver()
            await ear.until(2)

    asyncio.run(scene())
    assert _stored(database) == [(2, 1, 2) if only_refused else (4, 2, 2)]


async def _blocked_or(database: str, ear: Ear, n: int) -> None:
    """Wait until a session waits for a lock, or the ack is there, which is too early."""
    async with asyncio.timeout(20):
        while ear.n < n and await asyncio.to_thread(rows, database, _BLOCKED) == [(0,)]:
            pass


def test_a_session_that_was_left_in_silence_does_not_hold_up_the_next(database: str, folder: Path) -> None:
    async def scene() -> None:
        ear = Ear()
        async with _door(database, folder) as (door, url), _flusher(url) as flusher:
            await flusher.put(_parcel(ear, 1))
            await ear.until(1)
            door.fates.append(Cut.SILENT)
            await flusher.put(_parcel(ear, 2))
            await ear.until(2)

    asyncio.run(scene())
    assert _stored(database) == [(4, 2, 2)]


def test_many_cuts_under_load_cost_the_terminals_nothing(database: str, folder: Path, tmp_path: Path) -> None:
    chance = random.Random(20260722)

    async def drive(terminals: Sequence[Terminal], ledger: Ledger, door: Door) -> None:
        for k in range(600):
            for who, terminal in enumerate(terminals):
                ahead_ms = _WEEK_MS if k % 50 == 7 else -1000 * k
                fix = fix_at(NOON_MS + ahead_ms + k, k)
                ledger.wrote(who, fix)
                await terminal.send(fix)
                if k % 20 == 3:
                    event = Event(UUID(int=chance.getrandbits(128)), NOON_MS, "reading", celsius=70.0)
                    ledger.wrote(who, event)
                    await terminal.send(event)
            if k % 25 == 24:
                door.fates.append(chance.choice([Cut.UNSENT, Cut.SENT, Cut.ANSWERED]))

    async def scene() -> None:
        async with _door(database, folder) as (door, url):
            context = context_on(url, tmp_path)
            async with running(context) as platform:
                ledger = Ledger(await asyncio.to_thread(register, context.engine, 3))
                settlers = [ledger.settler(who) for who in range(3)]
                async with driven(platform, ledger.fleet.tokens, 40, settlers) as terminals:
                    early: list[int] = []

                    async def look(_: Cut) -> None:
                        found = await asyncio.to_thread(ledger.check, database)
                        early.append(found.missing)

                    door.on_cut = look
                    await drive(terminals, ledger, door)
                    assert all([await terminal.drained() for terminal in terminals])
                assert door.done.total() > 10 and not any(early)
                found = await asyncio.to_thread(ledger.check, database)
                assert found.is_kept and found.unsettled == 0, found
                assert found.acknowledged == found.stored == 3 * (588 + 30)

    asyncio.run(scene())

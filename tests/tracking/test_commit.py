"""One cargo written in one transaction."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg

from fleet.db import make_engine
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register, rows
from tests.tracking.storing import Deaf
from tracking.cargo import cargo_of
from tracking.commit import Attempt, instant, write
from tracking.event import Event
from tracking.fix import Fix
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.protocol import Have, Rejected
from tracking.source import Source
from tracking.statements import SQL


def test_cargo_written_twice_is_stored_once_with_all_that_belongs_to_it(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine)
    engine.dispose()
    source = Source(fleet.terminals[0], fleet.vans[0], fleet.district_id)
    fix = Fix(NOON_MS, LON, LAT, speed_mps=3.5, battery=0.5)
    event = Event(UUID(int=7), NOON_MS, "reading", stop=None, celsius=71.0)
    refused = [Rejected(1, 4, "bad", b"\x00\xff"), Rejected(2, None, "worse", b"")]
    parcels = [
        Parcel(
            Deaf(),
            source,
            1,
            NOON_MS,
            [(0, fix)],
            event=event,
            refused=refused[:1],
            have=Have(1, 2, 3),
            app="a/1",
        ),
        Parcel(Deaf(), source, 2, NOON_MS, refused=refused[1:], have=Have(1, 5, 3)),
    ]

    async def scene() -> None:
        async with await psycopg.AsyncConnection.connect(
            database, autocommit=True, options="-c timezone=UTC"
        ) as conn:
            await Partitions(90).keep_ahead(conn, NOON)
            await conn.execute(SQL["make_stage"])
            cargo = cargo_of(parcels)
            for each in (cargo, cargo.all_careful()):
                async with conn.transaction():
                    await write(conn, parcels, each, Attempt(NOON))

    asyncio.run(scene())
    assert rows(database, "SELECT count(*), min(received_at) FROM fix") == [(1, NOON)]
    assert rows(database, "SELECT t, speed_mps, battery FROM van_state") == [(NOON, 3.5, 0.5)]
    assert rows(database, "SELECT id, kind, body, followed_at FROM event") == [
        (event.id, "reading", {"celsius": 71.0}, None)
    ]
    assert rows(database, "SELECT n, index, why, raw FROM quarantine ORDER BY n") == [
        (1, 4, "bad", b"\x00\xff"), (2, None, "worse", b"")
    ]  # fmt: skip
    assert rows(database, "SELECT plan, seq, state, app FROM terminal_seen") == [(1, 5, 3, "a/1")]


def test_instants_are_aware() -> None:
    assert instant(NOON_MS) == NOON

"""The hub on a real database: resumption, slow viewers, missed notifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import psycopg
import sqlalchemy as sa

from fleet import journal
from fleet.clock import Clock
from fleet.db import make_engine
from tests.tracking.platform import LAT, LON, NOON, register
from tracking.feed import Hub
from tracking.ring import Tick


def _drive(conn: psycopg.Connection, van_id: int, district_id: int, second: int) -> None:
    conn.execute(
        "INSERT INTO van_state VALUES (%s, %s, %s, 1, 0, %s, %s, 5, 90, 0.5, %s)"
        " ON CONFLICT (van_id) DO UPDATE SET t = EXCLUDED.t",
        (van_id, district_id, NOON + timedelta(seconds=second), LON, LAT, NOON),
    )
    conn.commit()


def _raise(engine: sa.Engine, district_id: int) -> int:
    with engine.begin() as conn:
        return journal.raise_state(conn, district_id, NOON, "tap", {"kind": "done"})


def _ignore(district_id: int, state: int) -> None:
    assert district_id > 0, state


def _past(number: int) -> Callable[[Tick], bool]:
    return lambda tick: tick.number > number


async def _until(ticks: AsyncIterator[Tick], wanted: Callable[[Tick], bool]) -> Tick:
    async with asyncio.timeout(20):
        async for tick in ticks:
            if wanted(tick):
                return tick
    raise AssertionError


def test_a_viewer_comes_back_to_what_it_missed_and_strangers_get_everything(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=3)
    states: list[tuple[int, int]] = []

    async def scene(conn: psycopg.Connection) -> None:
        hub = Hub(database, Clock.opening(NOON), lambda district, state: states.append((district, state)))
        for van_id in fleet.vans[:2]:
            _drive(conn, van_id, fleet.district_id, 0)
        _raise(engine, fleet.district_id)
        hub.start()
        first = await anext(hub.subscribe(fleet.district_id))
        assert first.snapshot
        assert [van.van_id for van in first.vans] == list(fleet.vans[:2])
        assert (first.state, first.journal) == (1, ())
        assert (await anext(hub.subscribe(fleet.district_id, state=0))).journal[0].kind == "tap"

        watching = hub.subscribe(fleet.district_id, first.cursor)
        assert (await anext(watching)).vans == ()
        _drive(conn, fleet.vans[1], fleet.district_id, 1)
        hub.fixes_changed({fleet.vans[1]})
        _raise(engine, fleet.district_id)
        hub.journal_changed(fleet.district_id)
        tick = await _until(watching, _past(first.number))
        assert not tick.snapshot
        assert [van.van_id for van in tick.vans] == [fleet.vans[1]]
        assert [entry.state for entry in tick.journal] == [2]

        # This change is notified to nobody: the hub finds it by itself.
        _drive(conn, fleet.vans[2], fleet.district_id, 2)
        late = await _until(hub.subscribe(fleet.district_id, tick.cursor), lambda tick: bool(tick.vans))
        assert [van.van_id for van in late.vans] == [fleet.vans[2]]

        # A viewer that slept through all of it is told once, and no van is missing.
        merged = await anext(hub.subscribe(fleet.district_id, first.cursor))
        assert [van.van_id for van in merged.vans] == list(fleet.vans[1:])
        assert [entry.state for entry in merged.journal] == [2]
        stranger = await anext(hub.subscribe(fleet.district_id, "elsewhere.7", state=1))
        assert stranger.snapshot
        assert len(stranger.vans) == 3
        assert [entry.state for entry in stranger.journal] == [2]
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()
    assert states == [(fleet.district_id, 1), (fleet.district_id, 2)]


def test_a_slow_viewer_skips_ticks_and_holds_up_nobody(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=4)

    async def scene(conn: psycopg.Connection) -> None:
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        quick, slow = hub.subscribe(fleet.district_id), hub.subscribe(fleet.district_id)
        await anext(quick)
        started = await anext(slow)
        number = started.number
        for second, van_id in enumerate(fleet.vans):
            _drive(conn, van_id, fleet.district_id, second)
            hub.fixes_changed({van_id})
            number = (await _until(quick, _past(number))).number
        assert number == started.number + 4
        tick = await anext(slow)
        assert not tick.snapshot
        assert [van.van_id for van in tick.vans] == list(fleet.vans)
        assert tick.number == number
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()

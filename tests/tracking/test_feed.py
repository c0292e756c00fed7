"""The hub on a real database: resumption, slow viewers, missed notifications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from fleet import journal
from fleet.clock import Clock
from fleet.db import make_engine
from tests.tracking.platform import LAT, LON, NOON, register
from tracking import feed
from tracking.cells import view_of
from tracking.feed import Hub, Viewer
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


def test_a_van_moved_to_another_district_leaves_the_old_ones_picture(database: str) -> None:
    engine = make_engine(database)
    old, new = register(engine, vans=2), register(engine, vans=0, name="邻区")

    def move(conn: psycopg.Connection, van_id: int) -> None:
        conn.execute("UPDATE van SET district_id = %s WHERE id = %s", (new.district_id, van_id))
        conn.commit()

    async def scene(conn: psycopg.Connection) -> None:
        for van_id in old.vans:
            _drive(conn, van_id, old.district_id, 0)
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        here, there = hub.subscribe(old.district_id), hub.subscribe(new.district_id)
        assert len((await anext(here)).vans) == 2
        assert (await anext(there)).vans == ()
        # One reports from its new district; the other one is only written elsewhere in the registry.
        move(conn, old.vans[0])
        _drive(conn, old.vans[0], new.district_id, 1)
        hub.fixes_changed({old.vans[0]})
        assert (await _until(here, lambda tick: bool(tick.gone))).gone == old.vans[:1]
        assert [van.van_id for van in (await anext(there)).vans] == [old.vans[0]]
        move(conn, old.vans[1])
        assert (await _until(here, lambda tick: bool(tick.gone))).gone == old.vans[1:]
        for ticks in (here, there):
            await ticks.aclose()
        # Whoever comes now sees them there and nowhere else.
        assert (await anext(hub.subscribe(old.district_id))).vans == ()
        assert len((await anext(hub.subscribe(new.district_id))).vans) == 2
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()


def test_who_missed_much_of_the_journal_is_told_all_of_it_or_that_it_is_not_all(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=1)
    with engine.begin() as conn:
        for _ in range(1_203):
            journal.raise_state(conn, fleet.district_id, NOON, "tap", {})

    async def scene() -> None:
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        tick = await anext(hub.subscribe(fleet.district_id, "elsewhere.1", state=3))
        assert [entry.state for entry in tick.journal] == list(range(4, 1_204))
        assert tick.since == 3
        # Many come back at once with the same state: they share one tick.
        ticks = await asyncio.gather(
            *(anext(hub.subscribe(fleet.district_id, "elsewhere.1", state=3)) for _ in range(5))
        )
        assert all(each is ticks[0] for each in ticks)
        monkeypatch.setattr(feed, "MOST_TOLD", 600)
        tick = await anext(hub.subscribe(fleet.district_id, "elsewhere.1", state=4))
        assert [entry.state for entry in tick.journal] == list(range(604, 1_204))
        assert tick.since == 603
        await hub.stop()

    asyncio.run(scene())
    engine.dispose()


def test_a_viewer_that_slept_past_the_ring_misses_no_entry(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=1)

    async def scene(conn: psycopg.Connection) -> None:
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        slow, quick = hub.subscribe(fleet.district_id), hub.subscribe(fleet.district_id)
        await anext(slow)
        number = (await anext(quick)).number
        for n in range(1, 4):
            _raise(engine, fleet.district_id)
            hub.journal_changed(fleet.district_id)
            number = (await _until(quick, _past(number))).number
            assert hub.state(fleet.district_id) == n
        ring = hub._channels[fleet.district_id].ring
        ring._deltas.clear()  # as if 256 more had passed
        tick = await anext(slow)
        assert tick.snapshot
        assert [entry.state for entry in tick.journal] == [1, 2, 3]
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()


def test_a_viewer_looks_elsewhere_and_is_told_of_it_alone(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=3)
    near = view_of((LON, LAT, LON, LAT))

    def place(conn: psycopg.Connection, van_id: int, lon: float) -> None:
        _drive(conn, van_id, fleet.district_id, 0)
        conn.execute("UPDATE van_state SET lon = %s WHERE van_id = %s", (lon, van_id))
        conn.commit()

    async def scene(conn: psycopg.Connection) -> None:
        for van_id, lon in zip(fleet.vans, (LON, LON + 1, LON + 2), strict=True):
            place(conn, van_id, lon)
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        viewer = Viewer()
        ticks = hub.subscribe(fleet.district_id, viewer=viewer)
        assert len((await anext(ticks)).vans) == 3
        viewer.look(near)
        tick = await anext(ticks)
        assert ([van.van_id for van in tick.vans], tick.snapshot, tick.view) == ([fleet.vans[0]], True, near)
        place(conn, fleet.vans[2], LON)
        place(conn, fleet.vans[1], LON + 1.5)
        place(conn, fleet.vans[0], LON + 3)
        _raise(engine, fleet.district_id)
        hub.journal_changed(fleet.district_id)
        hub.fixes_changed(None)
        tick = await _until(ticks, lambda tick: bool(tick.vans))
        assert ([van.van_id for van in tick.vans], tick.gone) == ([fleet.vans[2]], (fleet.vans[0],))
        assert [entry.state for entry in tick.journal] == [1], "the journal is everybody's"
        viewer.look(None)
        tick = await anext(ticks)
        assert (len(tick.vans), tick.snapshot, tick.view) == (3, True, None)
        # A view that is asked for before the first tick is taken into account at once.
        early = Viewer()
        early.look(near)
        tick = await anext(hub.subscribe(fleet.district_id, tick.cursor, viewer=early))
        assert ([van.van_id for van in tick.vans], tick.snapshot) == ([fleet.vans[2]], True)
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()


def test_the_hub_counts_what_it_does(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=1)

    async def scene(conn: psycopg.Connection) -> None:
        clock = Clock.opening(NOON)
        hub = Hub(database, clock, _ignore)
        hub.start()
        ticks = hub.subscribe(fleet.district_id)
        first = await anext(ticks)
        assert (hub.viewers, hub.ticks_sent, hub.lag_s) == (1, 1, 0.0)
        _drive(conn, fleet.vans[0], fleet.district_id, 0)
        hub.fixes_changed({fleet.vans[0]})
        await _until(ticks, _past(first.number))
        assert hub.ticks_sent == 2
        assert hub.reads >= 2
        assert 0 < hub.read_s < 5
        # Received at noon, when the clock was opened.
        assert 0 < hub.lag_s <= (clock.now() - NOON).total_seconds() + 0.001
        await ticks.aclose()
        assert hub.viewers == 0
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()


def test_the_hub_outlives_its_connection(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=1)

    async def scene(conn: psycopg.Connection) -> None:
        hub = Hub(database, Clock.opening(NOON), _ignore)
        hub.start()
        ticks = hub.subscribe(fleet.district_id)
        await anext(ticks)
        conn.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'carevan feed' AND datname = current_database()"
        )
        _drive(conn, fleet.vans[0], fleet.district_id, 0)
        hub.fixes_changed({fleet.vans[0]})
        assert (await _until(ticks, lambda tick: bool(tick.vans))).vans[0].van_id == fleet.vans[0]
        await hub.stop()

    with psycopg.connect(database) as conn:
        asyncio.run(scene(conn))
    engine.dispose()

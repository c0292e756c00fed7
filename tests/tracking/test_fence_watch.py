"""The live watch on a real flusher: told after the commit, never in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet.clock import Clock
from fleet.db import make_engine
from tests.tracking.fencing import MIDDLE, fence_of, square
from tests.tracking.platform import NOON, NOON_MS
from tests.tracking.storing import Deaf, Ear, batch_of, store
from tests.world import World, people
from tracking import fence_store
from tracking.fence_terms import Draft
from tracking.fence_watch import FenceWatch
from tracking.fences import Sighting
from tracking.fix import Fix
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source


class Told:
    """Hears what is seen."""

    def __init__(self) -> None:
        self.seen: list[Sighting] = []
        self._more = asyncio.Event()

    def __call__(self, seen: Sequence[Sighting]) -> None:
        self.seen += seen
        self._more.set()

    async def until(self, count: int) -> None:
        """Wait until so much was seen."""
        async with asyncio.timeout(30):
            while len(self.seen) < count:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def world(database: str) -> World:
    engine = make_engine(database)
    with engine.begin() as conn:
        made = people(conn)
        draft = Draft("f1", "f1", "area", fence_of(square(100)).shape)
        fence_store.put(conn, made.district_id, [draft], NOON)
    engine.dispose()
    return made


def _fix(second: int, east_m: float) -> Fix:
    return Fix(NOON_MS + second * 1000, MIDDLE.lon + east_m / MIDDLE.east_m, MIDDLE.lat)


def _source(world: World) -> Source:
    return Source(world.terminals[0], world.vans[0], world.district_id)


def _kinds(told: Told) -> list[tuple[int, str, str]]:
    return [(each.van_id, each.passage.kind, each.passage.how) for each in told.seen]


def test_what_a_commit_shows_is_told_and_one_who_fails_to_hear_ends_nothing(
    database: str, world: World
) -> None:
    def deaf(seen: Sequence[Sighting]) -> None:
        raise RuntimeError(f"{len(seen)} not heard")

    async def scene(engine: sa.Engine) -> None:
        told, ear = Told(), Ear()
        watch = FenceWatch(engine, Clock.opening(NOON + timedelta(minutes=5)), (deaf, told))
        flusher = Flusher(database, Partitions(90), Clock.opening(NOON), on_commit=(watch.committed,))
        flusher.start()
        watch.start()
        await watch.loaded.wait()
        try:
            for n, (second, east_m) in enumerate(((0, -300), (20, -200), (40, 0), (60, 300)), 1):
                parcel = Parcel(ear, _source(world), n, NOON_MS + 60_000, [(0, _fix(second, east_m))])
                await flusher.put(parcel)
                await ear.until(n)
            # The first look may find all of it at once; what is told is the same.
            await told.until(2)
        finally:
            await watch.stop()
            await flusher.stop()
        assert _kinds(told) == [(world.vans[0], "enter", "seen"), (world.vans[0], "exit", "seen")]

    engine = make_engine(database)
    asyncio.run(scene(engine))
    engine.dispose()


def test_who_stood_inside_before_the_watch_began_does_not_enter_again(database: str, world: World) -> None:
    asyncio.run(store(database, [(_source(world), [_fix(0, -300), _fix(20, 0)], None, False)]))

    async def scene(engine: sa.Engine) -> None:
        told = Told()
        watch = FenceWatch(engine, Clock.opening(NOON + timedelta(minutes=1)), (told,))
        later = [_fix(40, 10), _fix(60, 300)]
        parcels = [Parcel(Deaf(), _source(world), n, NOON_MS, [(0, fix)]) for n, fix in enumerate(later)]
        watch.committed(batch_of(parcels))
        watch.start()
        await told.until(1)
        await watch.stop()
        assert _kinds(told) == [(world.vans[0], "exit", "seen")]

    engine = make_engine(database)
    asyncio.run(scene(engine))
    engine.dispose()

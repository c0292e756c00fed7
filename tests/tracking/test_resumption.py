"""Nothing is missed: connections are cut, the server is restarted, and what was seen equals the database."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

from fleet import journal
from fleet.context import Context
from fleet.session import COOKIE
from tests.tracking.cutting import Wire, severable
from tests.tracking.platform import LAT, LON, NOON, Fleet, context_on, log_in, register, running
from tracking.announcer import FIXES_CHANNEL

_RETRY_S = 0.25
_WITHIN_S = 2.0


class _Screen:
    """A viewer as `docs/feed.md` wants it: it resumes by cursor and state, and counts what it is told."""

    def __init__(self, wire: Wire, cookie: str) -> None:
        self._wire = wire
        self._cookie = cookie
        self._cursor = ""
        self.state = -1
        self.vans: dict[int, list[Any]] = {}
        self.entries: list[int] = []
        self.late_s: list[float] = []
        self.snapshots = 0
        self.connections = 0

    def places(self) -> dict[int, float]:
        return {van_id: row[2] for van_id, row in self.vans.items()}

    async def run(self) -> None:
        while True:
            try:
                await self._watch()
            except (OSError, EOFError, ConnectionClosed, InvalidHandshake):
                await asyncio.sleep(_RETRY_S)

    async def _watch(self) -> None:
        query = f"?cursor={self._cursor}&state={self.state}" if self._cursor else ""
        async with connect(
            f"ws://{self._wire.address}/ws/live{query}",
            origin=Origin(f"http://{self._wire.address}"),
            additional_headers={"Cookie": f"{COOKIE}={self._cookie}"},
            proxy=None,
        ) as ws:
            self.connections += 1
            async for message in ws:
                self._take(json.loads(message))

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("snapshot"):
            self.snapshots += 1
            self.vans = {}
            assert self.state in (-1, told["since"]), "the journal goes on where it was"
        self.vans |= {row[0]: row for row in told["vans"]}
        for van_id in told.get("gone", ()):
            del self.vans[van_id]
        for entry in told["journal"]:
            self.entries.append(entry["state"])
            self.late_s.append(time.time() - entry["body"]["wall"])
        self._cursor, self.state = told["cursor"], told["state"]


class _World:
    """What happens meanwhile: vans move, and the journal grows, ten times a second."""

    def __init__(self, context: Context, fleet: Fleet) -> None:
        self._context = context
        self._fleet = fleet
        self.state = 0

    async def run(self) -> None:
        for second in itertools.count():
            await asyncio.to_thread(self._turn, second)
            await asyncio.sleep(0.1)

    def _turn(self, second: int) -> None:
        with psycopg.connect(self._context.database_url) as conn:
            van_id = random.choice(self._fleet.vans)
            conn.execute(
                "INSERT INTO van_state VALUES (%s, %s, %s, 1, 0, %s, %s, 5, 90, 0.5, %s)"
                " ON CONFLICT (van_id) DO UPDATE SET lon = EXCLUDED.lon, speed_mps = EXCLUDED.speed_mps",
                (van_id, self._fleet.district_id, NOON, LON + second * 1e-3, LAT, NOON),
            )
            conn.execute("SELECT pg_notify(%s, %s)", (FIXES_CHANNEL, str(van_id)))
        with self._context.engine.begin() as sql:
            body = {"wall": time.time()}
            self.state = journal.raise_state(sql, self._fleet.district_id, NOON, "tap", body)

    def places(self) -> dict[int, float]:
        with psycopg.connect(self._context.database_url) as conn:
            rows = conn.execute("SELECT van_id, lon FROM van_state").fetchall()
        return {van_id: round(lon, 7) for van_id, lon in rows}


@asynccontextmanager
async def _lived(context: Context, fleet: Fleet, screen: _Screen) -> AsyncIterator[_World]:
    """A world and a screen that run, until the screen has seen all of it, places too."""
    world = _World(context, fleet)
    watching, turning = asyncio.create_task(screen.run()), asyncio.create_task(world.run())
    try:
        async with asyncio.timeout(60):
            yield world
            turning.cancel()
            await asyncio.gather(turning, return_exceptions=True)
            await _caught_up(screen, world)
            places = await asyncio.to_thread(world.places)
            while (
                screen.places() != places
            ):  # a place may come a tick after the entry that was written behind it
                await asyncio.sleep(0.02)
    finally:
        for task in (watching, turning):
            task.cancel()
        await asyncio.gather(watching, turning, return_exceptions=True)


async def _caught_up(screen: _Screen, world: _World) -> None:
    state = world.state
    while screen.state < state or not screen.entries:
        await asyncio.sleep(0.02)


def test_events_missed_in_a_drop_are_recovered_within_two_seconds(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, severable(platform.address) as wire:
            screen = _Screen(wire, cookie)
            async with _lived(context, fleet, screen) as world:
                await _caught_up(screen, world)
                for _ in range(8):
                    assert wire.cut() == 1
                    # Reconnected, and cut again in the midst of whatever comes then.
                    before = screen.connections
                    while screen.connections == before:
                        await asyncio.sleep(0.01)
                    await asyncio.sleep(random.uniform(0, 0.4))
            assert screen.connections == 9
            assert screen.snapshots == 1, "a cursor of this process is enough to go on"
            assert screen.entries == list(range(screen.entries[0], world.state + 1)), "each once, in order"
            assert max(screen.late_s[1:]) < _WITHIN_S

    context = context_on(database, tmp_path)
    fleet = register(context.engine, vans=5)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())


def test_a_restart_is_an_epoch_that_nobody_knows_and_nothing_is_missed_over_it(
    database: str, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with severable() as wire:
            screen = _Screen(wire, cookie)
            async with running(context) as platform:
                wire.target = platform.address
                async with _lived(context, fleet, screen) as world:
                    await _caught_up(screen, world)
            first = screen.entries[0]
            # Nobody serves; the world goes on.
            for second in range(100, 103):
                await asyncio.to_thread(world._turn, second)
            wire.cut()
            async with running(context) as platform:
                wire.target = platform.address
                began = time.monotonic()
                async with _lived(context, fleet, screen) as later:
                    later.state = world.state
                    await _caught_up(screen, later)
                    assert time.monotonic() - began < _WITHIN_S
            assert screen.snapshots == 2
            assert screen.entries == list(range(first, later.state + 1))

    context = context_on(database, tmp_path)
    fleet = register(context.engine, vans=5)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())

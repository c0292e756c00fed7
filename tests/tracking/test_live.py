"""The viewers' socket: who may look, what comes, and when it ends."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from fleet import accounts
from fleet.session import COOKIE
from tests.tracking.platform import (
    LAT,
    LON,
    NOON,
    Platform,
    context_on,
    dialled,
    fix,
    log_in,
    register,
    running,
    until,
)
from tests.tracking.stalling import drained, stalled
from tracking import outlet
from tracking.announcer import FIXES_CHANNEL


def _watch(
    platform: Platform, cookie: str, *, origin: str | None = None, query: str = ""
) -> AbstractAsyncContextManager[ClientConnection]:
    return connect(
        f"ws://{platform.address}/ws/live{query}",
        origin=Origin(origin or f"http://{platform.address}"),
        additional_headers={"Cookie": f"{COOKIE}={cookie}"},
        proxy=None,
    )


async def _hear(ws: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(20):
        told: dict[str, Any] = json.loads(await ws.recv())
        return told


def test_a_fix_reaches_the_screens_of_its_district_alone(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            running(context) as platform,
            _watch(platform, ours) as near,
            dialled(platform, fleet.tokens[0]) as van,
        ):
            first = await _hear(near)
            assert first["snapshot"] is True
            assert first["vans"] == []
            await van.send(json.dumps({"n": 1, "fix": fix(battery=0.5)}))
            await until(van, lambda told: told.get("ack") == 1)
            told = await _hear(near)
            while not told["vans"]:
                told = await _hear(near)
            sent = fix()
            assert told["vans"][0][:2] == [fleet.vans[0], sent["t"]]
            assert told["vans"][0][4] == 5.0
            assert "snapshot" not in told
            async with _watch(platform, ours, query=f"?cursor={first['cursor']}") as back:
                assert (await _hear(back))["vans"] == told["vans"]
            # The other district's picture, asked for afterwards, holds none of it.
            async with _watch(platform, theirs) as far:
                assert (await _hear(far))["vans"] == []

    context = context_on(database, tmp_path)
    fleet, other = register(context.engine), register(context.engine, vans=0, name="别的区")
    ours, _ = log_in(context.engine, fleet.district_id)
    theirs, _ = log_in(context.engine, other.district_id)
    asyncio.run(scene())


async def _ended(ws: ClientConnection) -> tuple[int, str]:
    """Listen until the server closes; its code and sentence."""

    async def listen() -> None:
        while True:
            await _hear(ws)

    with pytest.raises(ConnectionClosed) as ended:
        await listen()
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


def test_who_may_not_look_is_told_to_log_in(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform:
            async with _watch(platform, "nobody") as ws:
                assert await _ended(ws) == (4401, "log in again")
            async with _watch(platform, cookie, origin="http://elsewhere.test") as ws:
                assert await _ended(ws) == (4401, "log in again")

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())


_LOG_IN = (4401, "log in again")
_LOAD = (4410, "your district or your role has changed; load the page again")
_ENDS = {
    "logged out": ("DELETE FROM session WHERE account_id = {}", _LOG_IN),
    "expired": ("UPDATE session SET expires_at = created_at WHERE account_id = {}", _LOG_IN),
    "idle": ("UPDATE session SET seen_at = seen_at - interval '1 day' WHERE account_id = {}", _LOG_IN),
    "disabled": ("UPDATE account SET disabled_at = created_at WHERE id = {}", _LOG_IN),
    "put out": ("DELETE FROM membership WHERE account_id = {}", _LOG_IN),
    "another role": ("UPDATE membership SET role = 'planner' WHERE account_id = {}", _LOAD),
}
_STAYS = "stays"


def test_whoever_may_look_no_more_is_cut_within_five_seconds_by_one_question(
    database: str, tmp_path: Path
) -> None:
    def change(account: int, statement: str) -> None:
        with psycopg.connect(database) as conn:
            conn.execute(statement.format(account).encode())

    async def cut(platform: Platform, name: str) -> tuple[tuple[int, str], float]:
        async with _watch(platform, cookies[name]) as ws:
            await _hear(ws)
            await everybody.wait()
            await asyncio.to_thread(change, accounts_of[name], _ENDS[name][0])
            began = time.monotonic()
            return await _ended(ws), time.monotonic() - began

    async def scene() -> None:
        async with running(context) as platform, _watch(platform, cookies[_STAYS]) as stays:
            asked = platform.tracking.sessions.asked
            cuts = await asyncio.gather(*(cut(platform, name) for name in _ENDS))
            for name, (how, took_s) in zip(_ENDS, cuts, strict=True):
                assert (name, how) == (name, _ENDS[name][1])
                assert took_s < 5.0, name
            assert platform.tracking.sessions.asked - asked <= 3, "one question for all, each two seconds"
            assert "cursor" in await _hear(stays)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    people = {name: log_in(context.engine, fleet.district_id) for name in (*_ENDS, _STAYS)}
    cookies = {name: cookie for name, (cookie, _) in people.items()}
    accounts_of = {name: account for name, (_, account) in people.items()}
    everybody = asyncio.Barrier(len(_ENDS))
    asyncio.run(scene())


def test_looking_on_keeps_a_session_alive_as_a_page_that_asks_does(database: str, tmp_path: Path) -> None:
    def seen_at(less_s: int = 0) -> float:
        with psycopg.connect(database) as conn:
            conn.execute("UPDATE session SET seen_at = seen_at - make_interval(secs => %s)", (less_s,))
            row = conn.execute("SELECT extract(epoch FROM seen_at)::float8 FROM session").fetchone()
        assert row is not None
        return float(row[0])

    async def scene() -> None:
        async with running(context) as platform, _watch(platform, cookie) as ws:
            await _hear(ws)
            # Half a minute short of the half hour: not idle yet.
            began, asked = seen_at(29 * 60 + 30), platform.tracking.sessions.asked
            while platform.tracking.sessions.asked < asked + 2:
                await _hear(ws)
            assert seen_at() > began + 1700

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())


def test_a_viewer_looks_at_a_part_and_bad_wishes_are_refused(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, _watch(platform, cookie) as ws:
            assert len((await _hear(ws))["vans"]) == 2
            await ws.send(json.dumps({"view": [LON, LAT, LON, LAT]}))
            told = await _hear(ws)
            assert [van[0] for van in told["vans"]] == [fleet.vans[0]]
            west, south, east, north = told["view"]
            assert west <= LON <= east
            assert south <= LAT <= north
            await ws.send(json.dumps({"view": [LON, LAT]}))
            await ws.send("x" * 2000)
            for why in ("view holds 2 numbers; send [west, south", "the message has 2000 characters"):
                refused = await _hear(ws)
                while "refused" not in refused:
                    refused = await _hear(ws)
                assert refused["refused"]["why"].startswith(why)
            await ws.send(b'{"view": null}')
            told = await _hear(ws)
            while not told.get("snapshot"):
                told = await _hear(ws)
            assert len(told["vans"]) == 2
            assert "view" not in told

    context = context_on(database, tmp_path)
    fleet = register(context.engine, vans=2)
    cookie, _ = log_in(context.engine, fleet.district_id)
    with psycopg.connect(database) as conn:
        for n, van_id in enumerate(fleet.vans):
            conn.execute(_PLACE, (van_id, fleet.district_id, NOON, LON + n, LAT, NOON))
    asyncio.run(scene())


_PLACE = "INSERT INTO van_state VALUES (%s, %s, %s, 1, 0, %s, %s, 5, 90, 0.5, %s)"


_MANY = 400


class _Crowd:
    """A platform of many vans, one viewer that reads and one that does not."""

    def __init__(self, database: str, home: Path) -> None:
        self.database = database
        self.context = context_on(database, home)
        fleet = register(self.context.engine, vans=_MANY)
        (self.cookie, _), (self.stalled, _) = (log_in(self.context.engine, fleet.district_id) for _ in "ab")
        with psycopg.connect(database) as conn:
            for van_id in fleet.vans:
                conn.execute(_PLACE, (van_id, fleet.district_id, NOON, LON, LAT, NOON))

    async def look_on(self, platform: Platform, ws: ClientConnection, viewers: int) -> tuple[int, float]:
        """Let all vans move while there are so many viewers: how often they did, and the slowest hearing."""
        rounds, slowest_s = 0, 0.0
        while platform.tracking.hub.viewers == viewers:
            began = time.monotonic()
            await asyncio.to_thread(self._shake)
            while len((await _hear(ws))["vans"]) < _MANY:
                pass
            slowest_s = max(slowest_s, time.monotonic() - began)
            rounds += 1
        return rounds, slowest_s

    def _shake(self) -> None:
        with psycopg.connect(self.database) as conn:
            conn.execute("UPDATE van_state SET speed_mps = speed_mps + 0.5")
            conn.execute("SELECT pg_notify(%s, '*')", (FIXES_CHANNEL,))

    @asynccontextmanager
    async def gathered(self) -> AsyncIterator[tuple[Platform, ClientConnection, socket.socket]]:
        """The platform, who reads, and the socket of who does not."""
        async with running(self.context) as platform, _watch(platform, self.cookie) as ws:
            await _hear(ws)
            cookie = f"{COOKIE}={self.stalled}"
            raw = await asyncio.to_thread(stalled, platform.address, "/ws/live", cookie)
            await self.look_on(platform, ws, viewers=1)
            yield platform, ws, raw
            raw.close()


def test_a_stalled_viewer_holds_up_nobody_skips_ticks_and_is_cut_off(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with crowd.gathered() as (platform, ws, raw):
            hub = platform.tracking.hub
            sent = hub.ticks_sent
            rounds, slowest_s = await crowd.look_on(platform, ws, viewers=2)
            assert rounds > 8
            assert slowest_s < 2.0
            assert hub.ticks_sent - sent < rounds + 8, "who takes nothing is given little"
            assert hub.stalled == 1
            assert (await asyncio.to_thread(drained, raw))[1], "torn down, not waited for"

    monkeypatch.setattr(outlet, "STALLED_S", 6.0)
    crowd = _Crowd(database, tmp_path)
    asyncio.run(scene())


def test_a_stalled_viewer_whose_session_ends_is_cut_within_five_seconds(
    database: str, tmp_path: Path
) -> None:
    def log_out() -> None:
        with crowd.context.engine.begin() as conn:
            accounts.close_session(conn, crowd.stalled)

    async def scene() -> None:
        async with crowd.gathered() as (platform, ws, raw):
            looking = asyncio.create_task(crowd.look_on(platform, ws, viewers=2))
            await asyncio.to_thread(log_out)
            began = time.monotonic()
            await looking
            assert time.monotonic() - began < 5.0
            assert platform.tracking.hub.stalled == 0
            await asyncio.to_thread(drained, raw)

    crowd = _Crowd(database, tmp_path)
    asyncio.run(scene())

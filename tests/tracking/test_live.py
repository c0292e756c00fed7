"""The viewers' socket: who may look, what comes, and when it ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from fleet import accounts
from fleet.session import COOKIE
from tests.tracking.platform import Platform, context_on, dialled, fix, log_in, register, running, until


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


def test_who_may_not_look_is_told_to_log_in(database: str, tmp_path: Path) -> None:
    async def listen(ws: ClientConnection) -> None:
        while True:
            await _hear(ws)

    async def closed(ws: ClientConnection) -> None:
        with pytest.raises(ConnectionClosed) as ended:
            await listen(ws)
        assert ended.value.rcvd is not None
        assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4401, "log in again")

    def end_session() -> None:
        with context.engine.begin() as conn:
            accounts.close_session(conn, cookie)

    async def scene() -> None:
        async with running(context) as platform:
            async with _watch(platform, "nobody") as ws:
                await closed(ws)
            async with _watch(platform, cookie, origin="http://elsewhere.test") as ws:
                await closed(ws)
            async with _watch(platform, cookie) as ws:
                await _hear(ws)
                await asyncio.to_thread(end_session)
                await closed(ws)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    cookie, _ = log_in(context.engine, fleet.district_id)
    asyncio.run(scene())

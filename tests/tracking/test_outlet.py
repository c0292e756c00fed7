"""The way out to a viewer: whole messages in order, little held, and an end to who takes nothing."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.tracking.stalling import drained, stalled
from tracking import fastws
from tracking.outlet import Outlet, Stalled

_MESSAGE = b"x" * 20_000
_Scene = Callable[[WebSocket], Awaitable[None]]
both_ways = pytest.mark.parametrize("fast", [True, False], ids=["our protocol class", "the stock one"])


@asynccontextmanager
async def _served(fast: bool, scene: _Scene) -> AsyncIterator[str]:
    app = FastAPI()

    @app.websocket("/")
    async def door(ws: WebSocket) -> None:
        await ws.accept()
        await scene(ws)

    config = uvicorn.Config(
        app, log_level="warning", ws=fastws.protocol_class(fast=fast), ws_per_message_deflate=False,
        lifespan="off", timeout_graceful_shutdown=1,
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve([listener]))
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


def _play(fast: bool, scene: _Scene, look: Callable[[str], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(30), _served(fast, scene) as address:
            await look(address)

    asyncio.run(within())


@both_ways
def test_messages_of_every_length_come_whole_and_in_order(fast: bool) -> None:
    sent = [b"", "万".encode(), b"a" * 125, b"b" * 126, b"c" * 65_535, b"d" * 65_536, b"e" * 300_000, b"f"]

    async def scene(ws: WebSocket) -> None:
        outlet = Outlet(ws)
        for message in sent:
            await outlet.send(message)
        await outlet.close(4401, "log in again")

    async def look(address: str) -> None:
        async with connect(f"ws://{address}/", compression=None, proxy=None) as ws:
            assert [await ws.recv() for _ in sent] == [message.decode() for message in sent]
            with pytest.raises(ConnectionClosed) as ended:
                await ws.recv()
        assert ended.value.rcvd is not None
        assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4401, "log in again")

    _play(fast, scene, look)


@both_ways
def test_who_takes_nothing_is_cut_off_and_little_is_kept_for_them(fast: bool) -> None:
    ended: asyncio.Future[tuple[int, int, Exception]]

    async def scene(ws: WebSocket) -> None:
        outlet, sent, most = Outlet(ws, stalled_s=0.5), 0, 0
        door = fastws.door_of(ws)
        try:
            while True:
                await outlet.send(_MESSAGE)
                sent += 1
                if door is not None:
                    most = max(most, door.transport.get_write_buffer_size())
        except (Stalled, WebSocketDisconnect) as error:
            ended.set_result((sent, most, error))

    async def look(address: str) -> None:
        nonlocal ended
        ended = asyncio.get_running_loop().create_future()
        raw = await asyncio.to_thread(stalled, address, "/")
        try:
            await judge(raw)
        finally:
            raw.close()

    async def judge(raw: socket.socket) -> None:
        sent, most, error = await ended
        assert isinstance(error, Stalled)
        assert str(error) == "took nothing for 0.5 s"
        assert most <= 65_536 + len(_MESSAGE) + 10
        if fast:
            # The kernel holds little too, and the connection is torn down, not left to wait for the viewer.
            assert sent * len(_MESSAGE) < 1_000_000
            assert (await asyncio.to_thread(drained, raw))[1]

    _play(fast, scene, look)


@both_ways
def test_a_stalled_socket_is_closed_at_once(fast: bool) -> None:
    took_s: asyncio.Future[float]

    async def scene(ws: WebSocket) -> None:
        outlet = Outlet(ws, stalled_s=60)
        sending = asyncio.create_task(_send_for_ever(outlet))
        done, _ = await asyncio.wait([sending], timeout=1.0)
        assert not done, "it stalls"
        began = time.monotonic()
        await outlet.close(4401, "log in again")
        took_s.set_result(time.monotonic() - began)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async def look(address: str) -> None:
        nonlocal took_s
        took_s = asyncio.get_running_loop().create_future()
        raw = await asyncio.to_thread(stalled, address, "/")
        assert await took_s < 2.0
        raw.close()

    _play(fast, scene, look)


async def _send_for_ever(outlet: Outlet) -> None:
    while True:
        await outlet.send(_MESSAGE)


@both_ways
def test_a_viewer_that_has_gone_ends_the_sending(fast: bool) -> None:
    ended: asyncio.Future[BaseException]

    async def scene(ws: WebSocket) -> None:
        try:
            await _send_for_ever(Outlet(ws))
        except (OSError, WebSocketDisconnect) as error:
            ended.set_result(error)

    async def look(address: str) -> None:
        nonlocal ended
        ended = asyncio.get_running_loop().create_future()
        async with connect(f"ws://{address}/", compression=None, proxy=None) as ws:
            await ws.recv()
            ws.transport.abort()
            assert not isinstance(await ended, Stalled)

    _play(fast, scene, look)

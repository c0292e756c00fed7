"""The live feed in a process of its own: the product's, or a peer's that does more work for each viewer."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import msgspec
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet import journal
from fleet.clock import Clock
from fleet.context import Context
from fleet.db import make_engine
from fleet.main.serve import settle_memory
from fleet.roads import Roads
from fleet.settings import Settings
from maps import share
from maps.guests import Guests
from tests.bench.rig import Rig, Server
from tracking import api, fastws, live
from tracking.announcer import FIXES_CHANNEL, ids_of
from tracking.fastws import FastWS, door_of
from tracking.feed import Hub
from tracking.listener import Listener
from tracking.ring import VanRow
from tracking.survey import Survey

Way = Literal["by ASGI", "the short way", "joined"]
"""How a peer that encodes each fix for each viewer sends it: by itself through ASGI's `send_text`, by itself
past ASGI as the feed does, or joined to one message a viewer, past ASGI too."""
Design = Literal["product", "feed", "shared"] | Way
"""Gateway and feed in one process, the feed alone, shared maps alone, or a peer of the feed."""
_INTERVAL_S = 0.25


@contextmanager
def broadcasting(rig: Rig, design: Design) -> Iterator[Server]:
    """A server of one design; only the product takes fixes in."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    with tempfile.TemporaryDirectory(prefix="carevan-bench-") as home:
        process = spawn.Process(target=_serve, args=(rig.url, design, home, theirs), daemon=True)
        process.start()
        try:
            assert process.pid is not None
            yield Server(ours.recv(), process.pid)
        finally:
            process.terminate()
            process.join()


class Peer:
    """Reads what the hub reads, and encodes it anew for each viewer.

    Parameters
    ----------
    way : by which it sends
    """

    def __init__(self, conninfo: str, way: Way) -> None:
        self._survey = Survey(conninfo)
        self._way = way
        self._encoder = msgspec.json.Encoder()
        self._vans: set[int] = set()
        self._told = asyncio.Event()
        self._viewers: dict[WebSocket, FastWS] = {}

    def fixes_changed(self, van_ids: set[int] | None) -> None:
        """These vans have new fixes."""
        self._vans |= van_ids or set()
        self._told.set()

    async def serve(self, ws: WebSocket) -> None:
        """Send to a viewer until it goes."""
        await ws.accept()
        door = door_of(ws)
        assert door is not None
        self._viewers[ws] = door
        while (await ws.receive())["type"] != "websocket.disconnect":
            pass
        del self._viewers[ws]

    async def run(self) -> None:
        """Read and send, as often as the hub does."""
        while True:
            await self._told.wait()
            self._told.clear()
            vans, self._vans = self._vans, set()
            rows = [row for _, row in await self._survey.vans(vans)]
            for ws, door in list(self._viewers.items()):
                await self._send(ws, door, rows)
            await asyncio.sleep(_INTERVAL_S)

    async def _send(self, ws: WebSocket, door: FastWS, rows: list[VanRow]) -> None:
        if self._way == "by ASGI":
            try:
                for row in rows:
                    await ws.send_text(self._encoder.encode(row).decode())
            except WebSocketDisconnect:
                pass  # The viewer has gone.
        elif not door.can_send():
            pass
        elif self._way == "joined":
            door.send_now(self._encoder.encode({"vans": rows}))
        else:
            for row in rows:
                door.send_now(self._encoder.encode(row))


def _serve(url: str, design: Design, home: str, told: Connection) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(_serve_forever(url, design, Path(home), told))


async def _serve_forever(url: str, design: Design, home: Path, told: Connection) -> None:
    settings = Settings(home=home, database_url=url)
    context = Context(settings, url, make_engine(url), Clock.real(), Roads(""), secrets.token_bytes(32))
    app = FastAPI()
    app.state.context = context
    if design == "product":
        app.state.tracking = api.Tracking(context)
        app.include_router(api.router)
        await app.state.tracking.start()
    elif design == "shared":
        app.state.guests = Guests(context)
        app.include_router(share.router)
    elif design == "feed":
        _feed_alone(app, context)
    else:
        peer = Peer(url, design)
        app.add_api_websocket_route("/ws/live", peer.serve)
        app.state.running = asyncio.create_task(peer.run())
        Listener(
            url, {FIXES_CHANNEL: lambda payload: peer.fixes_changed(ids_of(payload))}, lambda: None
        ).start()
    config = uvicorn.Config(
        app, http="httptools", ws=fastws.protocol_class(fast=True), ws_per_message_deflate=False,
        ws_ping_interval=None, lifespan="off", log_level="warning", access_log=False,
    )  # fmt: skip
    settle_memory()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        told.send(listener.getsockname()[1])
        await uvicorn.Server(config).serve([listener])


def _nobody_is_told(district_id: int, state: int) -> None:
    assert district_id > 0, state


def _feed_alone(app: FastAPI, context: Context) -> None:
    hub = Hub(context.database_url, context.clock, _nobody_is_told)
    sessions = live.vigil(context)
    handlers = {
        FIXES_CHANNEL: lambda payload: hub.fixes_changed(ids_of(payload)),
        journal.CHANNEL: lambda payload: hub.journal_changed(int(payload)),
    }

    async def door(ws: WebSocket) -> None:
        await live.serve(ws, hub, sessions)

    app.add_api_websocket_route("/ws/live", door)
    hub.start()
    Listener(context.database_url, handlers, hub.lost_track).start()

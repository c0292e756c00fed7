"""A running platform for these tests: the routers of `tracking` on uvicorn, on the test's own event loop."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from fleet import accounts, tables, terminals
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.db import make_engine
from fleet.errors import FleetError
from fleet.roads import Roads
from fleet.settings import Settings
from tracking import api, fastws
from tracking.client import Access, Terminal
from tracking.protocol import SUBPROTOCOL
from tracking.sender import OnSettled

NOON = datetime(2026, 7, 22, 4, 0, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
LON, LAT = 115.98, 36.45


@dataclass(frozen=True, slots=True)
class Fleet:
    """One district's vans, each with one terminal and its token."""

    district_id: int
    vans: tuple[int, ...]
    terminals: tuple[int, ...]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform as its guests see it."""

    address: str
    context: Context
    tracking: api.Tracking

    @property
    def terminal_url(self) -> str:
        """Where terminals connect."""
        return f"ws://{self.address}/terminal/ws"


def context_on(database: str, home: Path, **settings: Any) -> Context:
    """A context on a test's database at noon of a summer day, without roads."""
    chosen = Settings(home=home, database_url=database, **settings)
    clock = Clock.opening(NOON)
    return Context(chosen, database, make_engine(database), clock, Roads(""), secrets.token_bytes(32))


def register(engine: sa.Engine, vans: int = 1, name: str = "测试区") -> Fleet:
    """Make a district with vans and terminals."""
    with engine.begin() as conn:
        district_id = _add(conn, tables.district, name=name, centre=f"SRID=4326;POINT({LON} {LAT})")
        van_ids = [
            _add(conn, tables.van, district_id=district_id, code=f"V{n}", name=f"{n}号车")
            for n in range(1, vans + 1)
        ]
        ids = [
            terminals.register(conn, district_id, van_id, f"T{van_id}", kind="simulator", now=NOON)
            for van_id in van_ids
        ]
        tokens = [terminals.issue_token(conn, terminal_id) for terminal_id in ids]
    return Fleet(district_id, tuple(van_ids), tuple(ids), tuple(tokens))


def _add(conn: sa.Connection, table: sa.Table, **values: object) -> int:
    return int(conn.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())


def log_in(engine: sa.Engine, district_id: int) -> tuple[str, int]:
    """Open a viewer's session; its cookie's value and the account."""
    with engine.begin() as conn:
        account_id = _add(
            conn, tables.account, login=secrets.token_hex(4), password_hash="-", created_at=wall_now()
        )
        accounts.grant(conn, account_id, district_id, "viewer")
        token = accounts.open_session(conn, account_id, district_id, wall_now(), timedelta(hours=1))
    return token, account_id


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    """Ask the database."""
    with psycopg.connect(database) as conn:
        return conn.execute(statement.encode()).fetchall()


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[Platform]:
    """Serve on a free port of this machine."""
    app = FastAPI()
    tracking = api.Tracking(context)
    app.state.context, app.state.tracking = context, tracking
    app.include_router(api.router)

    async def say(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, status_code=400)

    app.add_exception_handler(FleetError, say)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            log_level="warning",
            ws=fastws.protocol_class(fast=context.settings.fast_sockets),
            ws_max_size=api.WS_MAX_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        server = _Server(config)
        await tracking.start()
        task = asyncio.create_task(server.serve([listener]))
        try:
            await server.listens.wait()
            yield Platform(f"127.0.0.1:{listener.getsockname()[1]}", context, tracking)
        finally:
            server.should_exit = True
            await task
            await tracking.stop()
            await asyncio.to_thread(context.engine.dispose)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def driven(
    platform: Platform,
    tokens: Sequence[str],
    queue_limit: int = 2_000,
    settlers: Sequence[OnSettled] = (),
) -> AsyncIterator[list[Terminal]]:
    """Terminals that run until the scene ends, which it must within 90 s."""
    terminals = [
        Terminal(Access(platform.terminal_url, token), queue_limit=queue_limit, on_settled=settled)
        for token, settled in zip_longest(tokens, settlers)
    ]
    tasks = [asyncio.create_task(terminal.run()) for terminal in terminals]
    try:
        async with asyncio.timeout(90):
            yield terminals
    finally:
        for terminal in terminals:
            terminal.stop()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def dialled(platform: Platform, token: str | None) -> AsyncIterator[ClientConnection]:
    """A bare socket to the terminals' door; with a token, past hello and welcome."""
    async with connect(
        platform.terminal_url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None
    ) as ws:
        if token is not None:
            await ws.send(json.dumps({"hello": {"token": token}}))
            assert "welcome" in json.loads(await ws.recv())
        yield ws


async def until(ws: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Read messages up to and with the first wanted one, leaving out the state's heartbeat."""
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while not heard or not wanted(heard[-1]):
            told = json.loads(await ws.recv())
            if "state" not in told or wanted(told):
                heard.append(told)
    return heard


def fix(k: int = 0, **more: Any) -> dict[str, Any]:
    """A good fix, another one for each k."""
    return {"t": NOON_MS - 1000 * k, "lon": LON + k * 1e-5, "lat": LAT, "speed_mps": 5.0, **more}

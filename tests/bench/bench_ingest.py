"""Fixes a second, acknowledged after commit, beside one INSERT and commit a fix.

Both run in the same gateway, on the same sockets, database and durability; only what stores the fixes
differs.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import socket
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import uvicorn
import uvloop
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from starlette.websockets import WebSocket

from fleet import migrate, tables, terminals
from fleet.clock import Clock
from fleet.cluster import Cluster
from fleet.db import make_engine
from tests.bench.figure import Case, Figure, Mode
from tests.bench.flood import Load, flood
from tracking.conversation import Sink
from tracking.gateway import Gateway, Parts
from tracking.ingest import Flusher
from tracking.parcel import Parcel, Receiver
from tracking.partitions import Partitions
from tracking.row import Row

_POOL = 10
_QUEUE = 20_000
_VANS = 200
_SECONDS: dict[Mode, float] = {"quick": 4.0, "default": 20.0, "full": 60.0}
_EXPECTED_RATIO = 5.0
_INSERT = b"""
INSERT INTO fix (van_id, t, terminal_id, digest, geom, speed_mps, heading_deg, flags, received_at)
VALUES (%s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s, %s, %s)
ON CONFLICT DO NOTHING"""


class OneByOne:
    """The peer: each fix is one prepared INSERT with its own commit, on a pool of ten connections."""

    def __init__(self, conninfo: str) -> None:
        self._pool = AsyncConnectionPool(
            conninfo, min_size=_POOL, max_size=_POOL, open=False, kwargs={"autocommit": True}
        )
        self._queue: asyncio.Queue[Parcel] = asyncio.Queue()
        self._on_room: list[Callable[[], None]] = []
        self._done: defaultdict[Receiver, set[int]] = defaultdict(set)
        self._acked: defaultdict[Receiver, int] = defaultdict(int)
        self._workers: list[asyncio.Task[None]] = []

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read."""
        return self._queue.qsize() >= _QUEUE

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._on_room.append(call)

    def put_now(self, parcel: Parcel) -> None:
        """Queue a parcel."""
        self._queue.put_nowait(parcel)

    async def put(self, parcel: Parcel) -> None:
        """Queue a parcel: only hellos come this way."""
        self.put_now(parcel)

    async def start(self) -> None:
        """Open the pool."""
        await self._pool.open(wait=True)
        self._workers = [asyncio.create_task(self._work()) for _ in range(_POOL)]

    async def _work(self) -> None:
        async with self._pool.connection() as conn:
            while True:
                parcel = await self._queue.get()
                if self._on_room and not self.is_full:
                    calls, self._on_room = self._on_room, []
                    for call in calls:
                        call()
                for _, row in parcel.rows:
                    await conn.execute(_INSERT, _values(row), prepare=True)
                self._settle(parcel)

    def _settle(self, parcel: Parcel) -> None:
        """Acknowledge as far as everything before is stored too."""
        done, n = self._done[parcel.receiver], self._acked[parcel.receiver]
        done.add(parcel.n)
        while n + 1 in done:
            n += 1
            done.remove(n)
        self._acked[parcel.receiver] = n
        parcel.receiver.committed(n, ())


def _values(row: Row) -> tuple[object, ...]:
    identity, fix = row.identity, row.fix
    at, received = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (identity.t, row.received_ms))
    place = (identity.digest, row.lon, row.lat)
    motion = (fix.speed_mps, fix.heading_deg, row.flags)
    return (identity.van_id, at, identity.terminal_id, *place, *motion, received)


@dataclass(frozen=True, slots=True)
class _Rig:
    url: str
    tokens: tuple[str, ...]


def cases(mode: Mode) -> Iterator[Case]:
    """Both designs on all cores and, as cost a fix, on one core that server, database and load share."""
    for cores, per_message, expect in (("one core", 1, _EXPECTED_RATIO), ("all cores", 1, _EXPECTED_RATIO),
                                       ("all cores", 50, None)):  # fmt: skip
        yield Case(f"{per_message} a message, {cores}", partial(_compare, mode, cores, per_message, expect))


def _compare(mode: Mode, cores: str, per_message: int, expect: float | None) -> Iterator[Figure]:
    """Measure both designs in turn; whatever is acknowledged and not stored is an error."""
    all_cores = os.sched_getaffinity(0)
    if cores == "one core":
        # What is started from here on inherits it.
        os.sched_setaffinity(0, {min(all_cores)})
    try:
        with _rig() as rig:
            ours, peer = (_rate(rig, design, per_message, _SECONDS[mode]) for design in ("group", "single"))
    finally:
        os.sched_setaffinity(0, all_cores)
    yield Figure(
        name=f"acknowledged after commit, {per_message} a message, {cores}",
        value=round(ours),
        unit="fixes/s",
        beside=f"one INSERT + commit a fix, pool of {_POOL}",
        beside_value=round(peer),
        ratio=round(ours / peer, 2),
        expect=f">= {expect:g}" if expect else "",
        ok=ours / peer >= expect if expect else None,
    )


@contextmanager
def _rig() -> Iterator[_Rig]:
    """A private database with vans."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-bench-"))
    folder.chmod(0o755)  # the database's own user passes through
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        yield _Rig(url, _register(url))
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


def _register(url: str) -> tuple[str, ...]:
    engine = make_engine(url)
    now = datetime.now(UTC)
    with engine.begin() as conn:
        insert = tables.district.insert().values(name="bench", centre="SRID=4326;POINT(116 36)")
        district_id = conn.execute(insert.returning(tables.district.c.id)).scalar_one()
        tokens = []
        for n in range(_VANS):
            van = tables.van.insert().values(district_id=district_id, code=f"V{n}", name=f"V{n}")
            van_id = conn.execute(van.returning(tables.van.c.id)).scalar_one()
            terminal_id = terminals.register(conn, district_id, van_id, f"T{n}", kind="feed", now=now)
            tokens.append(terminals.issue_token(conn, terminal_id))
    engine.dispose()
    return tuple(tokens)


def _rate(rig: _Rig, design: str, per_message: int, seconds: float) -> float:
    """Fixes a second of one design, the table empty at first; the load comes from another process."""
    with psycopg.connect(rig.url) as conn:
        conn.execute("TRUNCATE fix, van_state")
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(rig.url, design, theirs), daemon=True)
    server.start()
    try:
        port = ours.recv()
        sent, rate = flood(Load(port, rig.tokens, per_message, seconds))
    finally:
        server.terminate()
        server.join()
    with psycopg.connect(rig.url) as conn:
        row = conn.execute("SELECT count(*) FROM fix").fetchone()
    assert row == (sent,), f"{sent} fixes acknowledged, {row} stored"
    return rate


def _serve(url: str, design: str, told: Connection) -> None:
    uvloop.run(_serve_forever(url, design, told))


async def _serve_forever(url: str, design: str, told: Connection) -> None:
    clock, engine = Clock.real(), make_engine(url)
    sink: Sink
    if design == "group":
        sink = flusher = Flusher(url, Partitions(90), clock)
        flusher.start()
    else:
        sink = single = OneByOne(url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            await Partitions(90).keep_ahead(conn, clock.now())
        await single.start()
    gateway = Gateway(Parts(url, engine, clock, 200.0, sink))
    await gateway.start()
    app = FastAPI()

    @app.websocket("/terminal/ws")
    async def door(ws: WebSocket) -> None:
        await gateway.serve(ws)

    config = uvicorn.Config(
        app, http="httptools", ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off",
        log_level="warning", access_log=False,
    )  # fmt: skip
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        told.send(listener.getsockname()[1])
        await uvicorn.Server(config).serve([listener])

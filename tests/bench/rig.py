"""A gateway in a process of its own, on a private database, for loads that come from another one."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

import psycopg
import sqlalchemy as sa
import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.websockets import WebSocket

from fleet import migrate, tables, terminals
from fleet.clock import Clock
from fleet.cluster import Cluster
from fleet.context import Context
from fleet.db import make_engine
from fleet.main.alarming import Watch
from fleet.main.serve import settle_memory
from fleet.roads import Roads
from fleet.settings import Settings
from tests.bench.fencing import drawn
from tests.bench.onebyone import OneByOne
from tracking import fastws, fence_store
from tracking.admission import Limits
from tracking.conversation import Sink
from tracking.fence_terms import Draft
from tracking.fence_watch import FenceWatch
from tracking.gateway import Gateway, Parts
from tracking.ingest import Flusher
from tracking.partitions import Partitions
from tracking.plane import Plane
from tracking.touched import Touched

Design = Literal["short way", "stock way", "stock way, watched", "one by one"]
"""The group commit by either way in, with fences and alerts or without, or one INSERT and commit a fix."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A database with vans; `tokens` are their terminals'."""

    url: str
    tokens: tuple[str, ...]
    postmaster: int
    cluster: Cluster


@dataclass(frozen=True, slots=True)
class Server:
    """A gateway that listens."""

    port: int
    pid: int


@contextmanager
def rigged(vans: int) -> Iterator[Rig]:
    """A private database with vans, wiped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-bench-"))
    folder.chmod(0o755)  # the database's own user passes through
    cluster = Cluster(folder / "pg")
    try:
        cluster.up()
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        postmaster = int((folder / "pg/data/postmaster.pid").read_text().split()[0])
        yield Rig(url, _register(url, vans), postmaster, cluster)
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(rig: Rig, design: Design) -> Iterator[Server]:
    """A gateway of one design on an empty table."""
    with psycopg.connect(rig.url) as conn:
        conn.execute("TRUNCATE fix, van_state")
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(rig.url, design, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a server that dies is heard, and not waited for
    try:
        assert process.pid is not None
        yield Server(ours.recv(), process.pid)
    finally:
        process.terminate()
        process.join()


def stored(rig: Rig) -> int:
    """How many fixes are in the database."""
    with psycopg.connect(rig.url) as conn:
        row = conn.execute("SELECT count(*) FROM fix").fetchone()
    assert row is not None
    return int(row[0])


def _register(url: str, vans: int) -> tuple[str, ...]:
    engine = make_engine(url)
    now = datetime.now(UTC)
    with engine.begin() as conn:
        insert = tables.district.insert().values(name="bench", centre="SRID=4326;POINT(116 36)")
        district_id = conn.execute(insert.returning(tables.district.c.id)).scalar_one()
        tokens = []
        for n in range(vans):
            van = tables.van.insert().values(district_id=district_id, code=f"V{n}", name=f"V{n}")
            van_id = conn.execute(van.returning(tables.van.c.id)).scalar_one()
            terminal_id = terminals.register(conn, district_id, van_id, f"T{n}", kind="feed", now=now)
            tokens.append(terminals.issue_token(conn, terminal_id))
    engine.dispose()
    return tuple(tokens)


def _serve(url: str, design: Design, told: Connection) -> None:
    # A thousand comings and goings would be printed into the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    uvloop.run(_serve_forever(url, design, told))


async def _serve_forever(url: str, design: Design, told: Connection) -> None:
    clock, engine = Clock.real(), make_engine(url)
    sink: Sink
    if design == "one by one":
        sink = single = OneByOne(url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
            await Partitions(90).keep_ahead(conn, clock.now())
        await single.start()
    elif design == "stock way, watched":
        sink = flusher = await _watched(url, engine, clock)
        flusher.start()
    else:
        sink = flusher = Flusher(url, Partitions(90), clock)
        flusher.start()
    gateway = Gateway(Parts(url, engine, clock, 200.0, sink, Limits(terminal_rate=1e9, address_rate=1e9)))
    await gateway.start()
    app = FastAPI()

    @app.websocket("/terminal/ws")
    async def door(ws: WebSocket) -> None:
        await gateway.serve(ws)

    config = uvicorn.Config(
        app, http="httptools", ws=fastws.protocol_class(fast=design == "short way"),
        ws_per_message_deflate=False, lifespan="off", log_level="warning", access_log=False,
    )  # fmt: skip
    settle_memory()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        told.send(listener.getsockname()[1])
        await uvicorn.Server(config).serve([listener])


async def _watched(url: str, engine: sa.Engine, clock: Clock) -> Flusher:
    """A flusher with what looks on in the product: touched days, five thousand fences, and the alerts."""
    with engine.begin() as conn:
        drafts = [
            Draft(str(each.id), str(each.id), each.kind, each.shape, each.radius_m or None)
            for each in drawn(5_000, Plane(116.35, 39.9123456))
        ]
        district_id = conn.scalar(sa.select(tables.district.c.id))
        assert district_id is not None
        fence_store.put(conn, district_id, drafts, clock.now())
    context = Context(Settings(home=Path(tempfile.gettempdir())), url, engine, clock, Roads(), b"k" * 32)
    touched, fences, alerts = Touched(), FenceWatch(engine, clock), Watch(context)
    fences.tell.append(alerts.passed)
    fences.start()
    await fences.loaded.wait()
    await alerts.start()
    return Flusher(url, Partitions(90), clock, on_commit=[touched.committed, fences.committed])

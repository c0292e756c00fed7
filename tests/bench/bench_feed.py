"""The live feed: how old what viewers see is, what it costs, and what those that read nothing do to others.

Fixes come in by the gateway, viewers sit on real sockets; the load of both comes from this process, and its
own share is shown.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import numpy as np
import sqlalchemy as sa
import uvloop

from fleet import accounts, tables
from fleet.clock import wall_now
from fleet.db import make_engine
from fleet.session import COOKIE
from tests.bench.broadcast import Design, Way, broadcasting
from tests.bench.cpu import busy_s, cpu_s, family_cpu_s, rss_bytes
from tests.bench.figure import Case, Figure, Mode
from tests.bench.rig import Rig, Server, rigged
from tests.bench.watching import Tally, Van, Viewer, drive, look_on
from tests.bench.wire import connect
from tests.tracking.stalling import stalled

_SECONDS: Final[dict[Mode, float]] = {"quick": 3.0, "default": 20.0, "full": 60.0}
_VANS: Final = 1_000
_VIEWERS: Final = 100
_CROWD: Final = 200
_STALLED: Final = 10
_SETTLE_S: Final = 1.0
_PEERS: Final[tuple[Way, ...]] = ("by ASGI", "the short way", "joined")


def cases(mode: Mode) -> Iterator[Case]:
    """Latency with and without stalled viewers, then the feed's cost beside its peers: all under one load."""
    yield Case("feed", partial(_measure, _SECONDS[mode]))


@dataclass(frozen=True, slots=True)
class _Hall:
    """Where viewers look on: a server, and a cookie each."""

    server: Server
    cookies: Sequence[str]

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.server.port}"

    async def seat(
        self,
        first: int,
        count: int,
        tally: Tally | None,
        view: Callable[[int], Sequence[float]] | None = None,
    ) -> Sequence[Viewer]:
        """Let so many viewers look on."""
        viewers = [
            Viewer(self.address, f"{COOKIE}={self.cookies[n]}", tally, view(n) if view else None)
            for n in range(first, first + count)
        ]
        return await look_on(viewers, self.server.port)

    async def stall(self, first: int, count: int) -> list[socket.socket]:
        """Let so many viewers connect that read nothing."""
        cookies = [f"{COOKIE}={self.cookies[n]}" for n in range(first, first + count)]
        return [await asyncio.to_thread(stalled, self.address, "/ws/live", cookie) for cookie in cookies]


@asynccontextmanager
async def _driven(rig: Rig, gateway: Server) -> AsyncIterator[None]:
    """All vans report each second."""
    vans = [Van(token, n) for n, token in enumerate(rig.tokens)]
    await connect(gateway.port, vans)
    driving = asyncio.create_task(drive(vans))
    try:
        yield
    finally:
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        await asyncio.gather(*(van.finish() for van in vans))


def _measure(seconds: float) -> Iterator[Figure]:
    with rigged(_VANS) as rig, broadcasting(rig, "product") as server:
        hall = _Hall(server, _sessions(rig.url, _CROWD))
        yield from uvloop.run(_measured(rig, hall, seconds))


async def _measured(rig: Rig, hall: _Hall, seconds: float) -> list[Figure]:
    async with _driven(rig, hall.server):
        tally = Tally()
        viewers = list(await hall.seat(0, _VIEWERS, tally))
        figures = await _watched(rig, hall, tally, seconds)
        viewers += await hall.seat(_VIEWERS, _CROWD - _STALLED - _VIEWERS, tally)
        figures += await _beside_stalled(hall, tally, seconds)
        for viewer in viewers:
            viewer.close()
        return figures + await _cost(rig, hall, seconds)


async def _watched(rig: Rig, hall: _Hall, tally: Tally, seconds: float) -> list[Figure]:
    """How old what viewers see is, and who worked for it."""
    await asyncio.sleep(_SETTLE_S)
    tally.heard.clear()
    before = _spent_s(rig, hall.server)
    await asyncio.sleep(seconds)
    used = [late - early for early, late in zip(before, _spent_s(rig, hall.server), strict=True)]
    p50, p99 = _centiles(tally)
    told, due = sum(len(received) for _, received in tally.heard), round(_VANS * _VIEWERS * seconds)
    share = round(told / due, 3)
    what = f"receive to viewer, {_VANS:,} vans at 1 Hz, {_VIEWERS} viewers"
    return [
        Figure(f"{what}, p50", p50, "ms"),
        Figure(f"{what}, p99", p99, "ms", expect="<= 500", ok=p99 <= 500),
        Figure("fixes told to viewers", told, "", "due", due, share, "0.9 to 1.1", 0.9 <= share <= 1.1),
        *(
            Figure(f"share of processor time: {whose}", round(100 * spent / sum(used)), "%")
            for whose, spent in zip(("server", "database", "load"), used, strict=True)
        ),
    ]


async def _beside_stalled(hall: _Hall, tally: Tally, seconds: float) -> list[Figure]:
    """The healthy ones' p99 without and with those that read nothing, and what these cost in memory."""
    await asyncio.sleep(_SETTLE_S)
    tally.heard.clear()
    await asyncio.sleep(seconds)
    _, alone = _centiles(tally)
    raws = await hall.stall(_CROWD - _STALLED, _STALLED)
    before = rss_bytes(hall.server.pid)
    await asyncio.sleep(_SETTLE_S)
    tally.heard.clear()
    await asyncio.sleep(seconds)
    _, beside = _centiles(tally)
    grown = (rss_bytes(hall.server.pid) - before) / 1e6
    for raw in raws:
        raw.close()
    ratio = round(beside / alone, 2)
    name = f"p99 of {_CROWD - _STALLED} viewers beside {_STALLED} stalled ones"
    return [
        Figure(name, beside, "ms", "without them", alone, ratio, "<= 1.2", ratio <= 1.2),
        Figure("memory grown beside them", round(grown, 1), "MB", expect="<= 10", ok=grown <= 10),
    ]


async def _cost(rig: Rig, gateway: _Hall, seconds: float) -> list[Figure]:
    """Processor time of a process that does nothing but feed, the fixes coming in by another."""
    told: dict[str, _Told] = {}
    designs: tuple[Design, ...] = ("feed", *_PEERS)
    for design in designs:
        with ExitStack() as stack:
            server = await asyncio.to_thread(stack.enter_context, broadcasting(rig, design))
            hall = _Hall(server, gateway.cookies)
            told[design] = await _spent_on(hall, seconds, None)
            if design == "feed":
                told["views"] = await _spent_on(hall, seconds, _ninth)
    ours = told["feed"]
    figures = [
        Figure(f"the feed to {_VIEWERS} viewers", round(ours.cores, 3), "cores"),
        Figure(f"the feed to {_VIEWERS} viewers", round(ours.megabytes, 1), "MB/s"),
        Figure("the same, each looking at a ninth of the map", round(told["views"].cores, 3), "cores"),
        Figure("the same, each looking at a ninth of the map", round(told["views"].megabytes, 1), "MB/s"),
    ]
    # A peer that cannot keep up tells less: what counts is the cost of what is told.
    for way, expect in zip(_PEERS, ("<= 0.1", "", ""), strict=True):
        cost, theirs = ours.ms_a_megabyte, told[way].ms_a_megabyte
        ratio = round(cost / theirs, 3)
        beside = f"encoding for each viewer, {way} ({told[way].cores:.2f} cores)"
        good = ratio <= 0.1 if expect else None
        what = Figure("processor time of the feed", round(cost, 2), "ms/MB", beside, round(theirs, 2), ratio)
        figures.append(replace(what, expect=expect, ok=good))
    return figures


@dataclass(frozen=True, slots=True)
class _Told:
    """Cores used, and megabytes a second sent with them."""

    cores: float
    megabytes: float

    @property
    def ms_a_megabyte(self) -> float:
        """What telling costs."""
        return 1000 * self.cores / self.megabytes


async def _spent_on(hall: _Hall, seconds: float, view: Callable[[int], Sequence[float]] | None) -> _Told:
    """What it takes to tell a hundred viewers."""
    viewers = await hall.seat(0, _VIEWERS, None, view)
    await asyncio.sleep(_SETTLE_S)
    before_s, before = busy_s(hall.server.pid), sum(viewer.bytes for viewer in viewers)
    await asyncio.sleep(seconds)
    used_s = busy_s(hall.server.pid) - before_s
    sent = sum(viewer.bytes for viewer in viewers) - before
    for viewer in viewers:
        viewer.close()
    return _Told(used_s / seconds, sent / seconds / 1e6)


def _ninth(n: int) -> tuple[float, float, float, float]:
    """A third of the vans' square each way, another one for each viewer."""
    west, south = 116.0 + n % 10 * 0.027, 36.0 + n // 10 * 0.017
    return west, south, west + 0.13, south + 0.08


def _spent_s(rig: Rig, server: Server) -> tuple[float, ...]:
    return cpu_s(server.pid), family_cpu_s(rig.postmaster), cpu_s(os.getpid())


def _centiles(tally: Tally) -> tuple[float, float]:
    p50, p99 = np.percentile(tally.ages_ms(), (50, 99))
    return round(float(p50), 1), round(float(p99), 1)


def _sessions(url: str, count: int) -> list[str]:
    """So many viewers' sessions."""
    engine, now = make_engine(url), wall_now()
    with engine.begin() as conn:
        district_id = conn.scalar(sa.select(tables.district.c.id))
        assert district_id is not None
        account = accounts.create(conn, "bench", "Mungbean-2026", "bench", now)
        accounts.grant(conn, account.id, district_id, "viewer")
        cookies = [
            accounts.open_session(conn, account.id, district_id, now, timedelta(hours=12))
            for _ in range(count)
        ]
    engine.dispose()
    return cookies

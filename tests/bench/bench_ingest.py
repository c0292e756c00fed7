"""Fixes a second, acknowledged after commit, and what each costs: beside simpler designs and hard limits.

All designs run in the same gateway, on the same sockets, database and durability; only what stores the fixes,
or the way in, differs. The load comes from this process, by bare sockets, and its own share is shown.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import quantiles
from typing import Final, Literal

import psycopg
import uvloop

from tests.bench.cpu import cores, cpu_s, family_cpu_s, rss_bytes
from tests.bench.figure import Case, Figure, Mode
from tests.bench.flood import Backlog, Flooded, Load, flood, paced
from tests.bench.onebyone import POOL
from tests.bench.rig import Design, Rig, rigged, serving, stored
from tests.bench.wire import Wire, connect
from tracking.copying import COLUMNS, copy_body
from tracking.fix import Fix
from tracking.lot import lot_of
from tracking.parcel import Parcel
from tracking.protocol import Rejected
from tracking.source import Source

SECONDS: Final[dict[Mode, float]] = {"quick": 4.0, "default": 15.0, "full": 40.0}
_TERMINALS: Final = 1_000
_PEER: Final = f"one INSERT + commit a fix, pool of {POOL}"
_COPY_BATCH: Final = 5_000
_HOUR_MS: Final = 3_600_000
_BACKLOG_VANS: Final = 20
_BACKLOG_MESSAGES: Final[dict[Mode, int]] = {"quick": 60, "default": 432, "full": 432}
_CONNECTED: Final[dict[Mode, int]] = {"quick": 1_000, "default": 5_000, "full": 5_000}


def cases(mode: Mode) -> Iterator[Case]:
    """As cost a fix, on one core that server, database and load share, and on all cores; then the rest."""
    yield Case("1 a message, one core", partial(_single, mode, "one core"))
    yield Case("1 a message, all cores", partial(_single, mode, "all cores"))
    yield Case("50 a message", partial(_fifty, mode))
    yield Case("latency", partial(_latency, mode))
    yield Case("fairness", partial(_fairness, mode))
    yield Case("memory", partial(_memory, mode))


class _Nobody:
    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Nobody waits for these."""


@dataclass(frozen=True, slots=True)
class Run:
    """One design under a flood; `shares` are of all processor time: server, database, load."""

    rate: float
    server_us: float
    shares: tuple[float, float, float]


def _single(mode: Mode, which: Literal["one core", "all cores"]) -> Iterator[Figure]:
    with cores(which), rigged(_TERMINALS) as rig:
        runs = {
            design: flooded(rig, design, 1, SECONDS[mode])
            for design in ("short way", "stock way", "one by one")
        }
    peer = runs["one by one"].rate
    for design, expect in (("stock way", 5.0), ("short way", 12.0)):
        run = runs[design]
        ratio = round(run.rate / peer, 2)
        name = f"fixes acknowledged, {design}, {which}"
        yield Figure(
            name, round(run.rate), "fixes/s", _PEER, round(peer), ratio, f">= {expect:g}", ratio >= expect
        )
        for whose, share in zip(("server", "database", "load"), run.shares, strict=True):
            yield Figure(f"share of processor time, {design}, {which}: {whose}", round(100 * share), "%")
    short, stock = runs["short way"].server_us, runs["stock way"].server_us
    ratio = round(short / stock, 2)
    yield Figure(
        f"server's time a message, {which}", round(short, 1), "us", "stock way", round(stock, 1), ratio,
        "<= 0.33", ratio <= 1 / 3,
    )  # fmt: skip


def flooded(rig: Rig, design: Design, per_message: int, seconds: float) -> Run:
    """Flood one design; whatever is acknowledged and not stored is an error."""
    with serving(rig, design) as server:
        load = Load(server.port, rig.tokens, per_message, seconds)
        spent_s: list[tuple[float, ...]] = []

        def note() -> None:
            spent_s.append((cpu_s(server.pid), family_cpu_s(rig.postmaster), cpu_s(os.getpid())))

        told: Flooded = uvloop.run(flood(load, _past_ms(), note))
        note()
    assert stored(rig) == told.acked, f"{told.acked} fixes acknowledged, {stored(rig)} stored"
    used = [late - early for early, late in zip(*spent_s, strict=True)]
    server_share, database_share, load_share = (each / sum(used) for each in used)
    messages = told.acked / per_message
    return Run(told.rate, used[0] / messages * 1e6, (server_share, database_share, load_share))


def _fifty(mode: Mode) -> Iterator[Figure]:
    """50 fixes a message from 200 terminals, beside what COPY alone can do with the same rows."""
    with rigged(200) as rig:
        ours = flooded(rig, "short way", 50, SECONDS[mode]).rate
        limit = _copy_limit(rig, SECONDS[mode])
    ratio = round(ours / limit, 2)
    name = "fixes acknowledged, 50 a message, 200 terminals"
    yield Figure(
        name, round(ours), "fixes/s", "COPY alone, 5,000 a batch", round(limit), ratio, ">= 0.7", ratio >= 0.7
    )


def _copy_limit(rig: Rig, seconds: float) -> float:
    """The same rows, ready made, by COPY with a commit each batch, on one connection."""
    t_ms, written = _past_ms(), 0
    statement = f"COPY fix ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()
    with psycopg.connect(rig.url, autocommit=True) as conn:
        conn.execute("TRUNCATE fix, van_state")
        spent_s = 0.0
        while spent_s < seconds:
            each = _COPY_BATCH // len(rig.tokens)
            t_ms += 20 * each
            fixes = [(k, Fix(t_ms + 20 * k, 116.3123456, 39.9123456, 8.3, 90.0)) for k in range(each)]
            vans = range(1, len(rig.tokens) + 1)
            body = copy_body(lot_of([Parcel(_Nobody(), Source(n, n, 1), 1, t_ms, fixes) for n in vans]))
            began = time.perf_counter()
            with conn.transaction(), conn.cursor().copy(statement) as copy:
                copy.write(body)
            spent_s += time.perf_counter() - began
            written += _COPY_BATCH
    return written / spent_s


def _latency(mode: Mode) -> Iterator[Figure]:
    """From sending to ack, at a third of what the gateway can take."""
    with rigged(_TERMINALS) as rig:
        most = flooded(rig, "short way", 1, SECONDS[mode] / 2).rate
        with serving(rig, "short way") as server:
            load = Load(server.port, rig.tokens, 1, SECONDS[mode])
            told = uvloop.run(paced(load, _past_ms(), most / 3))
        assert stored(rig) == told.acked
    for name, limit_ms in (("p50", 10.0), ("p99", 40.0)):
        value = round(1000 * _centile(told.took_s(), int(name[1:])), 1)
        yield Figure(
            f"sent to acknowledged, {name}, at {most / 3:,.0f} fixes/s", value, "ms",
            expect=f"<= {limit_ms:g}", ok=value <= limit_ms,
        )  # fmt: skip


def _fairness(mode: Mode) -> Iterator[Figure]:
    """What 20 vans back from six hours without network cost 180 others that report each second."""
    with rigged(200) as rig, serving(rig, "short way") as server:
        alone, beside, back_s = uvloop.run(_beside_backlog(server.port, rig.tokens, mode))
    ratio = round(beside / alone, 2)
    yield Figure(
        "ack p99 of 180 vans beside the backlog of 20", round(1000 * beside, 1), "ms", "without it",
        round(1000 * alone, 1), ratio, "<= 1.5", ratio <= 1.5,
    )  # fmt: skip
    fixes = _BACKLOG_VANS * _BACKLOG_MESSAGES[mode] * 50
    yield Figure(f"the backlog of {fixes:,} fixes is stored after", round(back_s, 1), "s")


async def _beside_backlog(port: int, tokens: tuple[str, ...], mode: Mode) -> tuple[float, float, float]:
    behind, live = tokens[:_BACKLOG_VANS], tokens[_BACKLOG_VANS:]
    t_ms = _past_ms()
    # Each has stored something newer: its backlog may hold repeats, which is the costlier lane.
    for wire in await connect(port, [Wire(token, t_ms + _HOUR_MS // 2) for token in behind]):
        wire.send(1)
        await wire.finish()
    enough, alone_s = asyncio.Event(), max(10.0, SECONDS[mode])
    reporting = asyncio.create_task(paced(Load(port, live, 1, 300.0), t_ms, len(live), enough))
    await asyncio.sleep(alone_s)
    began = time.perf_counter()
    backlogs = await connect(port, [Backlog(token, t_ms, _BACKLOG_MESSAGES[mode]) for token in behind])
    for backlog in backlogs:
        backlog.on_ack()
    await asyncio.gather(*(backlog.settled for backlog in backlogs))
    ended = time.perf_counter()
    enough.set()
    told = await reporting
    before_s, during_s = told.took_s(began - alone_s + 2.0, began), told.took_s(began, ended)
    return _centile(before_s, 99), _centile(during_s, 99), ended - began


def _memory(mode: Mode) -> Iterator[Figure]:
    """The server's memory by connected terminals, before and after a load."""
    count = _CONNECTED[mode]
    with rigged(count) as rig, serving(rig, "short way") as server:
        each, grown = uvloop.run(_connected(server.port, server.pid, rig.tokens, SECONDS[mode]))
    yield Figure(
        f"memory a connected terminal, of {count:,}",
        round(each / 1000, 1),
        "kB",
        expect="<= 60",
        ok=each <= 60_000,
    )
    yield Figure(
        "the same, grown over the second half of a load", round(grown / 1000, 1), "kB", expect="<= 2",
        ok=grown <= 2_000,
    )  # fmt: skip


async def _connected(port: int, pid: int, tokens: tuple[str, ...], seconds: float) -> tuple[float, float]:
    # The first connections load what every one needs.
    for wire in await connect(port, [Wire(token, _past_ms()) for token in tokens[:50]]):
        wire.send(1)
        await wire.finish()
    empty = rss_bytes(pid)
    wires = await connect(port, [Wire(token, _past_ms()) for token in tokens])
    full = rss_bytes(pid)
    halves: list[int] = []
    for _ in range(2):
        until = time.monotonic() + seconds / 2
        while time.monotonic() < until:
            for wire in wires:
                if wire.sent - wire.acked < 4:
                    wire.send(1)
            await asyncio.sleep(0.05)
        halves.append(rss_bytes(pid))
    await asyncio.gather(*(wire.finish() for wire in wires))
    return (full - empty) / len(tokens), (halves[1] - halves[0]) / len(tokens)


def _centile(values: list[float], nth: int) -> float:
    return quantiles(values, n=100)[nth - 1]


def _past_ms() -> int:
    return time.time_ns() // 1_000_000 - _HOUR_MS

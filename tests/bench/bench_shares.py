"""Shared maps: what a thousand guests on one link cost beside one, on real sockets, vans among homes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy as sa
import uvloop

from fleet import accounts, tables
from fleet.clock import Clock, wall_now
from fleet.context import Context
from fleet.db import make_engine
from fleet.roads import Roads
from fleet.settings import Settings
from maps import share_store
from maps.scope import Scope
from maps.share import COOKIE
from maps.share_store import NewShare, Share
from maps.showing import telling
from tests.bench.broadcast import broadcasting
from tests.bench.cpu import cpu_s, family_cpu_s, forget_peak, peak_bytes
from tests.bench.figure import Case, Figure, Mode
from tests.bench.rig import Rig, Server, rigged
from tests.bench.watching import Viewer, look_on
from tracking.partitions import Partitions

_SECONDS: Final[dict[Mode, float]] = {"quick": 10.0, "default": 30.0, "full": 60.0}
_VANS: Final = 50
_HOMES: Final = 500
_GUESTS: Final = 1_000
_SETTLE_S: Final = 3.0

_HOMES_SQL: Final = """
INSERT INTO site (district_id, code, kind, name, geom)
SELECT %(district)s, 'H' || n, 'home', 'home',
    ST_SetSRID(ST_MakePoint(116 + 0.004 * (n %% 25), 36 + 0.004 * (n / 25)), 4326)
FROM generate_series(1, %(homes)s) AS n
"""
# Each van drives along its own line, a fix each two seconds, from a while ago to a while ahead.
_FIXES_SQL: Final = """
INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)
SELECT van.id, at, 1, 1, ST_SetSRID(ST_MakePoint(
    116 + 0.1 * abs(extract(epoch FROM at)::bigint %% 2400 / 1200.0 - 1), 36 + 0.0016 * van.id), 4326), at
FROM van, generate_series(%(begins)s::timestamptz, %(ends)s, interval '2 s') AS at
"""


_DAY: Final = timedelta(days=1)
_FLEET: Final = 200
_FLEET_HOMES: Final = 5_000
_DAY_SQL: Final = """
INSERT INTO fix (van_id, t, terminal_id, digest, geom, received_at)
SELECT van.id, at, 1, 1, ST_SetSRID(ST_MakePoint(
    116 + 0.1 * abs(extract(epoch FROM at)::bigint %% 2400 / 1200.0 - 1), 36 + 0.0008 * van.id), 4326), at
FROM van, generate_series(%(begins)s::timestamptz, %(ends)s, interval '10 s') AS at
"""


def cases(mode: Mode) -> Iterator[Case]:
    """One guest, then a thousand; a fleet's day that is over."""
    yield Case("shares", partial(_measure, _SECONDS[mode]))
    yield Case("past day", _past_day)


def _past_day() -> Iterator[Figure]:
    """What the messages of a past day of many vans take to make, in this process."""
    morning = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0) - timedelta(days=1)
    with rigged(_FLEET) as rig, tempfile.TemporaryDirectory() as home:
        district_id = uvloop.run(_fill_day(rig.url, morning))
        settings, clock = Settings(home=Path(home), database_url=rig.url), Clock.opening(morning + _DAY)
        context = Context(settings, rig.url, make_engine(rig.url), clock, Roads(""), bytes(32))
        ends = morning + 9 * _DAY
        share = Share(1, district_id, "bench", Scope(60, day=morning.date()), False, morning, ends, None, 0)
        forget_peak()
        before, began_s = peak_bytes(), time.perf_counter()
        messages = telling(context, share).messages
        took_s, more = time.perf_counter() - began_s, peak_bytes() - before
        context.engine.dispose()
    told, longest = f"a past day of {_FLEET} vans", max(map(len, messages))
    yield Figure(f"{told}: made within", round(took_s, 1), "s")
    yield Figure(f"{told}: in all", sum(map(len, messages)) // 1000, "kB")
    yield Figure(f"{told}: longest message", longest // 1000, "kB", expect="<= 200", ok=longest <= 200_000)
    yield Figure(f"{told}: memory", more // 1_000_000, "MB", expect="<= 64", ok=more <= 64_000_000)


async def _fill_day(url: str, morning: datetime) -> int:
    """Homes, and a day of every van; the district's id."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        for day in (morning, morning + _DAY):
            await Partitions(90).keep_ahead(conn, day)
        row = await (await conn.execute("SELECT id FROM district")).fetchone()
        assert row is not None
        await conn.execute(_HOMES_SQL, {"district": row[0], "homes": _FLEET_HOMES})
        await conn.execute(_DAY_SQL, {"begins": morning, "ends": morning + timedelta(hours=8)})
        await conn.execute("ANALYZE")
        return int(row[0])


@dataclass
class _Heard:
    """The different messages that guests heard, and how many they heard in all."""

    different: set[bytes] = field(default_factory=set)
    messages: int = 0

    def note(self, message: bytes) -> None:
        """A guest has received a message."""
        self.different.add(message)
        self.messages += 1


def _measure(seconds: float) -> Iterator[Figure]:
    with rigged(_VANS) as rig:
        cookies = _link(rig.url)
        uvloop.run(_fill(rig.url, seconds))
        with broadcasting(rig, "shared") as server:
            yield from uvloop.run(_measured(rig, server, cookies, seconds))


async def _measured(rig: Rig, server: Server, cookies: list[str], seconds: float) -> list[Figure]:
    alone = await _spent(rig, server, cookies[:1], seconds)
    crowd = await _spent(rig, server, cookies, seconds)
    ratio, queries = (round(crowd[n] / alone[n], 1) for n in (0, 1))
    told = f"{_GUESTS:,} guests of one link, {_VANS} vans"
    each_us = round(1000 * (crowd[0] - alone[0]) / (_GUESTS - 1), 1)
    return [
        Figure(f"{told}: different messages an update", crowd[2], "", expect="<= 1.1", ok=crowd[2] <= 1.1),
        Figure(f"{told}: updates heard of those due", crowd[3], "", expect=">= 0.9", ok=crowd[3] >= 0.9),
        Figure(f"{told}: server's time an update", crowd[0], "ms", "one guest", alone[0], ratio),
        Figure(f"{told}: database's time an update", crowd[1], "ms", "one guest", alone[1], queries),
        Figure("server's time a guest and update more", each_us, "us", expect="<= 100", ok=each_us <= 100),
    ]


async def _spent(rig: Rig, server: Server, cookies: list[str], seconds: float) -> tuple[float, ...]:
    """Milliseconds an update of server and database, different messages an update, share of updates heard."""
    heard = _Heard()
    address = f"127.0.0.1:{server.port}"
    viewers = [Viewer(address, f"{COOKIE}={each}", heard, path="/ws/shared") for each in cookies]
    for first in range(0, len(viewers), 50):
        await look_on(viewers[first : first + 50], server.port)
    await asyncio.sleep(_SETTLE_S)
    heard.different.clear()
    heard.messages = 0
    before = cpu_s(server.pid), family_cpu_s(rig.postmaster)
    await asyncio.sleep(seconds)
    spent = cpu_s(server.pid) - before[0], family_cpu_s(rig.postmaster) - before[1]
    for viewer in viewers:
        viewer.close()
    await asyncio.sleep(_SETTLE_S)
    return (
        *(round(1000 * each / seconds, 2) for each in spent),
        round(len(heard.different) / seconds, 2),
        round(heard.messages / seconds / len(cookies), 2),
    )


def _link(url: str) -> list[str]:
    """Guests' cookies of one link."""
    engine, now = make_engine(url), wall_now()
    with engine.begin() as conn:
        district_id = conn.scalar(sa.select(tables.district.c.id))
        assert district_id is not None
        account = accounts.create(conn, "bench", "Mungbean-2026", "bench", now)
        wanted = NewShare(district_id, "bench", Scope(60), account.id, now + timedelta(hours=12))
        _, token = share_store.create(conn, wanted, now)
        cookies = [share_store.admit(conn, token, now)[1] for _ in range(_GUESTS)]
    engine.dispose()
    return cookies


async def _fill(url: str, seconds: float) -> None:
    """Homes, and the vans' fixes."""
    now = datetime.now(UTC)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await Partitions(90).keep_ahead(conn, now)
        row = await (await conn.execute("SELECT id FROM district")).fetchone()
        assert row is not None
        await conn.execute(_HOMES_SQL, {"district": row[0], "homes": _HOMES})
        span = {"begins": now - timedelta(minutes=20), "ends": now + timedelta(seconds=4 * seconds + 120)}
        await conn.execute(_FIXES_SQL, span)
        await conn.execute("ANALYZE")

"""What is asked of twenty days of stored tracks: where all are, one van's day, who was in an area in an hour.

Days are made, filled, closed and asked through the product's own code. Each question is asked with
twenty random draws: "cold" after the private database was started anew and its files were put out of the
machine's cache, "warm" when the same draws come once more.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import sqlalchemy as sa

from fleet import geo
from fleet.clock import Clock
from fleet.db import make_engine
from fleet.units import ms_of
from tests.bench.figure import Case, Figure, Mode
from tests.bench.fortnights import HALF_DEG, HOURS, MIDDLE, Fleet, day_of
from tests.bench.rig import Rig, rigged
from tracking import commit, store
from tracking.cargo import Cargo
from tracking.closing import close_days
from tracking.days import day_number, part_for, start_of
from tracking.fix import Fix
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.source import Source
from tracking.statements import TEXTS

_DAYS: Final = 20
_VANS: Final = 200
_FIXES: dict[Mode, int] = {"quick": 500, "default": 5_000, "full": 5_000}
_TODAY: Final = day_number(datetime(2026, 7, 22, tzinfo=UTC))
_NOW: Final = start_of(_TODAY) + timedelta(hours=HOURS)
_DRAWS: Final = 20
_SETTLING: Final = 12
_EXPECT_MS: Final = 50.0
_RADIUS_M: Final = (200, 1_000)
_Ask = Callable[[sa.Connection, random.Random], int]


def cases(mode: Mode) -> Iterator[Case]:
    """All of it on one database."""
    yield Case("history", lambda: _history(mode))


def _history(mode: Mode) -> Iterator[Figure]:
    fleet = Fleet(_VANS, _FIXES[mode])
    with rigged(_VANS) as rig:
        began = time.perf_counter()
        asyncio.run(_fill(rig, fleet))
        millions = _DAYS * _VANS * fleet.fixes / 1e6
        yield Figure(
            f"set-up: {millions:g} M fixes over {_DAYS} days", round(time.perf_counter() - began), "s"
        )
        yield from asyncio.run(_closed_while_written(rig))
        began = time.perf_counter()
        asyncio.run(_close(rig, _NOW))
        yield Figure(f"closing {_DAYS - 2} days", round(time.perf_counter() - began), "s")
        yield from _sizes(rig)
        engine = make_engine(rig.url)
        with engine.connect() as conn:
            _check_plans(conn)
        engine.dispose()
        for question in _QUESTIONS:
            yield from _asked(rig, question)


async def _dial(rig: Rig) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(rig.url, autocommit=True, options="-c timezone=UTC")


async def _fill(rig: Rig, fleet: Fleet) -> None:
    days = range(_TODAY - _DAYS + 1, _TODAY + 1)
    async with await _dial(rig) as conn:
        await Partitions(90).ensure(conn, days, _NOW)
        for day in days:
            for lot in day_of(fleet, ms_of(start_of(day)), day - days[0]):
                # What one `write` stores is sorted by van, and in life is of some milliseconds.
                before, last = (lot.take(each) for each in (slice(-fleet.vans), slice(-fleet.vans, None)))
                async with conn.transaction():
                    await commit.write_cargo(conn, Cargo(before, ()))
                    await commit.write(conn, [], Cargo(last, ()), commit.Attempt(_NOW))


async def _close(rig: Rig, now: datetime) -> float:
    """Close what is over at some instant; how long it took, in seconds."""
    async with await _dial(rig) as conn:
        began = time.perf_counter()
        assert await close_days(conn, now)
        return time.perf_counter() - began


class _Van:
    """One that sends fixes of a day that is being closed and of the one that is on, in turn."""

    def __init__(self, rig: Rig, day: int) -> None:
        self.waits_ms: list[float] = []
        self._flusher = Flusher(rig.url, Partitions(90), Clock.opening(_NOW))
        self._starts_ms = (ms_of(start_of(day)), ms_of(start_of(_TODAY)))
        self._heard = asyncio.Event()
        self._n = 0

    def committed(self, n: int, refused: object) -> None:
        """Heard the acknowledgement."""
        assert n == self._n and not refused
        self._heard.set()

    async def drive(self, over: asyncio.Event) -> None:
        """Send, each after the other's acknowledgement, until it is over."""
        self._flusher.start()
        while not over.is_set():
            self._n += 1
            t = self._starts_ms[self._n % 2] + HOURS * 3_600_000 + self._n
            began = time.perf_counter()
            self._heard.clear()
            fixes = [(0, Fix(t, *MIDDLE))]
            await self._flusher.put(Parcel(self, Source(1, 1, 1), self._n, ms_of(_NOW), fixes, repeats=True))
            await self._heard.wait()
            self.waits_ms.append((time.perf_counter() - began) * 1000)
        await self._flusher.stop()


async def _closed_while_written(rig: Rig) -> list[Figure]:
    """Close the first day while a van's late fixes for it, and live ones, go on; beside as long without."""
    first = _TODAY - _DAYS + 1
    waits: list[list[float]] = []
    took_s = 0.0
    for building in (True, False):
        van, over = _Van(rig, first), asyncio.Event()
        driving = asyncio.create_task(van.drive(over))
        if building:
            took_s = await _close(rig, start_of(first + 1) + timedelta(hours=2))
        else:
            await asyncio.sleep(took_s)
        over.set()
        await driving
        waits.append(van.waits_ms)
    built, plain = waits
    name = f"a late fix's ack while its day is closed ({len(built)} fixes)"
    longest = max(built)
    return [
        Figure("closing one day while late fixes come", round(took_s, 1), "s"),
        Figure(f"{name}, p50", _ms(_middle(built)), "ms", "without", _ms(_middle(plain))),
        Figure(
            f"{name}, longest", _ms(longest), "ms", "without", _ms(max(plain)), None, "<= 250", longest <= 250
        ),
    ]


def _sizes(rig: Rig) -> Iterator[Figure]:
    closed = part_for(_TODAY - 1).name
    with psycopg.connect(rig.url) as conn:
        for name, statement in (
            ("a closed day's rows", "SELECT pg_table_size(%s::regclass)"),
            ("a closed day's indexes", "SELECT pg_indexes_size(%s::regclass)"),
        ):
            row = conn.execute(statement.encode(), (closed,)).fetchone()
            assert row is not None
            yield Figure(name, round(row[0] / 1e6), "MB")


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked.

    Parameters
    ----------
    may_be_cold : nothing has just written what it reads, so that in life it may come from disk
    """

    name: str
    ask: _Ask
    may_be_cold: bool = True


def _latest(conn: sa.Connection, _draw: random.Random) -> int:
    return len(store.latest(conn, 1))


def _van_day(conn: sa.Connection, draw: random.Random, day: int) -> int:
    found = store.track(conn, draw.randrange(2, _VANS + 1), start_of(day), start_of(day + 1))
    return len(list(found))


def _closed_van_day(conn: sa.Connection, draw: random.Random) -> int:
    return _van_day(conn, draw, draw.randrange(_TODAY - _DAYS + 1, _TODAY))


def _live_van_day(conn: sa.Connection, draw: random.Random) -> int:
    return _van_day(conn, draw, _TODAY)


def _area(draw: random.Random) -> geo.Ring:
    """A hexagon somewhere in the district."""
    middle = tuple(each + draw.uniform(-HALF_DEG, HALF_DEG) * 0.8 for each in MIDDLE)
    radius_m = draw.uniform(*_RADIUS_M)
    return [geo.destination((middle[0], middle[1]), heading, radius_m) for heading in range(0, 360, 60)]


def _area_hour(conn: sa.Connection, draw: random.Random, day: int) -> int:
    starts = start_of(day) + timedelta(minutes=draw.randrange((HOURS - 1) * 60))
    return len(store.within(conn, _area(draw), starts, starts + timedelta(hours=1)))


def _closed_area_hour(conn: sa.Connection, draw: random.Random) -> int:
    return _area_hour(conn, draw, draw.randrange(_TODAY - _DAYS + 1, _TODAY))


def _live_area_hour(conn: sa.Connection, draw: random.Random) -> int:
    return _area_hour(conn, draw, _TODAY)


_QUESTIONS: Final = (
    _Question("latest of all vans", _latest),
    _Question("one van's day, closed", _closed_van_day),
    _Question("one van's day, live", _live_van_day, may_be_cold=False),
    _Question("area and hour, closed day", _closed_area_hour),
    _Question("area and hour, live day", _live_area_hour, may_be_cold=False),
)


def _asked(rig: Rig, question: _Question) -> Iterator[Figure]:
    """Some draws with nothing in memory, then the same once more."""
    rig.cluster.down()
    _put_out_of_cache(rig)
    rig.cluster.up()
    engine = make_engine(rig.url)
    with engine.connect() as conn:
        for _ in range(_SETTLING):
            # As on a pool's connection, which is an old one: it knows the tables and has its statements.
            question.ask(conn, random.Random(1))
        for state in ("cold", "warm"):
            draw = random.Random(7)
            waits_ms, found = [], []
            for _ in range(_DRAWS):
                began = time.perf_counter()
                found.append(question.ask(conn, draw))
                waits_ms.append((time.perf_counter() - began) * 1000)
            name = f"{question.name} ({_middle(found):g} rows), {state}"
            for which, value in (("p50", _middle(waits_ms)), ("longest", max(waits_ms))):
                must = state == "warm" or (which == "p50" and question.may_be_cold)
                expect, ok = (f"< {_EXPECT_MS:g}", value < _EXPECT_MS) if must else ("", None)
                yield Figure(f"{name}, {which}", _ms(value), "ms", expect=expect, ok=ok)
    engine.dispose()


def _check_plans(conn: sa.Connection) -> None:
    """A live hour is found by its BRIN, and a closed day is read from its indexes alone."""
    for question, day, wanted in (
        ("within", _TODAY, "Bitmap Index Scan on {}_span"),
        ("within", _TODAY - 1, "Index Only Scan using {}_place"),
        ("track", _TODAY - 1, "Index Only Scan using {}_track"),
    ):
        told = {
            "van_id": 7,
            "starts": start_of(day) + timedelta(hours=3),
            "ends": start_of(day) + timedelta(hours=4),
            "polygon": "POLYGON((115.97 36.44, 115.985 36.44, 115.985 36.452, 115.97 36.44))",
        }
        plan = _plan(conn, question, told)
        assert wanted.format(part_for(day).name) in plan, plan


def _plan(conn: sa.Connection, name: str, told: dict[str, object]) -> str:
    return "\n".join(row[0] for row in conn.exec_driver_sql(f"EXPLAIN {TEXTS[name]}", told))


def _put_out_of_cache(rig: Rig) -> None:
    """Let the machine forget the database's files; it must be down."""
    for path in rig.cluster.data.rglob("*"):
        if path.is_file():
            with suppress(OSError):
                file = os.open(path, os.O_RDONLY)
                os.fsync(file)
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(file)


def _middle(values: list[float] | list[int]) -> float:
    return sorted(values)[len(values) // 2]


def _ms(value: float) -> float:
    return round(value, 1)

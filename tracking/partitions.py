"""The days of the fix table: one partition a day, one for all below the retention line, no default."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import psycopg
from psycopg import sql

from tracking.statements import SQL

OLD: Final = "fix_old"
AHEAD_DAYS: Final = 2
_EPOCH_DAY = date(1970, 1, 1)
_DAILY = re.compile(r"fix_(\d{4})(\d{2})(\d{2})")
_UPPER = re.compile(r"TO \('([^']+)'\)")
# One maker of partitions at a time, over all gateways.
_LOCK = 0x6361_7265_0001
_PRIMARY_KEY = sql.SQL("PRIMARY KEY (van_id, t, terminal_id, digest)")


class Partitions:
    """Knows which days can take fixes, and makes those that cannot yet.

    Parameters
    ----------
    retention_days : where the line of a new database lies, counted back from its first day
    """

    def __init__(self, retention_days: int) -> None:
        self._retention_days = retention_days
        self._days: set[int] = set()
        self._line: int | None = None

    def missing(self, days: Iterable[int]) -> set[int]:
        """Which of these days (since 1970, UTC) no partition is known to take."""
        if self._line is None:
            return set(days)
        return {day for day in days if day >= self._line and day not in self._days}

    def forget(self) -> None:
        """Ask the catalogue again next time: somebody else has changed it."""
        self._days.clear()
        self._line = None

    async def keep_ahead(self, conn: psycopg.AsyncConnection, now: datetime) -> None:
        """Have yesterday, today and the next days ready."""
        await self.ensure(conn, range(day_number(now) - 1, day_number(now) + AHEAD_DAYS + 1), now)

    async def ensure(self, conn: psycopg.AsyncConnection, days: Iterable[int], now: datetime) -> None:
        """Make what is missing for `days`, in transactions of its own.

        Raises
        ------
        psycopg.errors.LockNotAvailable : somebody holds the table; try again.
        """
        wanted = self.missing(days)
        if not wanted:
            return
        async with conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = '2s'")
            await conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            await self._read(conn)
            if self._line is None:
                line = day_number(now) - self._retention_days
                await _make(conn, OLD, None, line)
                self._line = line
            for day in sorted(self.missing(wanted)):
                await _make(conn, _name(day), day, day + 1)
                self._days.add(day)

    async def _read(self, conn: psycopg.AsyncConnection) -> None:
        cursor = await conn.execute(SQL["partitions"])
        for name, bound in await cursor.fetchall():
            daily = _DAILY.fullmatch(name)
            upper = _UPPER.search(bound)
            if daily:
                self._days.add((date(*map(int, daily.groups())) - _EPOCH_DAY).days)
            elif name == OLD and upper:
                self._line = day_number(datetime.fromisoformat(upper[1]))


def day_number(instant: datetime) -> int:
    """Days since 1970, UTC."""
    return (instant.astimezone(UTC).date() - _EPOCH_DAY).days


def _name(day: int) -> str:
    return f"fix_{_EPOCH_DAY + timedelta(days=day):%Y%m%d}"


def _start(day: int) -> datetime:
    return datetime.combine(_EPOCH_DAY, datetime.min.time(), UTC) + timedelta(days=day)


async def _make(conn: psycopg.AsyncConnection, name: str, start: int | None, end: int) -> None:
    """Create, CHECK, then ATTACH, so that attaching reads no row and blocks no insert."""
    table, upper = sql.Identifier(name), sql.Literal(_start(end))
    lower = sql.SQL("MINVALUE") if start is None else sql.Literal(_start(start))
    check = sql.SQL("t < {}").format(upper)
    if start is not None:
        check = sql.SQL("t >= {} AND {}").format(lower, check)
    steps = [
        sql.SQL("CREATE TABLE {} (LIKE fix INCLUDING DEFAULTS, {}, CONSTRAINT span CHECK ({}))").format(
            table, _PRIMARY_KEY, check
        ),
        # Cheap to keep while the day is written; the sharper indexes come once it is closed.
        sql.SQL("CREATE INDEX ON {} USING brin (t) WITH (autosummarize = on)").format(table),
        sql.SQL("ALTER TABLE fix ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            table, lower, upper
        ),
        sql.SQL("ALTER TABLE {} DROP CONSTRAINT span").format(table),
    ]
    for step in steps:
        await conn.execute(step)

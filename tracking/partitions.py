"""Makes the fix table's days: one partition a day, one for all below the retention line, no default."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import psycopg
import structlog
from psycopg import sql

from tracking.days import OLD, Part, day_number, part_for, part_of
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
AHEAD_DAYS: Final = 2
# One maker of partitions at a time, over all gateways.
_LOCK = 0x6361_7265_0001
_PATIENCE_MS = 1_000
# Everybody's acknowledgement waits meanwhile, so not for long, and then not again at once.
_SHORT_PATIENCE_MS = 50
_REST_S = 1.0
_MOST_AT_ONCE = 8
_PRIMARY_KEY = sql.SQL("PRIMARY KEY (van_id, t, terminal_id, digest)")


class Partitions:
    """Knows which days can take fixes, and makes those that cannot yet.

    The line below which all fixes go into one partition never moves: to move it, the whole table would have
    to be locked. A day above it that retention has dropped is simply made again when a fix of it arrives.

    Parameters
    ----------
    retention_days : where the line of a new database lies, counted back from its first day
    """

    def __init__(self, retention_days: int) -> None:
        self._retention_days = retention_days
        self._days: set[int] = set()
        self._line: int | None = None
        self._rests_until_s = 0.0

    def missing(self, days: Iterable[int]) -> set[int]:
        """Which of these days (since 1970, UTC) no partition is known to take."""
        if self._line is None:
            return set(days)
        return {day for day in days if day >= self._line and day not in self._days}

    def forget(self) -> None:
        """Ask the catalogue again next time: somebody else has changed it."""
        self._days.clear()
        self._line = None

    async def lacked(self, conn: psycopg.AsyncConnection, days: Iterable[int], now: datetime) -> bool:
        """Whether some of these days were missing after all, just dropped by retention; they are made.

        Raises
        ------
        psycopg.errors.LockNotAvailable : as of `ensure`.
        """
        self.forget()
        await self._read(conn)
        missing = self.missing(days)
        await self.ensure(conn, missing, now)
        return bool(missing)

    async def keep_ahead(self, conn: psycopg.AsyncConnection, now: datetime) -> None:
        """Have yesterday, today and the next days ready."""
        await self.ensure(conn, range(day_number(now) - 1, day_number(now) + AHEAD_DAYS + 1), now)

    async def unready(self, conn: psycopg.AsyncConnection, days: Iterable[int], now: datetime) -> set[int]:
        """Make some of what is missing, without waiting long, and tell which days still take no fix.

        Only some, the newest first, since whoever asks has others waiting behind it: a recording of three
        years does not hold up today's fixes. While somebody changes the table it is tried once a second.
        """
        wanted = set(days)
        missing = self.missing(wanted)
        if missing and time.monotonic() >= self._rests_until_s:
            try:
                some = sorted(missing)[-_MOST_AT_ONCE:]
                await self.ensure(conn, some, now, patience_ms=_SHORT_PATIENCE_MS)
            except psycopg.errors.LockNotAvailable:
                logger.info("days cannot be made now; their fixes wait", days=len(missing))
                self._rests_until_s = time.monotonic() + _REST_S
        return self.missing(wanted)

    async def ensure(
        self,
        conn: psycopg.AsyncConnection,
        days: Iterable[int],
        now: datetime,
        *,
        patience_ms: int = _PATIENCE_MS,
    ) -> None:
        """Make what is missing for `days`, in transactions of its own.

        Readers and writers of the table are not in the way, nor is it in theirs.

        Raises
        ------
        psycopg.errors.LockNotAvailable : somebody changes the table; try again.
        """
        wanted = self.missing(days)
        if not wanted:
            return
        async with conn.transaction():
            await conn.execute(SQL["be_patient"], (f"{patience_ms}ms",))
            await conn.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            await self._read(conn)
            line = self._line
            if line is None:
                line = day_number(now) - self._retention_days
                await _make(conn, Part(OLD, None, line))
            made = sorted(day for day in wanted if day >= line and day not in self._days)
            for day in made:
                await _make(conn, part_for(day))
        # Not before it is committed: what was rolled back is still missing.
        self._line = line
        self._days.update(made)

    async def _read(self, conn: psycopg.AsyncConnection) -> None:
        for part in await parts(conn):
            if part.first is None:
                self._line = part.end
            else:
                self._days.add(part.first)


async def parts(conn: psycopg.AsyncConnection) -> list[Part]:
    """The partitions there are, the oldest first."""
    cursor = await conn.execute(SQL["partitions"])
    found = (part_of(name, bound) for name, bound in await cursor.fetchall())
    return sorted((part for part in found if part is not None), key=lambda part: part.end)


async def _make(conn: psycopg.AsyncConnection, part: Part) -> None:
    """Create, CHECK, then ATTACH, so that attaching reads no row and blocks no insert."""
    table, upper = sql.Identifier(part.name), sql.Literal(part.ends)
    lower = sql.SQL("MINVALUE") if part.first is None else sql.Literal(part.starts)
    check = sql.SQL("t < {}").format(upper)
    if part.first is not None:
        check = sql.SQL("t >= {} AND {}").format(lower, check)
    steps = [
        sql.SQL("CREATE TABLE {} (LIKE fix INCLUDING DEFAULTS, {}, CONSTRAINT span CHECK ({}))").format(
            table, _PRIMARY_KEY, check
        ),
        # Cheap to keep while the day is written; the sharper index comes once it is closed. By receipt too:
        # retention asks for it.
        brin_of(part, concurrently=False),
        sql.SQL("ALTER TABLE fix ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            table, lower, upper
        ),
        sql.SQL("ALTER TABLE {} DROP CONSTRAINT span").format(table),
    ]
    for step in steps:
        await conn.execute(step)


def brin_of(part: Part, *, concurrently: bool) -> sql.Composed:
    """The statement that makes the index which each partition has."""
    return sql.SQL("CREATE INDEX {} {} ON {} USING brin (t, received_at) WITH (autosummarize = on)").format(
        sql.SQL("CONCURRENTLY" if concurrently else ""), sql.Identifier(brin_name(part)),
        sql.Identifier(part.name),
    )  # fmt: skip


def brin_name(part: Part) -> str:
    """What that index is called."""
    return f"{part.name}_span"

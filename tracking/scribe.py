"""Writes down what was heard of each terminal, every two seconds, on a connection of its own.

Never in the ingest's transaction: these are notes, not what was promised to anybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psycopg
import structlog

from fleet.background import Background
from fleet.clock import Clock
from tracking.commit import instant
from tracking.fix import AHEAD_FLAGGED_MS
from tracking.heard import Heard, Hearing
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
_EVERY_S = 2.0
_FAREWELL_S = 2.0


class Scribe:
    """Keeps `terminal_heard` up to date.

    While the database is away the notes wait in memory, one a terminal. Counts may come out a little too high
    when a connection is lost while it commits.

    Parameters
    ----------
    conninfo : the database, for psycopg
    hearing : what the flusher tells
    clock : domain time
    """

    def __init__(self, conninfo: str, hearing: Hearing, clock: Clock) -> None:
        self._conninfo = conninfo
        self._hearing = hearing
        self._clock = clock
        self._conn: psycopg.AsyncConnection | None = None
        self._away = False
        self._task = Background("scribe", self._run)

    def start(self) -> None:
        """Begin to write."""
        self._task.start()

    async def stop(self) -> None:
        """Write down what is left, unless the database is away, and end."""
        await self._task.stop()
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await self.write()
        except (psycopg.Error, TimeoutError) as error:
            logger.warning("the last words of the terminals are not written down", why=type(error).__name__)
        if self._conn is not None:
            await self._conn.close()

    async def write(self) -> None:
        """Write down all notes; those that cannot be are kept.

        Raises
        ------
        psycopg.Error : the database does not take them now.
        """
        notes = self._hearing.take()
        if not notes:
            return
        try:
            conn = await self._connection()
            ahead = self._clock.now() + timedelta(milliseconds=AHEAD_FLAGGED_MS)
            await conn.execute(SQL["note_heard"], {**_columns(notes), "ahead": ahead})
        except BaseException:
            self._hearing.put_back(notes)
            raise

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.write()
            except psycopg.Error as error:
                if not self._away:
                    logger.warning("cannot write down what was heard; trying again", why=str(error).strip())
                self._away = True
            else:
                self._away = False

    async def _connection(self) -> psycopg.AsyncConnection:
        if self._conn is None or self._conn.closed:
            self._conn = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, options="-c timezone=UTC", application_name="carevan scribe"
            )
        return self._conn


def _columns(notes: Sequence[Heard]) -> dict[str, Any]:
    return {
        "terminal_id": [note.terminal_id for note in notes],
        "heard_at": [instant(note.heard_ms) for note in notes],
        "protocol": [note.protocol for note in notes],
        "fix_t": [None if note.fix_ms is None else instant(note.fix_ms) for note in notes],
        "lag_s": [_seconds(note.lag_ms) for note in notes],
        "offset_s": [_seconds(note.offset_ms) for note in notes],
        "offset_told": [note.told for note in notes],
        "fixes": [note.fixes for note in notes],
        "refused": [note.refused for note in notes],
    }


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000

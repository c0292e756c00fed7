"""Reads for the live feed: where vans are, what state districts have, what their journals say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import psycopg

from tracking.ring import EntryRow, VanRow
from tracking.statements import SQL

MOST_ENTRIES: Final = 500
"""Of the journal, in one reading."""


class Survey:
    """A connection of its own, opened when it is needed and again after a loss.

    Parameters
    ----------
    conninfo : the database, for psycopg
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._conn: psycopg.AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._conn is not None:
            await self._conn.close()

    async def vans(self, van_ids: Iterable[int] | None) -> list[tuple[int, VanRow]]:
        """Where these vans (None: all) are, and in which district."""
        if van_ids is None:
            rows = await self._rows("van_states")
        else:
            rows = await self._rows("van_states_of", van_ids=list(van_ids))
        return [(row[8], _van(row[:8])) for row in rows]

    async def states(self) -> dict[int, int]:
        """Each district's state, of those that have one."""
        return dict(await self._rows("district_states"))

    async def journal(self, district_id: int, after: int) -> list[EntryRow]:
        """The first entries after a state, at most `MOST_ENTRIES`."""
        rows = await self._rows("journal_after", district_id=district_id, state=after, most=MOST_ENTRIES)
        return [EntryRow(*row) for row in rows]

    async def _rows(self, name: str, **given: object) -> list[Any]:
        async with self._turn:
            if self._conn is None or self._conn.closed:
                self._conn = await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True, application_name="carevan feed"
                )
            cursor = await self._conn.execute(SQL[name], given)
            return await cursor.fetchall()


def _van(row: tuple[Any, ...]) -> VanRow:
    van_id, t_ms, lon, lat, speed_mps, heading_deg, battery, received_ms = row
    return VanRow(
        van_id,
        t_ms,
        round(lon, 7),
        round(lat, 7),
        None if speed_mps is None else round(speed_mps, 2),
        None if heading_deg is None else round(heading_deg, 2),
        None if battery is None else round(battery, 2),
        received_ms,
    )

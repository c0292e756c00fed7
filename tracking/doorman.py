"""Asks the registry whose a token is, without blocking the event loop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from fleet.keys import token_hash
from tracking.line import Pass
from tracking.source import Source
from tracking.statements import SQL

AWAY: Final = (psycopg.Error, PoolTimeout)
"""What is raised while the database does not answer."""
_Pool = AsyncConnectionPool[psycopg.AsyncConnection[dict[str, Any]]]


class Doorman:
    """A few connections for the questions at the door.

    Parameters
    ----------
    conninfo : the database, for psycopg
    """

    def __init__(self, conninfo: str) -> None:
        self._pool: _Pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=4,
            timeout=10,
            open=False,
            check=AsyncConnectionPool.check_connection,
            kwargs={"autocommit": True, "row_factory": dict_row, "application_name": "carevan gateway"},
        )

    async def start(self) -> None:
        """Open the connections."""
        await self._pool.open()

    async def stop(self) -> None:
        """Close them."""
        await self._pool.close()

    async def admit(self, token: str) -> Pass | None:
        """What the registry says about a token; None when it is unknown or revoked.

        Raises
        ------
        psycopg.Error, PoolTimeout : the database does not answer.
        """
        digest = token_hash(token)
        rows = await self._ask("authenticate", token_hash=digest)
        if not rows:
            return None
        (row,) = rows
        source = Source(row["id"], row["van_id"], row["district_id"], row["datum"])
        until = row["stored_until"]
        until_ms = None if until is None else round(until.timestamp() * 1000)
        return Pass(source, digest, row["state"], row["last_seq"], until_ms)

    async def still_known(self, terminal_ids: Iterable[int]) -> dict[tuple[int, bytes], int]:
        """The van of each of these terminals that is not revoked, by terminal and its token's hash.

        Raises
        ------
        psycopg.Error, PoolTimeout : the database does not answer.
        """
        rows = await self._ask("still_known", ids=list(terminal_ids))
        return {(row["id"], bytes(row["token_hash"] or b"")): row["van_id"] for row in rows}

    async def _ask(self, name: str, **given: object) -> list[dict[str, Any]]:
        async with self._pool.connection() as conn:
            return await (await conn.execute(SQL[name], given)).fetchall()

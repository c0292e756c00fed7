"""Hears the database's notifications, over every loss of its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
import structlog
from psycopg import sql

from fleet.background import Background

logger = structlog.get_logger(__name__)
_WAIT_S = 0.5
# A listener never speaks: only the network's own probes show it that the other end is gone.
_KEEPALIVE: Final[dict[str, Any]] = {
    "keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
}  # fmt: skip


class Listener:
    """One connection that listens for the whole process.

    Parameters
    ----------
    conninfo : the database, for psycopg
    handlers : by channel, what is told each payload; must neither block nor raise
    on_connect : told after each new connection, since what was notified before it is not known
    """

    def __init__(
        self, conninfo: str, handlers: Mapping[str, Callable[[str], None]], on_connect: Callable[[], None]
    ) -> None:
        self._conninfo = conninfo
        self._handlers = handlers
        self._on_connect = on_connect
        self.connected = False
        """Whether it hears what is notified."""
        self._task = Background("listener", self._run)

    def start(self) -> None:
        """Begin to listen."""
        self._task.start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                logger.warning("lost the database's notifications; trying again", why=str(error).strip())
            finally:
                self.connected = False
            await asyncio.sleep(_WAIT_S)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name="carevan listener", **_KEEPALIVE
        ) as conn:
            for channel in self._handlers:
                await conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self.connected = True
            self._on_connect()
            async for notify in conn.notifies():
                self._handlers[notify.channel](notify.payload)

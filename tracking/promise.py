"""Whether what the database calls committed outlives a power cut: an acknowledgement is worth that much.

`synchronous_commit` is a matter of each session, so whoever acknowledges sets it for itself (`keep`). `fsync`
and `full_page_writes` are the server's own: all that can be done about them is to say so, loudly, and to go
on. A district that sees its vans is better off than one whose server refuses to start.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

import psycopg
import structlog

from fleet.background import Background
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
_ASK_AGAIN_S = 60.0
_DOUBTS: Final = (
    (
        "fsync",
        "The database runs with fsync = off, so a power cut can lose what is acknowledged. "
        "Set fsync = on in its postgresql.conf and reload it.",
    ),
    (
        "full_page_writes",
        "The database runs with full_page_writes = off, so a power cut can tear pages with what is "
        "acknowledged. Set full_page_writes = on in its postgresql.conf and reload it.",
    ),
)


async def keep(conn: psycopg.AsyncConnection) -> None:
    """Let this session's commits wait for the disk. What asks for more, such as a standby's word, stays."""
    await conn.execute(SQL["keep_promise"])


def doubt_of(settings: Mapping[str, str]) -> str:
    """What these settings of a server leave in doubt, as one sentence; empty when all is well."""
    return next((sentence for name, sentence in _DOUBTS if settings.get(name) == "off"), "")


class Promise:
    """Asks the server's settings at the start and each minute: they can be changed while it runs.

    Parameters
    ----------
    conninfo : the database, for psycopg
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._task = Background("promise", self._run)
        self._told = ""
        self.doubt = ""
        """Why what is acknowledged might not outlive a power cut; empty when it does."""

    def start(self) -> None:
        """Begin to ask."""
        self._task.start()

    async def stop(self) -> None:
        """Stop asking."""
        await self._task.stop()

    async def ask(self) -> None:
        """Ask once, and say what has changed.

        Raises
        ------
        psycopg.Error : the database does not answer.
        """
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name="carevan promise"
        ) as conn:
            settings: dict[str, str] = dict(await (await conn.execute(SQL["promises"])).fetchall())
        self.doubt = doubt_of(settings)
        # Not in doubt, since it is set on wherever something is acknowledged; but the rest should be told.
        lax = settings["synchronous_commit"] == "off"
        self._say(self.doubt or ("synchronous_commit is off but for what terminals send" if lax else ""))

    def _say(self, told: str) -> None:
        if told == self._told:
            return
        if self.doubt:
            logger.error("the database may not keep what it commits", why=told)
        elif told:
            logger.warning("a power cut can lose the last plans and other office work", why=told)
        else:
            logger.info("the database keeps what it commits")
        self._told = told

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error):  # Others say that it does not answer.
                await self.ask()
            await asyncio.sleep(_ASK_AGAIN_S)

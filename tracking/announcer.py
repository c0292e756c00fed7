"""Tells the other processes what was committed, a few times a second, on a connection of its own.

A NOTIFY inside a batch's transaction would make the commits of all gateways wait for each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import psycopg
import structlog

from fleet.background import Background
from tracking.batch import Batch
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
FIXES_CHANNEL: Final = "carevan_fixes"
EVENTS_CHANNEL: Final = "carevan_events"
EVERY: Final = "*"
"""The payload when too many have changed to be named."""
_INTERVAL_S = 0.25
_PAYLOAD_BYTES = 7000


def payload_of(ids: Iterable[int]) -> str:
    """Ids in order, comma-joined; `EVERY` where that would not fit into a notification."""
    joined = ",".join(map(str, sorted(ids)))
    return joined if len(joined) <= _PAYLOAD_BYTES else EVERY


def ids_of(payload: str) -> set[int] | None:
    """The ids of a payload; None for every one."""
    return None if payload == EVERY else {int(part) for part in payload.split(",") if part}


class Announcer:
    """Gathers the vans with new fixes and the districts with new events, and notifies.

    Parameters
    ----------
    conninfo : the database, for psycopg
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._conn: psycopg.AsyncConnection | None = None
        self._changed: dict[str, set[int]] = {FIXES_CHANNEL: set(), EVENTS_CHANNEL: set()}
        self._task = Background("announcer", self._run)

    def committed(self, batch: Batch) -> None:
        """Note what a batch has changed."""
        for parcel in batch.parcels:
            if parcel.fixes:
                self._changed[FIXES_CHANNEL].add(parcel.source.van_id)
            if parcel.event is not None:
                self._changed[EVENTS_CHANNEL].add(parcel.source.district_id)

    def start(self) -> None:
        """Begin to notify."""
        self._task.start()

    async def stop(self) -> None:
        """Stop notifying."""
        await self._task.stop()
        if self._conn is not None:
            await self._conn.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_S)
            try:
                await self._notify()
            except psycopg.Error as error:
                # Listeners read everything again by themselves each few seconds.
                logger.warning("cannot notify; trying again", why=str(error).strip())

    async def _notify(self) -> None:
        for channel, changed in self._changed.items():
            if changed:
                if self._conn is None or self._conn.closed:
                    self._conn = await psycopg.AsyncConnection.connect(
                        self._conninfo, autocommit=True, application_name="carevan announcer"
                    )
                told, self._changed[channel] = changed, set()
                await self._conn.execute(SQL["notify"], {"channel": channel, "payload": payload_of(told)})

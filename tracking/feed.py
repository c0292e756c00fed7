"""The live feed's hub: reads what changed four times a second, once for all viewers.

`Hub.subscribe` is the whole interface for viewers, those of this package and those that redact what they
show: an endless stream of `Tick`s, the first at once, later ones when something changed, and an empty one
after some quiet seconds. Whoever takes the next tick late gets one merged tick instead of many.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import psycopg
import structlog
from psycopg.rows import dict_row

from fleet.background import Background
from fleet.clock import Clock
from tracking.ring import EntryRow, Ring, Tick, VanRow
from tracking.statements import SQL

logger = structlog.get_logger(__name__)
_INTERVAL_S = 0.25
_HEAL_S = 5.0
_QUIET_S = 5.0
_MOST_ENTRIES: Final = 500
_Conn = psycopg.AsyncConnection[dict[str, Any]]


class _Channel:
    """A district's ring, and the event that its next change sets."""

    def __init__(self, epoch: str) -> None:
        self.ring = Ring(epoch)
        self.changed = asyncio.Event()

    def announce(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class Hub:
    """One process's live feed.

    Parameters
    ----------
    conninfo : the database, for psycopg
    clock : domain time
    on_state : told each district's new state; must neither block nor raise
    """

    def __init__(self, conninfo: str, clock: Clock, on_state: Callable[[int, int], None]) -> None:
        self._conninfo = conninfo
        self._clock = clock
        self._on_state = on_state
        self.lag_s = 0.0
        """Wall seconds from the receipt of the oldest fix in the last reading until it could be sent."""
        self._epoch = secrets.token_hex(4)
        self._channels: defaultdict[int, _Channel] = defaultdict(lambda: _Channel(self._epoch))
        self._vans: set[int] = set()
        self._districts: set[int] = set()
        self._everything = True
        self._loaded = asyncio.Event()
        self._conn: _Conn | None = None
        self._task = Background("feed hub", self._run)

    def fixes_changed(self, van_ids: set[int] | None) -> None:
        """These vans (None: all) have new fixes."""
        if van_ids is None:
            self._everything = True
        else:
            self._vans |= van_ids

    def journal_changed(self, district_id: int) -> None:
        """This district's journal has grown."""
        self._districts.add(district_id)

    def lost_track(self) -> None:
        """Notifications may have been missed: read everything again."""
        self._everything = True

    def state(self, district_id: int) -> int:
        """A district's state as last read; 0 before the first entry."""
        channel = self._channels.get(district_id)
        return channel.ring.state if channel else 0

    def start(self) -> None:
        """Begin to read."""
        self._task.start()

    async def stop(self) -> None:
        """Stop reading; subscriptions get nothing more."""
        await self._task.stop()
        if self._conn is not None:
            await self._conn.close()

    async def subscribe(
        self, district_id: int, cursor: str | None = None, state: int | None = None
    ) -> AsyncIterator[Tick]:
        """Follow a district.

        Parameters
        ----------
        cursor : that of the last tick seen; without it, or when it is too old, a snapshot comes first
        state : with a snapshot, the journal since this state comes along

        Yields
        ------
        Ticks for ever; end it by leaving the loop.
        """
        await self._loaded.wait()
        channel = self._channels[district_id]
        tick = channel.ring.since(channel.ring.number_of(cursor), self._now_ms())
        if tick.snapshot and state is not None and state < tick.state:
            journal = tuple(e for e in await self._journal(district_id, state) if e.state <= tick.state)
            tick = replace(tick, journal=journal)
        while True:
            yield tick
            changed = channel.changed
            if channel.ring.number == tick.number:
                try:
                    async with asyncio.timeout(_QUIET_S):
                        await changed.wait()
                except TimeoutError:
                    pass
            tick = channel.ring.since(tick.number, self._now_ms())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        heal_at = loop.time()
        while True:
            if loop.time() >= heal_at:
                self._everything = True
                heal_at = loop.time() + _HEAL_S
            try:
                await self._read()
                self._loaded.set()
            except psycopg.Error as error:
                logger.warning("the live feed cannot read; trying again", why=str(error).strip())
                self._everything = True
            await asyncio.sleep(_INTERVAL_S)

    async def _read(self) -> None:
        every, self._everything = self._everything, False
        van_ids, self._vans = self._vans, set()
        districts, self._districts = self._districts, set()
        if not every and not van_ids and not districts:
            return
        vans: defaultdict[int, list[VanRow]] = defaultdict(list)
        if every or van_ids:
            for row in await self._rows("van_states", every=every, van_ids=list(van_ids)):
                vans[row["district_id"]].append(_van_row(row))
        if vans and not every:
            oldest_ms = min(van.received_ms for each in vans.values() for van in each)
            self.lag_s = self._clock.wall_seconds(max(0, self._now_ms() - oldest_ms) / 1000)
        states: dict[int, int] = {}
        if every:
            states = {row["district_id"]: row["state"] for row in await self._rows("district_states")}
        for district_id in districts | vans.keys() | states.keys():
            await self._apply(district_id, vans.get(district_id, ()), states.get(district_id))

    async def _apply(self, district_id: int, vans: Sequence[VanRow], state: int | None) -> None:
        """Bring one district up to date; `state` is given after a full reading."""
        channel = self._channels[district_id]
        before = channel.ring.state
        journal: list[EntryRow] = []
        first = not self._loaded.is_set() and before == 0
        if not first and (state is None or state > before):
            journal = await self._journal(district_id, before)
        if channel.ring.apply(vans, journal, state=(state or 0) if first else 0):
            channel.announce()
        if channel.ring.state != before:
            self._on_state(district_id, channel.ring.state)
        if len(journal) == _MOST_ENTRIES:
            self._districts.add(district_id)

    async def _journal(self, district_id: int, after: int) -> list[EntryRow]:
        rows = await self._rows("journal_after", district_id=district_id, state=after, most=_MOST_ENTRIES)
        return [EntryRow(row["state"], _ms(row["at"]), row["kind"], row["body"]) for row in rows]

    async def _rows(self, name: str, **given: object) -> list[dict[str, Any]]:
        if self._conn is None or self._conn.closed:
            self._conn = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, row_factory=dict_row, application_name="carevan feed"
            )
        cursor = await self._conn.execute(SQL[name], given)
        return await cursor.fetchall()

    def _now_ms(self) -> int:
        return _ms(self._clock.now())


def _van_row(row: dict[str, Any]) -> VanRow:
    place = (round(row["lon"], 7), round(row["lat"], 7))
    motion = (_rounded(row["speed_mps"]), _rounded(row["heading_deg"]), _rounded(row["battery"]))
    return VanRow(row["van_id"], _ms(row["t"]), *place, *motion, _ms(row["received_at"]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)

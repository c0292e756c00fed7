"""The live feed's hub: reads what changed when it is told, a few times a second at most, for all viewers.

`Hub.subscribe` is the whole interface for viewers: an endless stream of `Tick`s, the first at once, later
ones when something changed, and an empty one after some quiet seconds. Whoever takes the next tick late gets
one merged tick instead of many. `docs/feed.md` says what a viewer makes of them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from typing import Final

import psycopg
import structlog

from fleet.background import Background
from fleet.clock import Clock
from tracking.cells import View
from tracking.ring import EntryRow, Ring, Tick, VanRow
from tracking.survey import MOST_ENTRIES, Survey

logger = structlog.get_logger(__name__)
_INTERVAL_S = 0.2
"""Less than announcers take from one announcement to the next: their reader must not be the slower one."""
_HEAL_S = 5.0
_READ_WITHIN_S = 10.0
MOST_TOLD: Final = 5_000
"""Entries of the journal that a viewer is told at once; who missed more asks for all anew."""


class Viewer:
    """One viewer's place in the feed: what it looks at, and what wakes it."""

    def __init__(self) -> None:
        self.view: View | None = None
        self.turned = False
        self.wake = asyncio.Event()

    def look(self, view: View | None) -> None:
        """From the next tick on be told of these cells only; None for everything."""
        self.view, self.turned = view, True
        self.wake.set()


class _Channel:
    """A district's ring, who looks at it, and the journals that were read for those who come back."""

    def __init__(self, epoch: str) -> None:
        self.ring = Ring(epoch)
        self.viewers: set[Viewer] = set()
        self.caught_up: dict[tuple[int, int, View | None], Tick] = {}
        self.turn = asyncio.Lock()

    def announce(self) -> None:
        self.caught_up.clear()
        self.wake()

    def wake(self) -> None:
        for viewer in self.viewers:
            viewer.wake.set()


class Hub:
    """One process's live feed. Its plain numbers are for whoever watches over it.

    Parameters
    ----------
    conninfo : the database, for psycopg
    clock : domain time
    on_state : told each district's new state; must neither block nor raise

    Attributes
    ----------
    ticks_sent : ticks that viewers took, in all
    reads, read_s : readings of the database, in all; how long the last one took
    lag_s : wall seconds from the receipt of the oldest fix in the last reading until it could be sent
    stalled : viewers that were cut off because they took nothing
    """

    def __init__(self, conninfo: str, clock: Clock, on_state: Callable[[int, int], None]) -> None:
        self.ticks_sent = 0
        self.reads = 0
        self.read_s = 0.0
        self.lag_s = 0.0
        self.stalled = 0
        self._survey = Survey(conninfo)
        self._clock = clock
        self._on_state = on_state
        self._epoch = secrets.token_hex(4)
        self._channels: defaultdict[int, _Channel] = defaultdict(lambda: _Channel(self._epoch))
        self._vans: set[int] = set()
        self._districts: set[int] = set()
        self._everything = True
        self._told = asyncio.Event()
        self._loaded = asyncio.Event()
        self._task = Background("feed hub", self._run)

    @property
    def viewers(self) -> int:
        """How many are subscribed now."""
        return sum(len(channel.viewers) for channel in self._channels.values())

    def fixes_changed(self, van_ids: set[int] | None) -> None:
        """These vans (None: all) have new fixes."""
        if van_ids is None:
            self._everything = True
        else:
            self._vans |= van_ids
        self._told.set()

    def journal_changed(self, district_id: int) -> None:
        """This district's journal has grown."""
        self._districts.add(district_id)
        self._told.set()

    def lost_track(self) -> None:
        """Notifications may have been missed: read everything again."""
        self.fixes_changed(None)

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
        await self._survey.close()

    async def subscribe(
        self,
        district_id: int,
        cursor: str | None = None,
        state: int | None = None,
        viewer: Viewer | None = None,
    ) -> AsyncGenerator[Tick, None]:
        """Follow a district.

        Parameters
        ----------
        cursor : that of the last tick seen; without it, or when it is too old, a snapshot comes first
        state : with a snapshot, the journal since this state comes along
        viewer : through which it may `look` elsewhere meanwhile

        Yields
        ------
        Ticks for ever; end it by leaving the loop.
        """
        await self._loaded.wait()
        channel, viewer = self._channels[district_id], viewer or Viewer()
        ring = channel.ring
        number = ring.number_of(cursor)
        channel.viewers.add(viewer)
        try:
            while True:
                tick = self._next(ring, number, viewer)
                if tick.snapshot and state is not None and state < tick.since:
                    tick = await self._caught_up(district_id, tick, state)
                self.ticks_sent += 1
                yield tick
                number, state = tick.number, tick.state
                if ring.number == number and not viewer.turned:
                    viewer.wake.clear()
                    await viewer.wake.wait()
        finally:
            channel.viewers.discard(viewer)

    def _next(self, ring: Ring, number: int | None, viewer: Viewer) -> Tick:
        turned, viewer.turned = viewer.turned, False
        now_ms = self._clock.now_ms()
        if turned and number is not None and ring.reaches(number):
            return ring.anew(number, now_ms, viewer.view)
        return ring.since(None if turned else number, now_ms, viewer.view)

    async def _caught_up(self, district_id: int, tick: Tick, state: int) -> Tick:
        """A snapshot with the journal since a state; read once for all who come back with the same."""
        channel, key = self._channels[district_id], (state, tick.number, tick.view)
        async with channel.turn:
            found = channel.caught_up.get(key)
            if found is None:
                since = max(state, tick.state - MOST_TOLD)
                found = tick.with_journal(await self._journal(district_id, since, tick.state), since)
                if channel.ring.number == tick.number:
                    channel.caught_up[key] = found
            return found

    async def _journal(self, district_id: int, after: int, until: int) -> list[EntryRow]:
        entries: list[EntryRow] = []
        while after < until:
            page = await self._survey.journal(district_id, after)
            if not page:
                break
            entries += page
            after = page[-1].state
        return entries

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        heal_at = loop.time() + _HEAL_S
        while True:
            began = loop.time()
            heals = began >= heal_at
            if heals:
                # Whatever nobody told of: what is written past the gateway, or a lost notification.
                self._everything = True
                heal_at = began + _HEAL_S
            self._told.clear()
            if await self._read_or_say() and heals:
                # A sign of life, also where nothing has changed; none comes while nothing can be read.
                for channel in self._channels.values():
                    channel.wake()
            self.read_s = loop.time() - began
            await asyncio.sleep(max(0.0, _INTERVAL_S - self.read_s))
            try:
                # Where news keep coming the healing comes with them, instead of holding up the next ones.
                async with asyncio.timeout_at(heal_at + _INTERVAL_S):
                    await self._told.wait()
            except TimeoutError:
                pass

    async def _read_or_say(self) -> bool:
        """Read what was told; whether it could be."""
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                await self._read()
        except (psycopg.Error, TimeoutError) as error:
            why = str(error).strip() or f"no answer within {_READ_WITHIN_S:g} s"
            logger.warning("the live feed cannot read; trying again", why=why)
            await self._survey.close()
            self.lost_track()
            return False
        self._loaded.set()
        return True

    async def _read(self) -> None:
        every, self._everything = self._everything, False
        van_ids, self._vans = self._vans, set()
        districts, self._districts = self._districts, set()
        self.reads += 1
        found = await self._survey.vans(None if every else van_ids) if every or van_ids else []
        vans: defaultdict[int, list[VanRow]] = defaultdict(list)
        for district_id, row in found:
            vans[district_id].append(row)
        gone = self._gone({row.van_id: home for home, row in found}, None if every else van_ids)
        states = await self._survey.states() if every else {}
        districts |= {each for each, state in states.items() if state > self.state(each)}
        for district_id in districts | vans.keys() | gone.keys():
            journal = await self._grown(district_id, states) if district_id in districts else []
            self._apply(district_id, vans[district_id], gone.get(district_id, ()), journal)

    def _gone(self, found: Mapping[int, int], asked: set[int] | None) -> dict[int, list[int]]:
        """Vans that are no longer in the district that shows them, by that district."""
        gone: dict[int, list[int]] = {}
        for district_id, channel in self._channels.items():
            shown = channel.ring.van_ids
            left = [
                v for v in (shown if asked is None else asked) if v in shown and found.get(v) != district_id
            ]
            if left:
                gone[district_id] = left
        return gone

    async def _grown(self, district_id: int, states: Mapping[int, int]) -> list[EntryRow]:
        """What a district's journal has grown by; at the start its state alone is taken over."""
        channel = self._channels[district_id]
        if not self._loaded.is_set() and channel.ring.state == 0:
            channel.ring.apply((), state=states.get(district_id, 0))
            self._on_state(district_id, channel.ring.state)
            return []
        journal = await self._survey.journal(district_id, channel.ring.state)
        if len(journal) == MOST_ENTRIES:
            self.journal_changed(district_id)
        return journal

    def _apply(
        self, district_id: int, vans: Sequence[VanRow], gone: Iterable[int], journal: Sequence[EntryRow]
    ) -> None:
        """Bring one district up to date."""
        channel = self._channels[district_id]
        before, news = channel.ring.state, channel.ring.news(vans)
        if not channel.ring.apply(news, journal, gone=gone):
            return
        if news and self._loaded.is_set():
            oldest_ms = min(van.received_ms for van in news)
            self.lag_s = self._clock.wall_seconds(max(0, self._clock.now_ms() - oldest_ms) / 1000)
        channel.announce()
        if channel.ring.state != before:
            self._on_state(district_id, channel.ring.state)

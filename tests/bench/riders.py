"""Terminals that bear a lot and write down what they were told: the load of `bench durability`."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tests.tracking.ledger import Ledger, fix_at
from tracking.client import Access, Terminal
from tracking.event import Event
from tracking.fix import Fix

_EVERY_S: Final = 0.1
_BACKLOG: Final = 60
_QUEUE: Final = 20_000
_WEEK_MS: Final = 7 * 86_400_000
_DRAINED_WITHIN_S: Final = 120.0


@dataclass(slots=True)
class Watch:
    """Tells when service was back: an ack of something that was put after the strike."""

    terminals: int
    _struck: float = 0.0
    _first_s: float = 0.0
    _heard: set[int] = field(default_factory=set)
    _all: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """It is about to happen."""
        self._struck = time.monotonic()
        self._heard.clear()
        self._all.clear()

    def on_ack(self, who: int, put_at: float) -> None:
        """Terminal `who` has heard of something that it put then."""
        if put_at <= self._struck or who in self._heard:
            return
        if not self._heard:
            self._first_s = time.monotonic() - self._struck
        self._heard.add(who)
        if len(self._heard) == self.terminals:
            self._all.set()

    async def back(self) -> tuple[float, float]:
        """Seconds from the strike until the first terminal, and until each, was served again."""
        async with asyncio.timeout(_DRAINED_WITHIN_S):
            await self._all.wait()
        return self._first_s, time.monotonic() - self._struck


class Riders:
    """All the terminals of a ledger's fleet.

    Each sends a fix ten times a second, now and then a tap, a fix of next week (which is refused), a backlog,
    or nothing at all for a moment, cut off in the middle of whatever it was sending.

    Parameters
    ----------
    url : of the terminals' door
    seed : of all that is random
    """

    def __init__(self, url: str, ledger: Ledger, seed: int) -> None:
        self.watch = Watch(len(ledger.fleet.tokens))
        self._ledger = ledger
        ledger.on_ack = self.watch.on_ack
        self._terminals = [
            Terminal(Access(url, token), queue_limit=_QUEUE, on_settled=ledger.settler(who))
            for who, token in enumerate(ledger.fleet.tokens)
        ]
        self._chances = [random.Random(f"{seed} {who}") for who in range(len(self._terminals))]
        self._over = False
        self._runs: list[asyncio.Task[None]] = []
        self._drives: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Riders:
        """Set off, and come back when every one has been served."""
        self._runs = [asyncio.create_task(terminal.run()) for terminal in self._terminals]
        self.watch.start()
        self._drives = [asyncio.create_task(self._drive(who)) for who in range(len(self._terminals))]
        await self.watch.back()
        return self

    async def settle(self) -> None:
        """Send no more, and wait until all is acknowledged or refused."""
        self._over = True
        await asyncio.gather(*self._drives)
        async with asyncio.timeout(_DRAINED_WITHIN_S):
            await asyncio.gather(*(terminal.drained() for terminal in self._terminals))

    async def __aexit__(self, *_: object) -> None:
        """End."""
        self._over = True
        for terminal in self._terminals:
            terminal.stop()
        await asyncio.gather(*self._drives, *self._runs)

    async def _drive(self, who: int) -> None:
        terminal, chance = self._terminals[who], self._chances[who]
        k = 0
        while not self._over:
            await asyncio.sleep(_EVERY_S * chance.uniform(0.5, 1.5))
            k += 1
            self._put(who, fix_at(terminal.now_ms(), k))
            lot = chance.random()
            if lot < 0.05:
                event = Event(UUID(int=chance.getrandbits(128)), terminal.now_ms(), "reading", celsius=70.0)
                self._put(who, event)
            elif lot < 0.06:
                self._put(who, fix_at(terminal.now_ms() + _WEEK_MS + k, k))
            elif lot < 0.065:
                for _ in range(_BACKLOG):
                    k += 1
                    self._put(who, fix_at(terminal.now_ms() - 3_600_000 - k, k), live=False)
            elif lot < 0.07:
                terminal.go_offline()
                terminal.go_online()

    def _put(self, who: int, item: Fix | Event, *, live: bool = True) -> None:
        self._ledger.wrote(who, item)
        self._terminals[who].put(item, live=live)

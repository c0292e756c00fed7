"""Delivers the van's outbox to its connected terminals, again until they have it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from fleet import outbox
from fleet.background import Background, in_thread
from fleet.outbox import Message
from tracking.source import Source

logger = structlog.get_logger(__name__)
_AGAIN_S = 15.0
_TICK_S = 1.0
_WAIT_S = 1.0


class Addressee(Protocol):
    """A connection to which the messages of its van are delivered."""

    @property
    def source(self) -> Source:
        """Whose connection it is."""

    @property
    def pushed_seq(self) -> int:
        """Number of the newest message that it has taken over."""

    def push(self, messages: Sequence[Message], at: float) -> None:
        """Send what is new of these; `at` is the loop's time."""

    def push_again(self, at: float, after_s: float) -> bool:
        """Whether what went out `after_s` ago is still not covered, so that it must be read once more."""


class Courier:
    """Knows the connected lines by van.

    Parameters
    ----------
    engine : the registry's; asked in threads only
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lines: defaultdict[int, set[Addressee]] = defaultdict(set)
        self._due: set[int] = set()
        self._then: defaultdict[int, list[Callable[[], None]]] = defaultdict(list)
        self._wake = asyncio.Event()
        self._task = Background("courier", self._run)

    def join(self, line: Addressee) -> None:
        """Begin to deliver to a line."""
        self._lines[line.source.van_id].add(line)
        self.changed({line.source.van_id})

    def leave(self, line: Addressee) -> None:
        """The line is gone."""
        lines = self._lines[line.source.van_id]
        lines.discard(line)
        if not lines:
            del self._lines[line.source.van_id]
            self._then.pop(line.source.van_id, None)

    def changed(self, van_ids: Iterable[int] | None) -> None:
        """These vans (None: all) may have new messages."""
        self._due |= self._lines.keys() if van_ids is None else self._lines.keys() & set(van_ids)
        if self._due:
            self._wake.set()

    def then(self, van_id: int, act: Callable[[], None]) -> None:
        """Do something once all that a van's outbox holds now was handed over; never where it has no line."""
        if van_id in self._lines:
            self._then[van_id].append(act)
            self.changed({van_id})

    def start(self) -> None:
        """Begin to deliver."""
        self._task.start()

    async def stop(self) -> None:
        """Stop delivering."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_TICK_S):
                    await self._wake.wait()
            except TimeoutError:
                self._remind()
            self._wake.clear()
            while self._due:
                due, self._due = self._due, set()
                try:
                    await self._deliver_to(due)
                except OperationalError as error:
                    logger.warning("cannot read the outbox; trying again", why=str(error.orig).strip())
                    self._due |= due
                    await asyncio.sleep(_WAIT_S)

    async def _deliver_to(self, van_ids: set[int]) -> None:
        """Ask once for all of them who has anything new: after a restart every van is due."""
        # What is asked for while the outbox is being read waits for the next reading.
        asked = {van_id: len(self._then[van_id]) for van_id in van_ids & self._then.keys()}
        heads = await in_thread(self._heads, van_ids)
        for van_id, seq in heads.items():
            if any(line.pushed_seq < seq for line in self._lines.get(van_id, ())):
                await self._deliver(van_id)
        for van_id, count in asked.items():
            acts = self._then.get(van_id, [])
            due, acts[:count] = acts[:count], []
            if not acts:
                self._then.pop(van_id, None)
            for act in due:
                act()

    def _remind(self) -> None:
        now = asyncio.get_running_loop().time()
        for van_id, lines in self._lines.items():
            # Every line is asked: a list, not a generator, since asking marks it.
            if any([line.push_again(now, _AGAIN_S) for line in lines]):
                self._due.add(van_id)

    async def _deliver(self, van_id: int) -> None:
        while lines := self._lines.get(van_id):
            after = min(line.pushed_seq for line in lines)
            messages = await in_thread(self._read, van_id, after)
            if not messages:
                return
            now = asyncio.get_running_loop().time()
            for line in self._lines.get(van_id, ()):
                line.push(messages, now)

    def _heads(self, van_ids: set[int]) -> dict[int, int]:
        with self._engine.connect() as conn:
            return outbox.heads(conn, van_ids)

    def _read(self, van_id: int, after: int) -> tuple[Message, ...]:
        with self._engine.connect() as conn:
            return outbox.after(conn, van_id, after)

"""Looks at what was committed, with the fences of all districts, and tells what is crossed.

Ingest never waits for it: commits only leave their fixes here. A few times a second these are looked at
together, which is cheaper, and no acknowledgement stands behind it. Each gateway watches the vans that speak
to it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

import numpy as np
import sqlalchemy as sa
import structlog

from fleet.background import Background, in_thread
from fleet.clock import Clock
from tracking import fence_store
from tracking.batch import Batch
from tracking.fences import Fences, Sighting
from tracking.lot import Lot, merged

logger = structlog.get_logger(__name__)
Tell: TypeAlias = Callable[[Sequence[Sighting]], None]
_INTERVAL_S: Final = 0.25
_RELOAD_S: Final = 15.0
_SLICE: Final = 2_000
"""Fixes that are looked at in one go: about ten milliseconds."""
_FOLLOWED: Final = timedelta(hours=2)
"""How much of the tracks a process that begins reads, so that who stands inside does not enter again."""


class FenceWatch:
    """The live watch of a process.

    Parameters
    ----------
    engine : where fences and tracks are kept
    clock : domain time
    tell : each is told what was seen, by van and time; must not block
    """

    def __init__(self, engine: sa.Engine, clock: Clock, tell: Sequence[Tell] = ()) -> None:
        self._engine = engine
        self._clock = clock
        self.tell = list(tell)
        self._index = Fences(())
        self._lots: list[Lot] = []
        self.loaded = asyncio.Event()
        """Set once the fences are known; what is committed before is not told."""
        self._task = Background("fence watch", self._run)

    def committed(self, batch: Batch) -> None:
        """Leave a batch's fixes to be looked at."""
        if len(batch.lot):
            self._lots.append(batch.lot)

    def start(self) -> None:
        """Begin to watch."""
        self._task.start()

    async def stop(self) -> None:
        """Stop watching."""
        await self._task.stop()

    async def _run(self) -> None:
        loaded_s = -_RELOAD_S
        while True:
            if time.monotonic() - loaded_s >= _RELOAD_S:
                loaded_s = time.monotonic()
                await self._reload()
            await self._look()
            await asyncio.sleep(_INTERVAL_S)

    async def _reload(self) -> None:
        """Take over the fences as they stand."""
        try:
            self._index = await in_thread(self._load)
            self.loaded.set()
        except sa.exc.SQLAlchemyError as error:
            logger.warning("cannot read the fences; trying again", why=type(error).__name__)

    def _load(self) -> Fences:
        with self._engine.connect() as conn:
            fences = fence_store.in_use(conn)
            if self._index.holds(fences):
                return self._index
            index = self._index.replaced(fences)
            if not len(self._index):
                now = self._clock.now()
                index.look(fence_store.recent(conn, now - _FOLLOWED, now))
        return index

    async def _look(self) -> None:
        lots, self._lots = self._lots, []
        if not len(self._index):
            return
        for some in _slices(lots):
            self._tell(self._index.look(merged(some)))
            await asyncio.sleep(0)

    def _tell(self, seen: Sequence[Sighting]) -> None:
        for tell in self.tell if seen else ():
            try:
                tell(seen)
            except Exception:
                # Whoever is told must not end the watch for the others.
                logger.exception("a crossing could not be told on")


def _slices(lots: Sequence[Lot]) -> Iterator[Sequence[Lot]]:
    """Some after some, in the order of their commits."""
    counts = np.cumsum([len(each) for each in lots], dtype=np.int64) // _SLICE
    borders = [0, *(np.flatnonzero(np.diff(counts)) + 1).tolist(), len(lots)]
    for first, end in itertools.pairwise(borders):
        if first < end:
            yield lots[first:end]

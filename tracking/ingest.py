"""The group commit: every message goes through the flusher, and is acknowledged after commit.

While one batch is being committed the next one fills. Backlog has a lane of its own, with a connection of its
own, so that no live fix stands behind it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import structlog

from fleet.clock import Clock
from tracking.allowance import Allowance
from tracking.batch import Batch
from tracking.cargo import Cargo, cargo_of
from tracking.intake import Intake, Pace, Side
from tracking.lane import Lane
from tracking.lot import Lot
from tracking.parcel import Parcel, Receiver
from tracking.partitions import Partitions
from tracking.protocol import Rejected
from tracking.pulse import Pulse
from tracking.verdict import FAILURES

logger = structlog.get_logger(__name__)
_FAREWELL_S = 10.0
_PARKED_REST_S = 0.02
_UNTOLD_S: Final = 0.005
"""How long an acknowledgement may wait for the database to have work again."""


class Flusher:
    """Commits parcels in batches.

    Parameters
    ----------
    conninfo : the database, for psycopg
    partitions : what makes the days of the fix table
    clock : domain time
    on_commit : each is told, after each commit, what was in it; must neither block nor raise
    """

    def __init__(
        self,
        conninfo: str,
        partitions: Partitions,
        clock: Clock,
        *,
        pace: Pace | None = None,
        on_commit: Sequence[Callable[[Batch], None]] = (),
    ) -> None:
        pace = pace or Pace()
        self._on_commit = on_commit
        self._intake = Intake(pace.queue_fixes)
        self.pulse = Pulse(self._intake)
        allowance = Allowance()
        self._light, self._backlog = (
            _Loop(Lane(conninfo, partitions, clock, self.pulse, allowance), side, pace.interval_s, self)
            for side in (self._intake.light, self._intake.backlog)
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    @property
    def trouble(self) -> str:
        """Why something cannot be stored at present; empty when all is well."""
        return self._light.lane.trouble or self._backlog.lane.trouble

    @property
    def is_full(self) -> bool:
        """Whether `put` would wait, and so no socket should be read."""
        return self._intake.is_full

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""
        self._intake.when_room(call)

    def put_now(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection, for a caller that minds `is_full` itself."""
        if self._intake.put(parcel):
            self._light.nudge()
        else:
            self._backlog.nudge()

    async def put(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection; waits while the queue is full."""
        while self._intake.is_full:
            room = asyncio.Event()
            self._intake.when_room(room.set)
            await room.wait()
        self.put_now(parcel)

    def start(self) -> None:
        """Begin to flush."""
        self._closing = False
        self._tasks = [
            asyncio.create_task(loop.run(), name="flusher") for loop in (self._light, self._backlog)
        ]

    async def stop(self) -> None:
        """Flush what is queued, for some seconds if need be, and end. Nothing unstored is acknowledged."""
        self._closing = True
        self._light.nudge()
        self._backlog.nudge()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL_S)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._light.lane.hang_up()
        await self._backlog.lane.hang_up()

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is to be gathered."""
        return self._closing

    @property
    def is_over(self) -> bool:
        """Whether all is stored, and nothing more will come."""
        return self._closing and not self._intake.held

    def settled(self, batch: Sequence[Parcel], lot: Lot, commit_s: float) -> None:
        """A batch is committed after so long: tell whoever counts or announces it."""
        told = Batch(batch, lot, commit_s, self._intake.held)
        for tell in self._on_commit:
            try:
                tell(told)
            except Exception:
                # What is committed is committed; who counts or announces it must not end ingest.
                logger.exception("a commit could not be told on")

    def go_on(self) -> None:
        """A batch has been released: whoever waited for it may go on."""
        if self._intake.backlog.waiting or self._closing:
            self._backlog.nudge()
        if self._closing:
            self._light.nudge()


class _Loop:
    """One lane's endless round: take a batch, store it, settle it."""

    def __init__(self, lane: Lane, side: Side, interval_s: float, flusher: Flusher) -> None:
        self.lane = lane
        self._side = side
        self._interval_s = interval_s
        self._flusher = flusher
        self._some = asyncio.Event()
        self._ahead: _Prepared | None = None
        self._has_time = False
        self._unsettled: tuple[list[Parcel], Lot | None, float] | None = None

    def nudge(self) -> None:
        """There is something to take."""
        if not self._some.is_set():
            self._some.set()
        if self._has_time and self._side.presses:
            self._prepare()

    async def run(self) -> None:
        """Go round until the flusher is over."""
        try:
            while not self._flusher.is_over:
                await self._some.wait()
                began = time.monotonic()
                batch, cargo = self._ahead or _prepared(self._side.take(began))
                self._ahead = None
                if batch:
                    rest_s = await self._store(batch, cargo)
                    await self._rest(max(rest_s, began + self._interval_s - time.monotonic()))
                else:
                    self._some.clear()
        finally:
            self._settle()

    async def _store(self, batch: list[Parcel], cargo: Cargo | None) -> float:
        """Store a batch; how long to rest then, seconds."""
        began = time.monotonic()
        with self._flusher.pulse.storing():
            parked, lot = await self.lane.store(batch, cargo, self._meanwhile)
        took_s = time.monotonic() - began
        self._has_time = False
        self._settle()  # of the one before
        if parked:
            self._side.set_back(parked, self._ahead.batch if self._ahead else ())
            self._ahead = None
        self._unsettled = batch, lot, took_s
        if self._ahead:
            # The database need not wait for the acknowledgements, nor long these for the database.
            asyncio.get_running_loop().call_later(_UNTOLD_S, self._settle)
            return 0.0
        self._settle()
        return self._side.rest_s(took_s) if batch else _PARKED_REST_S

    async def _rest(self, rest_s: float) -> None:
        if rest_s > 0.0 and not self._ahead and not self._flusher.is_closing:
            await asyncio.sleep(rest_s)

    def _settle(self) -> None:
        """Acknowledge what is committed, if that was not done yet, and go on."""
        if self._unsettled is None:
            return
        (batch, lot, took_s), self._unsettled = self._unsettled, None
        _acknowledge(batch)
        self._side.release(batch)
        if lot is not None:
            self._flusher.settled(batch, lot, took_s)
        self._flusher.go_on()

    def _meanwhile(self) -> None:
        """The database is busy, and this process has time."""
        self._settle()
        self._has_time = self._ahead is None
        if self._side.waiting:
            self.nudge()

    def _prepare(self) -> None:
        self._has_time = False
        self._ahead = _prepared(self._side.take(time.monotonic()))


class _Prepared(NamedTuple):
    """A batch and what it holds; None where that can only be found with the database's help."""

    batch: list[Parcel]
    cargo: Cargo | None


def _prepared(batch: list[Parcel]) -> _Prepared:
    try:
        return _Prepared(batch, cargo_of(batch) if batch else None)
    except FAILURES:
        return _Prepared(batch, None)


def _acknowledge(batch: Sequence[Parcel]) -> None:
    last: dict[Receiver, int] = {}
    refused: dict[Receiver, list[Rejected]] = {}
    for parcel in batch:
        last[parcel.receiver] = parcel.n
        if parcel.refused:
            refused.setdefault(parcel.receiver, []).extend(parcel.refused)
    for receiver, n in last.items():
        try:
            receiver.committed(n, refused.get(receiver, ()))
        except Exception:
            # One connection's fault must not cost the others their acknowledgement.
            logger.exception("a connection failed to take its acknowledgement")

"""Keeps the books of vans' days: whatever was touched is proved again, in the background, in nobody's way.

Marks say which days are due. Whoever works on one takes its mark away in the transaction that keeps the
proof: a crash loses neither. Marks are written after the commits that they are about: what a crash has kept
from being marked is found at the next start, in what was received since the watermark.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from fleet import registry
from fleet.background import Background, in_thread
from fleet.context import Context
from fleet.errors import NotFound
from tracking import day_store
from tracking.day_proof import proof_of_day
from tracking.day_store import Mark, Pace
from tracking.ledger import WORK
from tracking.proof import DayProof
from tracking.touched import Touched, Van, days_of

Book: TypeAlias = Callable[[sa.Connection, Context, DayProof], None]
"""Keeps something that a van's day proves, in the caller's transaction.

It runs again whenever the day has changed: what it writes is a function of what is stored.
"""

_EVERY_S: Final = 2.0
_AFTER_TROUBLE_S: Final = 5.0
_ASIDE_S: Final = 300.0
_REST: Final = 4.0
"""For each second of proving so many are left to others."""
_CLOSING_EVERY_S: Final = 60.0
_OVERLAP: Final = timedelta(minutes=10)
"""What was received shortly before the watermark may have been committed after it."""
log = structlog.get_logger(__name__)


def mark_event(conn: sa.Connection, van: Van, t: datetime, kind: str, now: datetime) -> None:
    """Mark the day of a stored event, where its kind matters to the ledger; in the caller's transaction."""
    if kind in WORK:
        zone = ZoneInfo(registry.district(conn, van.district_id).timezone)
        day_store.mark(conn, [Mark(van.van_id, t.astimezone(zone).date())], now)


def keep_van_day(conn: sa.Connection, context: Context, proof: DayProof) -> None:
    """The first book: the ledger of the van's day."""
    day_store.write(conn, proof, context.clock.now())


class Bookkeeper:
    """A task that marks what was touched and proves what is due.

    Parameters
    ----------
    touched : what the flusher tells
    books : kept in this order, all of a day in one transaction
    """

    def __init__(
        self,
        context: Context,
        touched: Touched,
        books: Sequence[Book] = (keep_van_day,),
        pace: Pace | None = None,
    ) -> None:
        self._desk = Desk(context, touched, books, pace or _pace(context))
        self._task = Background("bookkeeper", self._run)

    async def start(self) -> None:
        """Begin to keep books."""
        self._task.start()

    async def stop(self) -> None:
        """End; the day in hand is finished, what is touched and not yet marked is marked."""
        await self._task.stop()
        try:
            await in_thread(self._desk.mark)
        except sa.exc.SQLAlchemyError as error:
            log.warning("the last marks wait for the next start", error=type(error).__name__)

    async def _run(self) -> None:
        recovered = False
        while True:
            try:
                if not recovered:
                    await in_thread(self._desk.recover)
                    recovered = True
                await in_thread(self._desk.mark)
                await self._prove()
            except sa.exc.SQLAlchemyError as error:
                log.warning("the books wait for the database", error=type(error).__name__)
                await asyncio.sleep(_AFTER_TROUBLE_S)
            else:
                await asyncio.sleep(_EVERY_S)

    async def _prove(self) -> None:
        """Prove what is due, for no longer than marks may wait."""
        began = time.monotonic()
        while time.monotonic() - began < _EVERY_S:
            started = time.monotonic()
            if not await in_thread(self._desk.keep_next):
                break
            await asyncio.sleep(_REST * (time.monotonic() - started))


@dataclass(slots=True)
class Desk:
    """The same, one step at a time and without a task."""

    context: Context
    touched: Touched
    books: Sequence[Book]
    pace: Pace
    _zones: dict[int, ZoneInfo] = field(default_factory=dict)
    _aside: dict[Mark, float] = field(default_factory=dict)
    _closed_at_s: float = float("-inf")
    _called_until: datetime | None = None

    def recover(self) -> None:
        """Mark what was received since the watermark, for the last process may not have come to it."""
        with self.context.engine.begin() as conn:
            until, now = day_store.marked_until(conn), self.context.clock.now()
            since = datetime.min.replace(tzinfo=now.tzinfo) if until is None else min(until, now) - _OVERLAP
            lately = day_store.received_lately(conn, since)
            marks = [
                mark
                for van_id, district_id, quarters in lately
                for mark in self._marks(conn, Van(van_id, district_id), quarters)
            ]
            day_store.mark(conn, marks, now)
            day_store.raise_watermark(conn, now)

    def mark(self) -> None:
        """Write the marks of what was touched, of days that have ended, and of calls."""
        now = self.context.clock.now()
        is_minute = time.monotonic() - self._closed_at_s >= _CLOSING_EVERY_S
        taken = self.touched.take()
        try:
            with self.context.engine.begin() as conn:
                marks = [mark for van, quarters in taken.items() for mark in self._marks(conn, van, quarters)]
                day_store.mark(conn, marks, now)
                if marks:
                    day_store.raise_watermark(conn, now)
                if is_minute:
                    day_store.mark_ended(conn, now)
                    day_store.mark_called(conn, self._called_until or now - _OVERLAP, now)
        except BaseException:
            self.touched.put_back(taken)
            raise
        if is_minute:
            self._called_until, self._closed_at_s = now, time.monotonic()

    def keep_next(self) -> bool:
        """Prove the day whose turn it is and keep all books of it; False when nothing is due."""
        self._aside = {mark: until_s for mark, until_s in self._aside.items() if until_s > time.monotonic()}
        due: Mark | None = None
        try:
            with self.context.engine.begin() as conn:
                now = self.context.clock.now()
                taken = day_store.take_due(conn, now, self.pace, tuple(self._aside))
                if taken is None:
                    return False
                due = Mark(taken.van_id, taken.day)
                proof = proof_of_day(conn, taken.district_id, taken.van_id, taken.day, now)
                if not day_store.has_lost_fixes(conn, proof):
                    for book in self.books:
                        book(conn, self.context, proof)
        except sa.exc.OperationalError:
            raise
        except Exception:
            # One day that cannot be proved must not keep all others from it; its mark stands.
            log.exception("a van's day could not be proved; it is tried again in some minutes")
            if due is not None:
                self._aside[due] = time.monotonic() + _ASIDE_S
        return due is not None

    def _marks(self, conn: sa.Connection, van: Van, quarters: Sequence[int] | set[int]) -> list[Mark]:
        if van.district_id not in self._zones:
            try:
                name = registry.district(conn, van.district_id).timezone
            except NotFound:
                return []
            self._zones[van.district_id] = ZoneInfo(name)
        return [Mark(van.van_id, day) for day in days_of(quarters, self._zones[van.district_id])]


def _pace(context: Context) -> Pace:
    """Seconds of the wall, told in the domain's."""
    pace, rate = Pace(), max(1.0, context.clock.rate)
    return Pace(pace.quiet_s * rate, pace.every_s * rate)

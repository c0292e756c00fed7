"""The roads of each running day asked for ahead: no call for help waits for a table."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from fleet import registry
from fleet.background import Background, in_thread
from fleet.context import Context
from fleet.errors import FleetError
from fleet.known_tables import KEPT_S
from fleet.main import running_day
from routing import store

_EACH_S: Final = 20.0
"""Seconds of the wall between two looks for a newly published plan: one question a district."""
_AGAIN_S: Final = KEPT_S + 60.0
"""A day is read anew once its table is forgotten: sooner it would be known, and grow no younger."""

log = structlog.get_logger(__name__)


class RoadsAhead:
    """A task that reads each district's day of today once it has a published plan."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: dict[int, tuple[int, date, float]] = {}
        self._task = Background("roads ahead", self._run)

    async def start(self) -> None:
        """Begin."""
        self._task.start()

    async def stop(self) -> None:
        """End."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            try:
                await in_thread(self.look)
            except (sa.exc.SQLAlchemyError, FleetError) as error:
                log.warning("roads ahead wait", error=type(error).__name__)
            except Exception as error:
                # The outermost edge: one bad look must not end all looking.
                log.error("a look for roads ahead failed; looking again", exc_info=error)
            await asyncio.sleep(_EACH_S)

    def look(self) -> int:
        """Read the days that were not read yet; how many. Blocks."""
        with self._context.engine.connect() as conn:
            districts = registry.districts(conn)
        return sum(self._look_at(each) for each in districts)

    def _look_at(self, district: registry.District) -> bool:
        now = self._context.clock.now()
        day = now.astimezone(ZoneInfo(district.timezone)).date()
        # A transaction each: many days take minutes, and nobody's old rows may wait for that.
        with self._context.engine.connect() as conn:
            plan = store.published_on(conn, district.id, day)
            if plan is None:
                return False
            known = self._read.get(district.id)
            if known is not None and known[:2] == (plan.id, day) and time.monotonic() - known[2] < _AGAIN_S:
                return False
            # Written down first: a day that cannot be laid out says so to whoever asks, not each time here.
            self._read[district.id] = plan.id, day, time.monotonic()
            running_day.look(conn, self._context, district.id, now)
        return True

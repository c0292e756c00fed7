"""The watch over every district: each few seconds it looks, and what is wrong becomes an alert.

One server of several watches a district at a time. Nothing here runs on the event loop.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from fleet import journal, registry
from fleet.background import Background, in_thread
from fleet.context import Context
from fleet.errors import FleetError
from fleet.main import alarm_reading
from fleet.main.alarm_reading import Frame
from fleet.main.alarm_tracks import Cells, DayFixes
from fleet.registry import District
from tracking import alert_books, alert_store
from tracking.alarm_day import episodes
from tracking.alarm_rules import OF_DAY
from tracking.alarms import conditions
from tracking.alert_books import Told, VanScope
from tracking.proof import DayProof

_REST: Final = 5.0
"""For each second of looking so many are left to others, by the wall."""
EVERY_S: Final = 5.0
"""Domain seconds from one look to the next."""
_LEAST_S: Final = 1.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kept:
    """What is kept of a district between two looks."""

    fixes: DayFixes
    cells: Mapping[int, tuple[int, Cells]]
    made_of: object


class Watch:
    """A task that watches all districts.

    Parameters
    ----------
    stalled_s : how long, in seconds of the wall, what terminals send has waited for the database
    """

    def __init__(self, context: Context, stalled_s: Callable[[], float] = lambda: 0.0) -> None:
        self._context = context
        self._stalled_s = stalled_s
        self._kept: dict[int, _Kept] = {}
        self._task = Background("alarms", self._run)
        self.server = socket.gethostname()

    async def start(self) -> None:
        """Begin to watch."""
        self._task.start()

    async def stop(self) -> None:
        """End."""
        await self._task.stop()

    async def _run(self) -> None:
        while True:
            began_s = time.monotonic()
            try:
                await in_thread(self.look, self._stalled_s())
            except (sa.exc.SQLAlchemyError, FleetError) as error:
                log.warning("alerts wait", error=type(error).__name__)
            except Exception as error:
                # The outermost edge: one bad look must not end all watching.
                log.error("a look for alerts failed; looking again", exc_info=error)
            took_s = time.monotonic() - began_s
            # It never takes more than a sixth of a core, however slow a look is: fixes go first.
            due_s = self._context.clock.wall_seconds(EVERY_S) - took_s
            await asyncio.sleep(max(_LEAST_S, _REST * took_s, due_s))

    def look(self, behind_s: float = 0.0) -> None:
        """Look at every district once. Blocks."""
        with self._context.engine.connect() as conn:
            districts = registry.districts(conn)
        for district in districts:
            self.look_at(district, behind_s)

    def look_at(self, district: District, behind_s: float = 0.0) -> list[Told]:
        """Look at one district now and write down what changed; nothing while another server does."""
        context = self._context
        with context.engine.begin() as conn:
            if not alert_books.take_turn(conn, district.id):
                return []
            now = context.clock.now()
            told = alert_books.return_expired(conn, district.id, now)
            told += self._today(conn, district, now, behind_s)
            told += _yesterday(conn, district, now)
            tell(conn, district.id, now, told)
        return told

    def _today(self, conn: sa.Connection, district: District, now: datetime, behind_s: float) -> list[Told]:
        day = now.astimezone(ZoneInfo(district.timezone)).date()
        rules = alert_store.rules_of(conn, district.id)
        frame = alarm_reading.read_frame(conn, district.id, day)
        kept = self._keep(conn, frame)
        fixes = kept.fixes
        days = {van: alarm_reading.van_day(frame, fixes, van, now) for van in frame.van_ids}
        told = []
        for van_id, each in days.items():
            scope = VanScope(district.id, van_id, frame.starts, frame.ends)
            told += alert_books.reconcile_day(conn, scope, episodes(each, rules), rules, now)
        seen = alarm_reading.situation(conn, frame, days, rules, self._context.roads, now)
        beats = alarm_reading.beats_waiting(frame, kept.cells, days, now)
        seen = replace(seen, beats=beats, server=self.server, behind_s=behind_s)
        found = conditions(seen, rules, now)
        told += alert_books.reconcile_moment(conn, district.id, found, rules, now, server=self.server)
        return told

    def _keep(self, conn: sa.Connection, frame: Frame) -> _Kept:
        """The day's fixes as far as they are known; from the start when the day or its plan is another."""
        made_of = (frame.day, frame.van_ids, None if frame.plan is None else frame.plan.id)
        kept = self._kept.get(frame.district_id)
        if kept is None or kept.made_of != made_of:
            kept = self._kept[frame.district_id] = _Kept(
                alarm_reading.day_fixes(conn, frame), alarm_reading.day_cells(conn, frame), made_of
            )
        kept.fixes.read(conn, frame.starts, frame.ends)
        return kept


def _yesterday(conn: sa.Connection, district: District, now: datetime) -> list[Told]:
    """Bring to their end the alerts of a day that is over."""
    today = now.astimezone(ZoneInfo(district.timezone)).date()
    midnight = datetime.combine(today, datetime.min.time(), ZoneInfo(district.timezone))
    given = {
        "district": district.id, "zone": district.timezone, "codes": list(OF_DAY), "before": midnight,
    }  # fmt: skip
    told = []
    for van_id, day in conn.exec_driver_sql(alert_store.SQL["days_open"], given).all():
        told += recount(conn, district.id, van_id, day, now)
    return told


def recount(conn: sa.Connection, district_id: int, van_id: int, day: date, now: datetime) -> list[Told]:
    """Find the alerts of one van's day again from all that is stored; the caller has the district's turn.

    Late facts correct or withdraw what was told, and what they bring to light is kept as history.
    """
    rules = alert_store.rules_of(conn, district_id)
    frame = alarm_reading.read_frame(conn, district_id, day)
    if van_id not in frame.van_ids:
        return []
    frame = replace(frame, van_ids=(van_id,))
    fixes = alarm_reading.day_fixes(conn, frame)
    fixes.read(conn, frame.starts, frame.ends)
    found = episodes(alarm_reading.van_day(frame, fixes, van_id, now), rules)
    scope = VanScope(district_id, van_id, frame.starts, frame.ends)
    return alert_books.reconcile_day(conn, scope, found, rules, now)


def keep_alerts(conn: sa.Connection, context: Context, proof: DayProof) -> None:
    """A book: the alerts of a past day that late facts have touched; of today the watch sees to it."""
    whose = proof.whose
    now = context.clock.now()
    zone = ZoneInfo(registry.district(conn, whose.district_id).timezone)
    if whose.day >= now.astimezone(zone).date():
        return
    alert_books.wait_turn(conn, whose.district_id)
    tell(conn, whose.district_id, now, recount(conn, whose.district_id, whose.van_id, whose.day, now))


def tell(conn: sa.Connection, district_id: int, now: datetime, told: Sequence[Told]) -> None:
    """Raise the district's state for each change, so that screens draw it."""
    for each in told:
        body = {"alert": each.alert_id, "change": each.change, "code": each.code, "van": each.van_id}
        journal.raise_state(conn, district_id, now, "alert", body)

"""The watch over every district: each few seconds it looks, and what is wrong becomes an alert.

One server of several watches a district at a time. Nothing here runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from fleet import journal, registry
from fleet.background import Background, in_thread
from fleet.clock import wall_now
from fleet.context import Context
from fleet.errors import FleetError
from fleet.main import alarm_beats, alarm_reading
from fleet.main.alarm_reading import Frame
from fleet.main.alarm_tracks import Cells, DayFixes
from fleet.registry import District
from maps import share_tries
from tracking import alert_books, alert_store, fence_store
from tracking.alarm_day import VanDay, episodes
from tracking.alarm_fences import DayFences
from tracking.alarm_rules import OF_DAY, Rules
from tracking.alarms import conditions
from tracking.alert_books import Told, VanScope
from tracking.fences import Sighting
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
    fences: DayFences
    edition: str
    """Of the fences."""

    def days(self, frame: Frame, van_ids: Iterable[int], now: datetime) -> dict[int, VanDay]:
        """The days of some vans as known at `now`, by van."""
        return {
            van_id: alarm_reading.van_day(frame, self.fixes, self.fences, van_id, now) for van_id in van_ids
        }


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
        self._rung: set[int] = set()
        self._bell = asyncio.Event()
        self._task = Background("alarms", self._run)
        self.server = socket.gethostname()

    async def start(self) -> None:
        """Begin to watch."""
        self._task.start()

    async def stop(self) -> None:
        """End."""
        await self._task.stop()

    def passed(self, seen: Sequence[Sighting]) -> None:
        """The live watch of fences saw vans pass: look at them at once. On the event loop; does not block.

        It only rings: what is told is found in what is stored, as at every look.
        """
        self._rung.update(each.van_id for each in seen)
        self._bell.set()

    async def _run(self) -> None:
        due_s = time.monotonic()
        while True:
            began_s = time.monotonic()
            vans = None if began_s >= due_s else frozenset(self._rung)
            self._rung.clear()
            self._bell.clear()
            await self._try_look(vans)
            took_s = time.monotonic() - began_s
            # It never takes more than a sixth of a core, however slow a look is: fixes go first.
            rest_s = _REST * took_s
            if vans is None:
                due_s = began_s + max(_LEAST_S, self._context.clock.wall_seconds(EVERY_S))
            await asyncio.sleep(rest_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(due_s - time.monotonic()):
                    await self._bell.wait()

    async def _try_look(self, vans: frozenset[int] | None) -> None:
        try:
            await in_thread(self.look, self._stalled_s(), vans)
        except (sa.exc.SQLAlchemyError, FleetError) as error:
            log.warning("alerts wait", error=type(error).__name__)
        except Exception as error:
            # The outermost edge: one bad look must not end all watching.
            log.error("a look for alerts failed; looking again", exc_info=error)

    def look(self, behind_s: float = 0.0, vans: frozenset[int] | None = None) -> None:
        """Look at every district once, or at the days of some vans only. Blocks."""
        with self._context.engine.connect() as conn:
            districts = registry.districts(conn)
            if vans is not None:
                districts = tuple(each for each in districts if vans & _van_ids(conn, each))
        for district in districts:
            self.look_at(district, behind_s, vans)

    def look_at(
        self, district: District, behind_s: float = 0.0, vans: frozenset[int] | None = None
    ) -> list[Told]:
        """Look at one district now and write down what changed; nothing while another server does.

        Parameters
        ----------
        vans : whose days alone are looked at; None for all there is
        """
        context = self._context
        with context.engine.begin() as conn:
            if not alert_books.take_turn(conn, district.id):
                return []
            now = context.clock.now()
            told = alert_books.return_expired(conn, district.id, now)
            if vans is None:
                told += self._today(conn, district, now, behind_s)
                told += _yesterday(conn, district, now)
            else:
                told += self._vans_today(conn, district, now, vans)
            tell(conn, district.id, now, told)
        return told

    def _today(self, conn: sa.Connection, district: District, now: datetime, behind_s: float) -> list[Told]:
        rules = alert_store.rules_of(conn, district.id)
        frame = _frame(conn, district, now)
        kept = self._keep(conn, frame)
        days = kept.days(frame, frame.van_ids, now)
        told = _reconcile(conn, frame, days, rules, now)
        seen = alarm_reading.situation(conn, frame, days, rules, self._context.roads, now)
        beats, locked = alarm_beats.waiting(frame, kept.cells, days, now), self._locked(conn, district.id)
        seen = replace(seen, beats=beats, locked=locked, server=self.server, behind_s=behind_s)
        tracks = [each.track for each in days.values()]
        told += alarm_beats.restate(conn, frame, kept.cells, tracks, rules, now)
        found = conditions(seen, rules, now)
        told += alert_books.reconcile_moment(conn, district.id, found, rules, now, server=self.server)
        return told

    def _locked(self, conn: sa.Connection, district_id: int) -> dict[int, datetime]:
        """Shared maps go by the wall: their times as the district's clock has them."""
        locked = share_tries.locked_since(conn, district_id, wall_now())
        return {share_id: self._context.clock.at(since.timestamp()) for share_id, since in locked.items()}

    def _vans_today(
        self, conn: sa.Connection, district: District, now: datetime, vans: frozenset[int]
    ) -> list[Told]:
        rules = alert_store.rules_of(conn, district.id)
        frame = _frame(conn, district, now)
        own = [each for each in frame.van_ids if each in vans]
        return _reconcile(conn, frame, self._keep(conn, frame).days(frame, own, now), rules, now)

    def _keep(self, conn: sa.Connection, frame: Frame) -> _Kept:
        """The day's fixes as far as they are known; from the start when the day or its plan is another."""
        made_of = (frame.day, frame.van_ids, None if frame.plan is None else frame.plan.id)
        edition = fence_store.edition(conn, frame.district_id)
        kept = self._kept.get(frame.district_id)
        if kept is None or kept.made_of != made_of:
            kept = self._kept[frame.district_id] = _Kept(
                alarm_reading.day_fixes(conn, frame),
                alarm_reading.day_cells(conn, frame),
                made_of,
                alarm_reading.day_fences(conn, frame),
                edition,
            )
        elif kept.edition != edition:
            kept.fences, kept.edition = alarm_reading.day_fences(conn, frame), edition
        kept.fixes.read(conn, frame.starts, frame.ends)
        return kept


def _frame(conn: sa.Connection, district: District, now: datetime) -> Frame:
    """The district's day that is on."""
    return alarm_reading.read_frame(conn, district.id, now.astimezone(ZoneInfo(district.timezone)).date())


def _van_ids(conn: sa.Connection, district: District) -> set[int]:
    return {van.id for van in registry.vans(conn, district.id)}


def _reconcile(
    conn: sa.Connection, frame: Frame, days: Mapping[int, VanDay], rules: Rules, now: datetime
) -> list[Told]:
    told = []
    for van_id, each in days.items():
        scope = VanScope(frame.district_id, van_id, frame.starts, frame.ends)
        told += alert_books.reconcile_day(conn, scope, episodes(each, rules), rules, now)
    return told


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
    found = alarm_reading.van_day(frame, fixes, alarm_reading.day_fences(conn, frame), van_id, now)
    cells = alarm_reading.day_cells(conn, frame)
    told = _reconcile(conn, frame, {van_id: found}, rules, now)
    return told + alarm_beats.restate(conn, frame, cells, [found.track], rules, now)


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

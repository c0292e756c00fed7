"""One planning job in a worker's thread: searched, followed, and ended so that nothing found is lost."""

from __future__ import annotations

import threading
import time
from typing import Literal

import sqlalchemy as sa
import structlog

from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import FleetError
from routing import job as rows
from routing import kept, planner, store
from routing import variant as variants
from routing.agenda import Agenda
from routing.curve import Curve
from routing.job import Found, Hold, Job
from routing.place import Orders
from routing.plan import Plan
from routing.planner import Wish
from routing.search import Effort, Progress

LOOK_S = 0.5
"""How often a running job writes its progress and hears whether to go on, in wall seconds."""
KEEP_S = 3.0
"""How often it writes down a better plan."""
_LEAST_S = 1.0
"""A job that is taken up again searches so long at least."""

log = structlog.get_logger(__name__)


class _Lost(Exception):
    """The job is another worker's by now: what was made here is not stored."""


class Work:
    """One attempt at a job.

    `stop` may be called from another thread: the search ends, and the job waits for another worker.
    """

    def __init__(self, context: Context, job_id: int) -> None:
        self._context, self._job_id = context, job_id
        self._stopping = threading.Event()
        self._word: rows.Word = "go on"
        self._last = Progress(0.0, "reading", 0, 0)
        self._looked = self._kept_at = 0.0
        self._written: Orders | None = None
        self._hold: Hold | None = None
        self._agenda: Agenda | None = None
        self._curve = Curve()
        self._began = time.monotonic()

    def stop(self) -> None:
        """Have the worker break this job off."""
        self._stopping.set()

    def run(self) -> None:
        """The task's outermost edge: whatever happens, the job's row says how it ended."""
        try:
            self._run()
        except Exception:
            log.exception("planning job broke", job=self._job_id)
            self._fail(
                FleetError(
                    "The planner broke down on this job. Plan again, or show job {job} to the operator.",
                    job=self._job_id,
                )
            )

    def _run(self) -> None:
        now = self._context.clock.now()
        with translate_errors(), self._context.engine.begin() as conn:
            found = rows.find(conn, None, self._job_id)
            self._hold = hold = rows.start(conn, self._job_id, now)
        if hold is None:
            return
        try:
            self._agenda = agenda = planner.read_agenda(
                self._context, found.district_id, found.day, variants.read(found.variant)
            )
            start = kept.orders_of(agenda, hold.best) if hold.best else None
            if found.cancel or hold.deaths >= rows.MOST_DEATHS:
                self._salvage(found, start)
            else:
                self._search(found, start)
        except FleetError as error:
            self._fail(error)
        except _Lost:
            log.warning("a planning job was taken over by another worker", job=self._job_id)

    def _search(self, found: Job, start: Orders | None) -> None:
        assert self._hold is not None
        assert self._agenda is not None
        left_s = max(_LEAST_S, found.seconds - self._hold.spent_s)
        self._curve = self._hold.curve
        self._began = time.monotonic()
        effort = Effort(left_s, found.seed, self._tell, self._halted, start=start)
        self._agenda, plan = planner.search(self._context, self._agenda, effort)
        self._look(0.0)
        if self._word == "lost":
            raise _Lost
        if self._word == "drop":
            self._close("cancelled", None)
        elif self._word == "keep":
            self._draft(found, plan, "cancelled")
        elif self._stopping.is_set():
            with translate_errors(), self._context.engine.begin() as conn:
                rows.give_back(conn, self._hold)
        else:
            self._draft(found, plan, "done")

    def _salvage(self, found: Job, start: Orders | None) -> None:
        """Make a draft of what earlier attempts found, without any search."""
        assert self._agenda is not None
        how: Literal["cancelled", "failed"] = "cancelled" if found.cancel else "failed"
        if start is None:
            self._close(how, None)
        else:
            self._agenda, plan = planner.along(self._context, self._agenda, start)
            self._draft(found, plan, how)

    def _draft(self, found: Job, plan: Plan, how: Literal["done", "cancelled", "failed"]) -> None:
        """Store the plan and end the job in one transaction. Broken off before any call, it stores none."""
        assert self._agenda is not None
        if how != "done" and len(plan.unserved) == len(self._agenda.problem.visits):
            self._close(how, None)
            return
        wish = Wish(found.asked_by, found.seconds, found.seed, variants.read(found.variant))
        made = planner.make_draft(self._context, self._agenda, plan, wish, self._tell)
        self._look(0.0)  # What the plan itself comes to is the curve's last point.
        with translate_errors(), self._context.engine.begin() as conn:
            plan_id = store.save_draft(conn, self._agenda, plan, made)
            self._end(conn, how, plan_id)

    def _close(self, how: Literal["cancelled", "failed"], plan_id: int | None) -> None:
        with translate_errors(), self._context.engine.begin() as conn:
            self._end(conn, how, plan_id)

    def _end(
        self, conn: sa.Connection, how: Literal["done", "cancelled", "failed"], plan_id: int | None
    ) -> None:
        assert self._hold is not None
        now = self._context.clock.now()
        if how == "done" and plan_id is not None:
            ours = rows.finish(conn, self._hold, plan_id, now)
        elif how == "cancelled":
            ours = rows.cancelled(conn, self._hold, now, plan_id)
        else:
            why = rows.given_up(kept=plan_id is not None)
            ours = rows.fail(conn, self._job_id, why, now, hold=self._hold, plan_id=plan_id)
        if not ours:
            raise _Lost

    def _fail(self, error: FleetError) -> None:
        now = self._context.clock.now()
        with translate_errors(), self._context.engine.begin() as conn:
            rows.fail(conn, self._job_id, error, now, hold=self._hold)

    def _tell(self, progress: Progress) -> None:
        self._last = progress
        self._look(LOOK_S)

    def _halted(self) -> bool:
        self._look(LOOK_S)
        return self._word != "go on" or self._stopping.is_set()

    def _look(self, every_s: float) -> None:
        """Write and listen. The solver calls from inside its library, where no error may come out."""
        now = time.monotonic()
        if self._hold is None or now - self._looked < every_s:
            return
        self._looked = now
        spent_s = self._hold.spent_s + now - self._began
        try:
            with self._context.engine.begin() as conn:
                self._word = rows.advance(conn, self._hold, self._last, spent_s)
                self._keep(conn, spent_s, whole=now - self._kept_at >= KEEP_S or every_s == 0)
        except sa.exc.SQLAlchemyError:
            log.warning("progress of a planning job could not be written", job=self._job_id)

    def _keep(self, conn: sa.Connection, spent_s: float, *, whole: bool) -> None:
        """Write the curve where it has grown, and now and then the orders where they are better."""
        assert self._hold is not None
        last = self._last
        if last.levels is None or self._agenda is None:
            return
        curve = self._curve.with_point(spent_s, last.levels)
        orders = last.orders if whole and last.orders and last.orders != self._written else None
        if curve is self._curve and orders is None:
            return
        found = Found(None, None, spent_s)
        if orders is not None:
            found = Found(kept.as_json(self._agenda, orders), last.levels, spent_s)
            self._written, self._kept_at = orders, time.monotonic()
        rows.keep(conn, self._hold, curve, found)
        self._curve = curve

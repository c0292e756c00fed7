"""The planner's queue: any number of workers take planning jobs from the database, one at a time each."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import date

import sqlalchemy as sa
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg import conninfo as pg_conninfo

from fleet.context import Context
from fleet.db import conninfo, translate_errors
from fleet.errors import Conflict, FleetError, Unavailable
from routing import job as rows
from routing.job import Asking
from routing.planner import Wish, plan_day
from routing.search import Progress

QUEUE = "plan"
_TASK = "plan_day"
_SEARCH_PATH = "-c search_path=jobq,public"
SILENT_S = 30.0
"""A worker that has not been heard of for so long is dead; its jobs are ended."""
_LOOK_S = 0.5
"""How often a running job writes its progress and reads its cancel flag, in wall seconds."""

log = structlog.get_logger(__name__)


def defer_plan(
    context: Context,
    district_id: int,
    day: date,
    *,
    seconds: float = 10.0,
    asked_by: str = "command",
    seed: int = 1,
) -> int:
    """Ask the workers for a plan of a day and return the job's id. Not for the event loop.

    Raises
    ------
    Conflict : such a job is waiting already.
    Unavailable : the queue cannot be reached; the job is marked as failed.
    """
    asking = Asking(district_id, day, asked_by, seconds, seed)
    with translate_errors(), context.engine.begin() as conn:
        job_id = rows.add(conn, asking, context.clock.now())
    try:
        _enqueue(context, asking, job_id)
    except FleetError as error:
        with translate_errors(), context.engine.begin() as conn:
            rows.fail(conn, job_id, error, context.clock.now())
        raise
    return job_id


def _enqueue(context: Context, asking: Asking, job_id: int) -> None:
    app = make_app(context)
    lock = f"plan:{asking.district_id}:{asking.day}"
    try:
        with app.open():
            app.configure_task(_TASK, queue=QUEUE, queueing_lock=lock).defer(job_id=job_id)
    except AlreadyEnqueued:
        raise Conflict(
            "A plan of {day} is already waiting for the planner. Wait for it or cancel it.", day=asking.day
        ) from None
    except ConnectorException:
        raise Unavailable("The planner's queue does not answer. Try again in a minute.") from None


def make_app(context: Context) -> App:
    """The queue's application on the product's database, with its one task."""
    target = pg_conninfo.make_conninfo(conninfo(context.database_url), options=_SEARCH_PATH)
    app = App(connector=PsycopgConnector(conninfo=target, min_size=1, max_size=4))

    async def run(job_id: int) -> None:
        work = _Work(context, job_id)
        try:
            await asyncio.to_thread(work.run)
        except asyncio.CancelledError:
            work.stopping.set()
            raise

    app.task(name=_TASK, queue=QUEUE)(run)
    return app


async def run_worker(context: Context) -> None:
    """Take jobs until cancelled or told to stop by a signal; a running search is then broken off."""
    app = make_app(context)
    async with app.open_async():
        sweeper = asyncio.create_task(_sweep(app, context))
        try:
            await app.run_worker_async(
                queues=[QUEUE], concurrency=1, fetch_job_polling_interval=5.0, shutdown_graceful_timeout=1.0
            )
        finally:
            sweeper.cancel()


async def _sweep(app: App, context: Context) -> None:
    """Say of jobs whose worker died that they have failed, so that nobody waits for them."""
    while True:
        try:
            await sweep_once(app, context, SILENT_S)
        except (ConnectorException, FleetError):
            log.warning("stalled planning jobs could not be looked for")
        await asyncio.sleep(SILENT_S)


async def sweep_once(app: App, context: Context, silent_s: float) -> int:
    """End the jobs of workers that were silent for so long; how many there were."""
    stalled = list(await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=silent_s))
    for each in stalled:
        await app.job_manager.finish_job(each, Status.FAILED, delete_job=False)
        await asyncio.to_thread(_bury, context, int(str(each.task_kwargs["job_id"])))
    return len(stalled)


def _bury(context: Context, job_id: int) -> None:
    error = Unavailable("The planner's worker stopped in the middle of this job. Plan again.")
    with translate_errors(), context.engine.begin() as conn:
        rows.fail(conn, job_id, error, context.clock.now())


class _Work:
    """One job in the worker's thread: tells its progress, watches its cancel flag."""

    def __init__(self, context: Context, job_id: int) -> None:
        self.context, self.job_id = context, job_id
        self.stopping = threading.Event()
        self.looked = 0.0
        self.last = Progress(0.0, "reading", 0, 0)

    def run(self) -> None:
        """The task's outermost edge: whatever happens, the job's row says how it ended."""
        try:
            self.plan()
        except Exception:
            log.exception("planning job broke", job=self.job_id)
            self.end(
                FleetError(
                    "The planner broke down on this job. Plan again, or show job {job} to the operator.",
                    job=self.job_id,
                )
            )

    def plan(self) -> None:
        with translate_errors(), self.context.engine.begin() as conn:
            found = rows.find(conn, None, self.job_id)
            if not rows.start(conn, self.job_id):
                return
        wish = Wish(found.asked_by, found.seconds, found.seed)
        try:
            plan_id = plan_day(
                self.context, found.district_id, found.day, wish, progress=self.tell, cancelled=self.cancelled
            )
        except FleetError as error:
            self.end(error)
            return
        with translate_errors(), self.context.engine.begin() as conn:
            rows.finish(conn, self.job_id, plan_id, self.context.clock.now())

    def end(self, error: FleetError) -> None:
        now = self.context.clock.now()
        with translate_errors(), self.context.engine.begin() as conn:
            if self.stopping.is_set():
                rows.cancelled(conn, self.job_id, now)
            else:
                rows.fail(conn, self.job_id, error, now)

    def tell(self, progress: Progress) -> None:
        self.last = progress
        self.look()

    def cancelled(self) -> bool:
        self.look()
        return self.stopping.is_set()

    def look(self) -> None:
        """At most twice a second. The solver calls from inside its library, where no error may come out."""
        now = time.monotonic()
        if now - self.looked < _LOOK_S:
            return
        self.looked = now
        try:
            with self.context.engine.begin() as conn:
                if rows.advance(conn, self.job_id, self.last):
                    self.stopping.set()
        except sa.exc.SQLAlchemyError:
            log.warning("progress of a planning job could not be written", job=self.job_id)

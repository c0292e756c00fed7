"""The planner's queue: any number of workers take planning jobs from the database, one at a time each.

No job is lost with its worker: told to stop, it gives the job back; killed, another worker finds the job
orphaned and takes it up where its best so far stands. Two jobs of one day never run at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import sqlalchemy as sa
import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as Task
from procrastinate.jobs import Status
from procrastinate.utils import utcnow
from psycopg import conninfo as pg_conninfo

from fleet.context import Context
from fleet.db import conninfo, translate_errors
from fleet.errors import Conflict, FleetError, Unavailable
from routing import job as rows
from routing import nightly
from routing.job import Asking
from routing.nightly import Schedule
from routing.search import warm_up
from routing.variant import Variant
from routing.work import Work

QUEUE = "plan"
_TASK = "plan_day"
_SEARCH_PATH = "-c search_path=jobq,public"
SILENT_S = 30.0
"""A worker that has not been heard of for so long is dead; its jobs are another's."""
_SWEEP_KEY = 0x706C616E  # "plan": one worker sweeps at a time.

log = structlog.get_logger(__name__)


def defer_plan(
    context: Context,
    district_id: int,
    day: date,
    *,
    seconds: float = 10.0,
    asked_by: str = "command",
    seed: int = 1,
    variant: Variant | None = None,
) -> int:
    """Ask the workers for a plan of a day and return the job's id. Not for the event loop.

    Raises
    ------
    Conflict : such a job is waiting already.
    Unavailable : the queue cannot be reached; the job is marked as failed.
    """
    asking = Asking(district_id, day, asked_by, seconds, seed, variant or Variant())
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
            app.configure_task(_TASK, queue=QUEUE, queueing_lock=lock, lock=lock).defer(job_id=job_id)
    except AlreadyEnqueued:
        raise Conflict(
            "A plan of {day} is already waiting for the planner. Wait for it or cancel it.", day=asking.day
        ) from None
    except ConnectorException:
        raise Unavailable("The planner's queue does not answer. Try again in a minute.") from None


class _GivenBack(BaseRetryStrategy):
    """A task that is broken off because its worker stops waits for the next one."""

    def get_retry_decision(self, *, exception: BaseException, job: Task) -> RetryDecision | None:
        """Again at once after a stop; never after anything else, which ends in the job's own row."""
        del job
        return RetryDecision(retry_at=utcnow()) if isinstance(exception, asyncio.CancelledError) else None


def make_app(context: Context) -> App:
    """The queue's application on the product's database, with its one task."""
    target = pg_conninfo.make_conninfo(conninfo(context.database_url), options=_SEARCH_PATH)
    app = App(connector=PsycopgConnector(conninfo=target, min_size=1, max_size=4))

    async def run(job_id: int) -> None:
        work = Work(context, job_id)
        thread = asyncio.create_task(asyncio.to_thread(work.run))
        try:
            await asyncio.shield(thread)
        except asyncio.CancelledError:
            work.stop()
            await thread
            raise

    app.task(name=_TASK, queue=QUEUE, retry=_GivenBack())(run)
    return app


async def run_worker(context: Context) -> None:
    """Take jobs until cancelled or told to stop by a signal; a running search then goes back to the queue.

    The search is compiled first, where that was not done before: no job waits for it half-way.
    """
    await asyncio.to_thread(warm_up)
    app = make_app(context)
    async with app.open_async():
        keeper = asyncio.create_task(_keep_house(app, context))
        try:
            await app.run_worker_async(
                queues=[QUEUE], concurrency=1, fetch_job_polling_interval=5.0, shutdown_graceful_timeout=1.0
            )
        finally:
            keeper.cancel()


async def _keep_house(app: App, context: Context) -> None:
    """Look for jobs of dead workers, and for days that are to be planned by themselves."""
    while True:
        try:
            await sweep_once(app, context, SILENT_S)
            await asyncio.to_thread(plan_due, context)
        except (ConnectorException, FleetError):
            log.warning("the planner's housekeeping could not be done")
        await asyncio.sleep(SILENT_S)


async def sweep_once(app: App, context: Context, silent_s: float) -> int:
    """Put the jobs of workers that were silent for so long back into the queue; how many there were."""
    async with _sole_sweeper(context) as sole:
        if not sole:
            return 0
        orphans = list(await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=silent_s))
        for each in orphans:
            await _adopt(app, context, each)
    return len(orphans)


async def _adopt(app: App, context: Context, task: Task) -> None:
    again = await asyncio.to_thread(_mourn, context, int(str(task.task_kwargs["job_id"])))
    if not again:
        await app.job_manager.finish_job(task, Status.FAILED, delete_job=False)
        return
    try:
        await app.job_manager.retry_job(task)
    except ConnectorException:
        # A newer job of the same day waits: this one's turn comes once that has been taken up.
        log.info("an orphaned planning job waits for a newer one of its day", task=task.id)


def _mourn(context: Context, job_id: int) -> bool:
    with translate_errors(), context.engine.begin() as conn:
        return rows.mourn(conn, job_id, context.clock.now())


@asynccontextmanager
async def _sole_sweeper(context: Context) -> AsyncIterator[bool]:
    """Whether nobody else sweeps while this lasts: two who see one orphan would count its death twice."""
    with translate_errors(), context.engine.connect() as conn:
        ask = sa.select(sa.func.pg_try_advisory_xact_lock(_SWEEP_KEY))
        yield bool(await asyncio.to_thread(conn.scalar, ask))


def plan_due(context: Context) -> tuple[int, ...]:
    """Ask for the plans that are due by schedule now; the new jobs' ids. Not for the event loop."""
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        due = [(each, day) for each in nightly.schedules(conn) if (day := nightly.day_due(each, now))]
    made = []
    for schedule, day in due:
        with translate_errors(), context.engine.begin() as conn:
            claimed = nightly.claim(conn, schedule.district_id, day)
        if claimed:
            made.append(_plan_claimed(context, schedule, day))
    return tuple(job_id for job_id in made if job_id is not None)


def _plan_claimed(context: Context, schedule: Schedule, day: date) -> int | None:
    try:
        return defer_plan(
            context, schedule.district_id, day, seconds=schedule.seconds, asked_by=nightly.ACTOR
        )
    except Conflict:
        return None  # Somebody asked for it in this very moment.
    except Unavailable:
        with translate_errors(), context.engine.begin() as conn:
            nightly.unclaim(conn, schedule.district_id, day)
        raise

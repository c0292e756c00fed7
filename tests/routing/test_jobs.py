from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from fleet.context import Context
from fleet.db import conninfo
from routing import job, jobs, kept, planner, store
from routing.curve import Curve
from routing.job import Found, Job
from routing.search import Effort, Progress, solve
from tests.routing.town import DAY, MORNING, context_on, seed

_PATIENCE_S = 60


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def find(context: Context, job_id: int) -> Job:
    with context.engine.connect() as conn:
        return job.find(conn, None, job_id)


async def follow(
    context: Context, job_id: int, until: set[str], also: Callable[[Job], bool] = lambda _: True
) -> Job:
    """Listen to the job's channel until its row says one of these, and something else holds."""
    async with await psycopg.AsyncConnection.connect(conninfo(context.database_url), autocommit=True) as ear:
        await ear.execute(f"LISTEN {job.CHANNEL}")
        while True:
            found = await asyncio.to_thread(find, context, job_id)
            if found.status in until and also(found):
                return found
            async for _ in ear.notifies(timeout=5, stop_after=1):
                pass


async def with_worker(
    context: Context, job_id: int, until: set[str], *, cancel: bool = False, keep: bool = False
) -> Job:
    worker = asyncio.create_task(jobs.run_worker(context))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            if cancel:
                running = await follow(context, job_id, {"running"}, lambda job: bool(job.curve))
                with context.engine.begin() as conn:
                    now = context.clock.now()
                    job.cancel(conn, running.district_id, job_id, "account:1", now, keep=keep)
            return await follow(context, job_id, until)
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def test_a_worker_takes_a_job_and_leaves_a_draft(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=1, asked_by="account:1", seed=4)
    found = asyncio.run(with_worker(context, job_id, {"done", "failed"}))
    assert (found.status, found.share_done, found.why) == ("done", 1.0, "")
    assert found.plan_id is not None


def test_a_running_job_is_cancelled(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=300)
    found = asyncio.run(with_worker(context, job_id, {"cancelled", "failed"}, cancel=True))
    assert (found.status, found.plan_id) == ("cancelled", None)


def test_a_cancelled_jobs_best_so_far_becomes_a_draft(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=300)
    found = asyncio.run(with_worker(context, job_id, {"cancelled", "failed"}, cancel=True, keep=True))
    assert found.status == "cancelled" and found.plan_id is not None
    assert found.levels is not None and found.curve
    with context.engine.connect() as conn:
        row = store.find_plan(conn, district_id, found.plan_id)
    assert (row.status, row.levels) == ("draft", found.levels)


def test_a_day_that_cannot_be_planned_fails_with_one_sentence(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY.replace(year=2027), seconds=1)
    found = asyncio.run(with_worker(context, job_id, {"done", "failed"}))
    assert found.status == "failed"
    assert job.reason_of(found, "en").startswith("No van has a shift on 2027-01-14")
    assert job.reason_of(found, "zh").startswith("2027-01-14 没有车辆排班")


def orphan(context: Context, job_id: int) -> None:
    """A worker takes the job's task, is heard of once and never again."""
    with context.engine.begin() as conn:
        conn.exec_driver_sql("SET LOCAL search_path TO jobq, public")
        conn.exec_driver_sql(
            "WITH w AS (SELECT worker_id FROM procrastinate_register_worker_v1()) "
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT worker_id FROM w) "
            "WHERE args->>'job_id' = %(job)s::text",
            {"job": job_id},
        )
        conn.exec_driver_sql("UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")


async def sweep(context: Context) -> int:
    app = jobs.make_app(context)
    async with app.open_async():
        return await jobs.sweep_once(app, context, jobs.SILENT_S)


def test_a_dead_workers_job_is_taken_up_again_and_at_last_its_best_is_a_draft(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=300)
    agenda = planner.read_agenda(context, district_id, DAY)
    heard: list[Progress] = []
    solve(agenda.problem, Effort(seconds=0.5, progress=heard.append))
    best = heard[-1]
    assert best.orders
    for deaths in range(job.MOST_DEATHS):
        with context.engine.begin() as conn:
            hold = job.start(conn, job_id, MORNING)
            assert hold is not None and hold.deaths == deaths
            found = Found(kept.as_json(agenda, best.orders), best.levels, 0.5)
            job.keep(conn, hold, Curve(), found)
        orphan(context, job_id)
        assert asyncio.run(sweep(context)) == 1
        assert find(context, job_id).status == "waiting"
    ended = asyncio.run(with_worker(context, job_id, {"done", "failed"}))
    assert ended.status == "failed" and ended.plan_id is not None
    assert "3 times" in job.reason_of(ended, "en") and "草稿" in job.reason_of(ended, "zh")
    with context.engine.connect() as conn:
        row = store.find_plan(conn, district_id, ended.plan_id)
    assert row.status == "draft" and best.levels is not None
    assert row.levels["mandatory_missed"] <= best.levels.mandatory_missed
    assert asyncio.run(sweep(context)) == 0


def test_a_worker_that_is_stopped_gives_its_job_back(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=300)
    stopped = asyncio.run(with_worker(context, job_id, {"running"}))
    assert stopped.status == "running"
    given = find(context, job_id)
    assert (given.status, given.attempts) == ("waiting", 1)
    again = asyncio.run(with_worker(context, job_id, {"cancelled", "failed"}, cancel=True))
    assert (again.status, again.attempts) == ("cancelled", 2)

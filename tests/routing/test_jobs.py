from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from fleet.context import Context
from fleet.db import conninfo
from routing import job, jobs
from routing.job import Job
from tests.routing.town import DAY, context_on, seed

_PATIENCE_S = 60


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


def find(context: Context, job_id: int) -> Job:
    with context.engine.connect() as conn:
        return job.find(conn, None, job_id)


async def follow(context: Context, job_id: int, until: set[str]) -> Job:
    """Listen to the job's channel until its row says one of these."""
    async with await psycopg.AsyncConnection.connect(conninfo(context.database_url), autocommit=True) as ear:
        await ear.execute(f"LISTEN {job.CHANNEL}")
        while (found := await asyncio.to_thread(find, context, job_id)).status not in until:
            async for _ in ear.notifies(timeout=5, stop_after=1):
                pass
    return found


async def with_worker(context: Context, job_id: int, until: set[str], *, cancel: bool = False) -> Job:
    worker = asyncio.create_task(jobs.run_worker(context))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            if cancel:
                running = await follow(context, job_id, {"running"})
                with context.engine.begin() as conn:
                    job.cancel(conn, running.district_id, job_id, "account:1", context.clock.now())
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


def test_a_day_that_cannot_be_planned_fails_with_one_sentence(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY.replace(year=2027), seconds=1)
    found = asyncio.run(with_worker(context, job_id, {"done", "failed"}))
    assert found.status == "failed"
    assert job.reason_of(found, "en").startswith("No van has a shift on 2027-01-14")
    assert job.reason_of(found, "zh").startswith("2027-01-14 没有车辆排班")


def test_a_dead_workers_job_is_ended_with_a_sentence(context: Context) -> None:
    """A worker takes a job, is heard of once and never again."""
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY)
    with context.engine.begin() as conn:
        job.start(conn, job_id)
        conn.exec_driver_sql("SET LOCAL search_path TO jobq, public")
        conn.exec_driver_sql("SELECT * FROM procrastinate_register_worker_v1()")
        conn.exec_driver_sql("UPDATE procrastinate_workers SET last_heartbeat = 'epoch'")
        conn.exec_driver_sql(
            "UPDATE procrastinate_jobs SET status = 'doing', "
            "worker_id = (SELECT id FROM procrastinate_workers)"
        )

    async def sweep() -> int:
        app = jobs.make_app(context)
        async with app.open_async():
            return await jobs.sweep_once(app, context, jobs.SILENT_S)

    assert asyncio.run(sweep()) == 1
    found = find(context, job_id)
    assert (found.status, job.reason_of(found, "zh")) == (
        "failed",
        "排程进程在任务执行中停止，请重新排计划。",
    )

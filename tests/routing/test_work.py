"""Workers as processes of their own: several on one queue, and one that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.context import Context
from fleet.settings import Settings
from fleet.synthetic import people
from routing import curve, job, jobs, planner, store
from routing.work import Work
from tests.routing.test_jobs import find, follow
from tests.routing.town import DAY, MORNING, context_on, seed

pytestmark = pytest.mark.process
_PATIENCE_S = 240


@pytest.fixture
def context(database: str, tmp_path: Path) -> Iterator[Context]:
    made = context_on(database, tmp_path)
    yield made
    made.engine.dispose()


@contextmanager
def worker(context: Context) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as an operator runs it, with what was compiled for this machine before."""
    compiled = Settings().home / "compiled"
    compiled.mkdir(parents=True, exist_ok=True)
    link = context.settings.home / "compiled"
    if not link.exists():
        link.symlink_to(compiled)
    environ = {
        **os.environ,
        "CAREVAN_DATABASE_URL": context.database_url,
        "CAREVAN_HOME": str(context.settings.home),
        "CAREVAN_CLOCK": str(context.clock),
    }
    command = [sys.executable, "-m", "fleet.main", "worker"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, env=environ, cwd=root) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(60)


def until(context: Context, job_id: int, *states: str, better: bool = False) -> job.Job:
    """Wait until the job's row says so, and where asked until its best so far is written down."""

    async def wait() -> job.Job:
        async with asyncio.timeout(_PATIENCE_S):
            return await follow(
                context, job_id, set(states), lambda each: not better or each.found_s is not None
            )

    return asyncio.run(wait())


def cancel(context: Context, job_id: int, *, keep: bool) -> None:
    with context.engine.begin() as conn:
        found = job.find(conn, None, job_id)
        job.cancel(conn, found.district_id, job_id, "account:1", context.clock.now(), keep=keep)


def test_a_killed_workers_job_goes_on_with_another_from_its_best_so_far(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=600)
    with worker(context) as first:
        before = until(context, job_id, "running", better=True)
        first.kill()
        first.wait()
    assert before.levels is not None
    assert find(context, job_id).status == "running", "nobody could say that it died"
    with context.engine.begin() as conn:
        # What half a minute of silence does.
        conn.exec_driver_sql("UPDATE jobq.procrastinate_workers SET last_heartbeat = 'epoch'")
    with worker(context):
        asyncio.run(_taken_up_again(context, job_id))
        cancel(context, job_id, keep=True)
        ended = until(context, job_id, "cancelled", "failed", "done")
    assert (ended.status, ended.attempts) == ("cancelled", 2)
    assert ended.plan_id is not None
    assert list(ended.curve)[: len(before.curve)] == list(before.curve), "the curve goes on"
    with context.engine.connect() as conn:
        draft = store.find_plan(conn, district_id, ended.plan_id)
    assert draft.levels["mandatory_missed"] <= before.levels["mandatory_missed"]
    assert draft.levels["prize_missed"] <= before.levels["prize_missed"] or (
        draft.levels["mandatory_missed"] < before.levels["mandatory_missed"]
    )


async def _taken_up_again(context: Context, job_id: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        await follow(context, job_id, {"running"}, lambda each: each.attempts == 2 and each.share_done > 0)


def test_two_workers_share_a_queue_and_never_a_day(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    first = jobs.defer_plan(context, district_id, DAY, seconds=600)
    other = jobs.defer_plan(context, district_id, DAY + timedelta(days=1), seconds=600)
    with worker(context), worker(context):
        until(context, first, "running")
        until(context, other, "running")
        same_day = jobs.defer_plan(context, district_id, DAY, seconds=1)
        later = jobs.defer_plan(context, district_id, DAY + timedelta(days=2), seconds=600)
        cancel(context, other, keep=False)
        until(context, later, "running")
        assert find(context, same_day).status == "waiting", (
            "its day is being planned; the later job went first"
        )
        assert find(context, first).status == "running"
        cancel(context, first, keep=False)
        ended = until(context, same_day, "done", "failed")
        begun = find(context, first).ended_at
        assert ended.status == "done" and ended.started_at is not None and begun is not None
        assert ended.started_at >= begun
        cancel(context, later, keep=False)
        until(context, later, "cancelled")


def test_who_was_taken_for_dead_and_wakes_stores_nothing(context: Context) -> None:
    with context.engine.begin() as conn:
        district_id = seed(conn)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=600)
    slow = Work(context, job_id)
    thread = threading.Thread(target=slow.run)
    thread.start()
    until(context, job_id, "running", better=True)
    with context.engine.begin() as conn:
        assert job.mourn(conn, job_id, context.clock.now())
        hold = job.start(conn, job_id, context.clock.now())
    assert hold is not None and hold.attempt == 2 and hold.best
    thread.join(_PATIENCE_S)
    assert not thread.is_alive()
    found = find(context, job_id)
    assert (found.status, found.attempts, found.plan_id) == ("running", 2, None)
    with context.engine.connect() as conn:
        assert store.list_plans(conn, district_id, DAY) == ()


def test_a_wide_days_job_tells_of_the_whole_fleet(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with context.engine.begin() as conn:
        size = people.Size(vans=20, elders=70)
        district_id = people.seed_district(conn, size, day=DAY, seed=7, now=MORNING)
    monkeypatch.setattr(planner, "ONE_TABLE", 10)
    job_id = jobs.defer_plan(context, district_id, DAY, seconds=6)
    Work(context, job_id).run()
    ended = find(context, job_id)
    assert (ended.status, ended.why) == ("done", "")
    assert ended.plan_id is not None
    with context.engine.connect() as conn:
        draft = store.find_plan(conn, district_id, ended.plan_id)
        vans = {route.van_id for route in store.routes_of(conn, ended.plan_id)}
    assert (draft.violations, draft.served, draft.unserved) == (0, ended.served, ended.unserved)
    assert len(vans) == 20
    assert ended.found_s is not None, "its best was written down on the way"
    last = dict(zip(curve.NAMES, ended.curve[-1][1], strict=True))
    assert last.items() <= draft.levels.items(), "the curve ends with the plan"

"""A planning job as people follow it: waiting, running, then done, cancelled or failed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from fleet import audit
from fleet.errors import Conflict, FleetError, NotFound
from fleet.sql import load
from fleet.words import Locale, translate
from routing.search import Progress

CHANNEL = "carevan_job"
"""Notified with the job's id whenever its row changes."""
_SQL = load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Job:
    """One asking for a plan. `why` is what went wrong, to be read by `reason_of`."""

    id: int
    district_id: int
    day: date
    seconds: float
    seed: int
    status: str
    share_done: float
    stage: str
    served: int | None
    unserved: int | None
    cancel: bool
    why: str
    plan_id: int | None
    queued_at: datetime
    ended_at: datetime | None
    asked_by: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a plan of which day, and how much thought it may cost."""

    district_id: int
    day: date
    by: str
    seconds: float = 10.0
    seed: int = 1


def _rows(conn: sa.Connection, name: str, **params: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], params).mappings()]


def _tell(conn: sa.Connection, job_id: int) -> None:
    conn.execute(sa.select(sa.func.pg_notify(CHANNEL, str(job_id))))


def add(conn: sa.Connection, asking: Asking, now: datetime) -> int:
    """Write down a new job.

    Raises
    ------
    Conflict : a job for the same day is waiting already.
    """
    waiting = _rows(conn, "waiting_job", district=asking.district_id, day=asking.day)
    if waiting:
        raise Conflict(
            "A plan of {day} is already waiting for the planner (job {job}). Wait for it or cancel it.",
            day=asking.day,
            job=waiting[0]["id"],
        )
    row = _rows(
        conn,
        "new_job",
        district=asking.district_id,
        day=asking.day,
        seconds=asking.seconds,
        seed=asking.seed,
        now=now,
        by=asking.by,
    )[0]
    job_id = int(row["id"])
    audit.record(conn, asking.by, "plan.ask", f"job:{job_id}", asking.district_id, day=str(asking.day))
    return job_id


def find(conn: sa.Connection, district_id: int | None, job_id: int) -> Job:
    """One job; of any district where None is given.

    Raises
    ------
    NotFound : the district has no such job.
    """
    rows = _rows(conn, "job", job=job_id)
    if not rows or district_id not in (None, rows[0]["district_id"]):
        raise NotFound("There is no planning job {job} in this district. Ask for the plan again.", job=job_id)
    return Job(**rows[0])


def start(conn: sa.Connection, job_id: int) -> bool:
    """Take a waiting job up; False when it was cancelled or is somebody else's."""
    started = bool(_rows(conn, "start_job", job=job_id))
    _tell(conn, job_id)
    return started


def advance(conn: sa.Connection, job_id: int, progress: Progress) -> bool:
    """Write how far the job has come; whether it is to be cancelled."""
    rows = _rows(
        conn,
        "progress_job",
        job=job_id,
        share=progress.share,
        stage=progress.stage,
        served=progress.served,
        unserved=progress.unserved,
    )
    _tell(conn, job_id)
    return not rows or bool(rows[0]["cancel"])


def finish(conn: sa.Connection, job_id: int, plan_id: int, now: datetime) -> None:
    """The job has made a plan."""
    _end(conn, job_id, "done", now, plan=plan_id)


def cancelled(conn: sa.Connection, job_id: int, now: datetime) -> None:
    """The job ended at somebody's word, without a plan."""
    _end(conn, job_id, "cancelled", now)


def fail(conn: sa.Connection, job_id: int, error: FleetError, now: datetime) -> None:
    """The job could not make a plan: one sentence says why."""
    params = {key: str(value) for key, value in error.params.items()}
    _end(conn, job_id, "failed", now, why=json.dumps({"text": error.text, "params": params}))


def _end(
    conn: sa.Connection,
    job_id: int,
    status: Literal["done", "cancelled", "failed"],
    now: datetime,
    **more: object,
) -> None:
    _rows(conn, "end_job", **{"job": job_id, "status": status, "now": now, "why": "", "plan": None, **more})
    _tell(conn, job_id)


def cancel(conn: sa.Connection, district_id: int, job_id: int, by: str, now: datetime) -> None:
    """Ask a job to stop; one that nobody has taken up ends at once.

    Raises
    ------
    NotFound : the district has no such job.
    Conflict : the job has ended.
    """
    find(conn, district_id, job_id)
    rows = _rows(conn, "cancel_job", job=job_id, district=district_id)
    if not rows:
        raise Conflict("Planning job {job} has already ended. There is nothing to cancel.", job=job_id)
    if rows[0]["status"] == "waiting":
        cancelled(conn, job_id, now)
    _tell(conn, job_id)
    audit.record(conn, by, "plan.cancel", f"job:{job_id}", district_id)


def reason_of(job: Job, locale: Locale) -> str:
    """Why a job failed, as a sentence in the reader's language; empty when it did not."""
    if not job.why:
        return ""
    told = json.loads(job.why)
    return translate(locale, told["text"], **told["params"])

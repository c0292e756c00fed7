"""A planning job as people follow it: waiting, running, then done, cancelled or failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from fleet import audit
from fleet.errors import Conflict, FleetError, NotFound
from fleet.sql import load
from fleet.words import Locale, translate
from routing import curve as curves
from routing.curve import Curve
from routing.kept import Kept
from routing.plan import Levels
from routing.search import Progress
from routing.variant import Variant

CHANNEL = "carevan_job"
"""Notified with the job's id whenever its row changes."""
MOST_DEATHS = 3
"""Workers that may die of a job before it is searched no more: it is begun at most twice again."""
_SQL = load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Job:
    """One asking for a plan. `why` is what went wrong, to be read by `reason_of`.

    `plan_id` may be set for one that was cancelled or failed too: the best that it had found. `levels` are
    the best so far by name, found after `found_s` of search; `curve` is how they came about.
    """

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
    started_at: datetime | None
    ended_at: datetime | None
    asked_by: str
    variant: Mapping[str, Any]
    attempts: int
    levels: Mapping[str, int] | None
    found_s: float | None
    curve: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a plan of which day, and how much thought it may cost."""

    district_id: int
    day: date
    by: str
    seconds: float = 10.0
    seed: int = 1
    variant: Variant = field(default_factory=Variant)


@dataclass(frozen=True, slots=True)
class Hold:
    """A job in the hands of a worker: its `attempt` alone may write, whoever else still thinks it has it.

    `spent_s` of search, `best` and `curve` are what earlier attempts left.
    """

    job_id: int
    attempt: int
    deaths: int
    spent_s: float
    best: Kept | None
    curve: Curve


@dataclass(frozen=True, slots=True)
class Found:
    """A better plan than was written down before; None where only the curve has grown."""

    orders: Kept | None
    levels: Levels | None
    seconds: float


Word = Literal["go on", "keep", "drop", "lost"]
"""What a worker hears: to go on, to end and keep its best, to end and drop it, that it lost the job."""


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
        variant=json.dumps(asking.variant.as_json()),
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


def start(conn: sa.Connection, job_id: int, now: datetime) -> Hold | None:
    """Take a waiting job up; None when it was cancelled or is somebody else's."""
    rows = _rows(conn, "start_job", job=job_id, now=now)
    _tell(conn, job_id)
    if not rows:
        return None
    row = rows[0]
    curve = curves.curve_of(row["curve"])
    return Hold(job_id, row["attempts"], row["deaths"], row["spent_s"], row["orders"], curve)


def advance(conn: sa.Connection, hold: Hold, progress: Progress, spent_s: float) -> Word:
    """Write how far the job has come, and hear whether to go on."""
    levels = progress.levels.figures() if progress.levels else None
    rows = _rows(
        conn,
        "progress_job",
        job=hold.job_id,
        attempt=hold.attempt,
        share=progress.share,
        stage=progress.stage,
        served=progress.served,
        unserved=progress.unserved,
        spent=spent_s,
        levels=json.dumps(levels) if levels else None,
    )
    _tell(conn, hold.job_id)
    if not rows:
        return "lost"
    if not rows[0]["cancel"]:
        return "go on"
    return "keep" if rows[0]["keep"] else "drop"


def keep(conn: sa.Connection, hold: Hold, curve: Curve, found: Found) -> None:
    """Write down the best so far and how it came about."""
    conn.exec_driver_sql(
        _SQL["keep_best"],
        {
            "job": hold.job_id,
            "attempt": hold.attempt,
            "curve": json.dumps(curves.as_json(curve)),
            "orders": json.dumps(found.orders) if found.orders is not None else None,
            "levels": json.dumps(found.levels.figures()) if found.levels and found.orders else None,
            "found": found.seconds if found.orders is not None else None,
        },
    )


def finish(conn: sa.Connection, hold: Hold, plan_id: int, now: datetime) -> bool:
    """The job has made a plan; False where it is another's by now."""
    return _end(conn, hold.job_id, "done", now, plan=plan_id, attempt=hold.attempt)


def cancelled(conn: sa.Connection, hold: Hold, now: datetime, plan_id: int | None = None) -> bool:
    """The job ended at somebody's word, with the best it had found or without; False as `finish`."""
    return _end(conn, hold.job_id, "cancelled", now, plan=plan_id, attempt=hold.attempt)


def fail(
    conn: sa.Connection,
    job_id: int,
    error: FleetError,
    now: datetime,
    *,
    hold: Hold | None = None,
    plan_id: int | None = None,
) -> bool:
    """The job could not make its plan: one sentence says why. With a hold, False as `finish`."""
    params = {key: str(value) for key, value in error.params.items()}
    why = json.dumps({"text": error.text, "params": params})
    return _end(conn, job_id, "failed", now, why=why, plan=plan_id, attempt=hold.attempt if hold else None)


def _end(
    conn: sa.Connection,
    job_id: int,
    status: Literal["done", "cancelled", "failed"],
    now: datetime,
    **more: object,
) -> bool:
    params = {"job": job_id, "status": status, "now": now, "why": "", "plan": None, "attempt": None}
    ended = bool(_rows(conn, "end_job", **{**params, **more}))
    _tell(conn, job_id)
    return ended


def give_back(conn: sa.Connection, hold: Hold) -> None:
    """The worker stops: the job waits for another, with all that was found."""
    _rows(conn, "give_back_job", job=hold.job_id, attempt=hold.attempt)
    _tell(conn, hold.job_id)


def mourn(conn: sa.Connection, job_id: int, now: datetime) -> bool:
    """The worker of a job is dead: whether another may take it up. Past its chances it fails for good."""
    rows = _rows(conn, "mourn_job", job=job_id)
    if not rows:
        return False
    if rows[0]["deaths"] <= MOST_DEATHS:
        _tell(conn, job_id)
        return True
    fail(conn, job_id, given_up(kept=False), now)
    return False


def given_up(*, kept: bool) -> FleetError:
    """Why a job is not searched any more."""
    if kept:
        return FleetError(
            "The planner's worker stopped {n} times in the middle of this job. "
            "The best plan found until then was kept as a draft; look at it, or plan again.",
            n=MOST_DEATHS,
        )
    return FleetError(
        "The planner's worker stopped {n} times in the middle of this job, before a plan was found. "
        "Plan again, or show this to the operator.",
        n=MOST_DEATHS,
    )


def cancel(
    conn: sa.Connection, district_id: int, job_id: int, by: str, now: datetime, *, keep: bool = True
) -> None:
    """Ask a job to stop; one that nobody has taken up ends at once.

    Parameters
    ----------
    keep : whether the best plan found until now becomes a draft

    Raises
    ------
    NotFound : the district has no such job.
    Conflict : the job has ended.
    """
    find(conn, district_id, job_id)
    rows = _rows(conn, "cancel_job", job=job_id, district=district_id, keep=keep)
    if not rows:
        raise Conflict("Planning job {job} has already ended. There is nothing to cancel.", job=job_id)
    if rows[0]["status"] == "waiting" and not (keep and rows[0]["attempts"]):
        _end(conn, job_id, "cancelled", now)
    _tell(conn, job_id)
    audit.record(conn, by, "plan.cancel", f"job:{job_id}", district_id, keep=keep)


def reason_of(job: Job, locale: Locale) -> str:
    """Why a job failed, as a sentence in the reader's language; empty when it did not."""
    if not job.why:
        return ""
    told = json.loads(job.why)
    return translate(locale, told["text"], **told["params"])

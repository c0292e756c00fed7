"""Planning from the command line and the demo: here and now, or by the queue with a bar."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from fleet import registry
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import Unavailable
from fleet.main import outcome
from fleet.words import locale_of_environment
from routing import job, jobs, planner, store

_POLL_S = 0.2
_GRACE_S = 120.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How much thought a plan may cost, and whether it is published at once."""

    seconds: float
    seed: int
    publish: bool


def plan_now(context: Context, district_id: int, day: date | None, effort: Effort) -> None:
    """Plan a day without the queue and print what came of it.

    Raises
    ------
    NotFound, InvalidInput, Conflict : the sentence says what to mend.
    """
    with context.engine.connect() as conn:
        zone = ZoneInfo(registry.district(conn, district_id).timezone)
    on = day or context.clock.now().astimezone(zone).date()
    wish = planner.Wish("command", effort.seconds, effort.seed)
    plan_id = planner.plan_day(context, district_id, on, wish)
    with context.engine.connect() as conn:
        came_to = outcome.of_plan(conn, plan_id)
    print(f"Plan {plan_id} of {on}: {came_to.served} calls, {came_to.unserved} visits unserved.")
    if effort.publish:
        publish_if_draft(context, district_id, plan_id)
        print("It is published to the vans.")


def plan_by_queue(context: Context, district_id: int, day: date, seconds: float) -> int:
    """The published plan of a day, or a new draft made by the worker.

    Raises
    ------
    Unavailable : the job failed, or nobody took it up.
    """
    with context.engine.connect() as conn:
        found = store.list_plans(conn, district_id, day)
    published = [each.id for each in found if each.status == "published"]
    if published:
        return published[0]
    job_id = jobs.defer_plan(context, district_id, day, seconds=seconds)
    return _wait(context, job_id, seconds + _GRACE_S)


def _wait(context: Context, job_id: int, within_s: float) -> int:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        with context.engine.connect() as conn:
            found = job.find(conn, None, job_id)
        if found.status in {"failed", "cancelled"}:
            why = job.reason_of(found, locale_of_environment(os.environ))
            raise Unavailable("The plan was not made: {why}", why=why or found.status)
        if found.plan_id is not None:
            return found.plan_id
        time.sleep(_POLL_S)
    raise Unavailable("No worker took the plan up in {s} s. Is ./carevan worker running?", s=round(within_s))


def publish_if_draft(context: Context, district_id: int, plan_id: int) -> None:
    """Publish a plan, unless it is published."""
    with translate_errors(), context.engine.begin() as conn:
        if store.find_plan(conn, district_id, plan_id).status == "draft":
            store.publish(conn, district_id, plan_id, "command", context.clock.now())

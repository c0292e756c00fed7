"""Plans over HTTP: ask for one, follow it, look at it, publish it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from fleet import registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.registry import mask_name
from fleet.session import Principal, require
from fleet.words import Locale, locale_of
from routing import begun, curve, job, jobs, outlook, store
from routing.horizon import Task
from routing.reason_places import said
from routing.stored import PlanRow, RouteRow, StopRow, UnservedRow
from routing.variant import Variant

router = APIRouter(prefix="/api/plans")
InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Planner = Annotated[Principal, Depends(require("planner"))]
LANGUAGE_COOKIE = "lang"
"""Set by the pages when a reader switches language."""


def reader_locale(request: Request) -> Locale:
    """The language of whoever asks."""
    return locale_of(request.headers.get("accept-language"), request.cookies.get(LANGUAGE_COOKIE))


InLocale = Annotated[Locale, Depends(reader_locale)]


class AskForm(BaseModel):
    """Which day to plan, for how long, from which seed."""

    model_config = ConfigDict(extra="forbid")
    day: date
    seconds: float = Field(default=10.0, ge=1, le=600)
    seed: int = Field(default=1, ge=0, le=2**31)


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """A job as it stands. `why` is a sentence in the reader's language, empty unless it failed.

    `levels` are those of the best plan so far by name. `curve` is how they came about: each point holds the
    seconds of search and a list with a value for each name of `curve_names`, highest level first. `plan` is
    set for a cancelled or failed job too where the best so far was kept.
    """

    job: int
    day: date
    status: str
    share_done: float
    stage: str
    served: int | None
    unserved: int | None
    why: str
    plan: int | None
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    levels: Mapping[str, int] | None
    curve_names: Sequence[str]
    curve: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class UnservedAnswer:
    """A visit left out; `said` has a sentence a reason, the nearest van first. Names are masked."""

    visit: UnservedRow
    said: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """A plan whole: its routes, their stops and what is unserved. Names of persons are masked."""

    plan: PlanRow
    routes: Sequence[RouteRow]
    stops: Sequence[StopRow]
    unserved: Sequence[UnservedAnswer]


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """A call given to a day, and whom it is for; the name is masked."""

    task: Task
    code: str
    who: str


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """One day ahead: calls that a choice was made about, and the load of all calls, daily ones too.

    `assumed`: no shift was entered yet; the day is taken to be like the same weekday before it.
    """

    day: date
    load_s: int
    capacity_s: int
    assumed: bool
    tasks: Sequence[TaskAnswer]


@dataclass(frozen=True, slots=True)
class HorizonAnswer:
    """The days ahead from `first` on."""

    first: date
    days: Sequence[DayAnswer]


@router.post("/jobs")
def ask(form: AskForm, request: Request, context: InContext, who: Planner) -> Mapping[str, int]:
    """Ask the planner for a day's plan; what vans have begun of the published one stays first."""
    with translate_errors(), context.engine.connect() as conn:
        first = begun.read(begun.look_of(request.app.state), conn, context, who.district_id, form.day)
    job_id = jobs.defer_plan(
        context, who.district_id, form.day, seconds=form.seconds, asked_by=who.actor, seed=form.seed,
        variant=Variant(begun=first),
    )  # fmt: skip
    return {"job": job_id}


@router.get("/jobs/{job_id}")
def follow(job_id: int, context: InContext, who: Viewer, locale: InLocale) -> JobAnswer:
    """How far a job has come."""
    with translate_errors(), context.engine.connect() as conn:
        found = job.find(conn, who.district_id, job_id)
    return JobAnswer(
        job=found.id,
        day=found.day,
        status=found.status,
        share_done=found.share_done,
        stage=found.stage,
        served=found.served,
        unserved=found.unserved,
        why=job.reason_of(found, locale),
        plan=found.plan_id,
        queued_at=found.queued_at,
        started_at=found.started_at,
        ended_at=found.ended_at,
        attempts=found.attempts,
        levels=found.levels,
        curve_names=curve.NAMES,
        curve=found.curve,
    )


@router.post("/jobs/{job_id}/cancel")
def cancel(job_id: int, context: InContext, who: Planner, locale: InLocale, keep: bool = True) -> JobAnswer:
    """Stop a job. The best plan found until now becomes a draft, unless `keep` is false."""
    with translate_errors(), context.engine.begin() as conn:
        job.cancel(conn, who.district_id, job_id, who.actor, context.clock.now(), keep=keep)
    return follow(job_id, context, who, locale)


@router.get("")
def plans(day: date, context: InContext, who: Viewer) -> Sequence[PlanRow]:
    """The plans of a day, the newest first."""
    with translate_errors(), context.engine.connect() as conn:
        return store.list_plans(conn, who.district_id, day)


@router.get("/horizon")
def look_ahead(
    context: InContext, who: Planner, first: date | None = None, days: int = outlook.USUAL
) -> HorizonAnswer:
    """The days ahead: what each was given, beside the time there is. `first` is today where it is missing."""
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        today = context.clock.now().astimezone(ZoneInfo(district.timezone)).date()
        found = outlook.read(conn, who.district_id, first or today, days)
        people = {each.id: each for each in registry.recipients(conn, who.district_id)}
    return HorizonAnswer(
        first or today,
        [
            DayAnswer(
                day=each.day,
                load_s=each.load_s,
                capacity_s=each.capacity_s,
                assumed=each.assumed,
                tasks=[
                    TaskAnswer(
                        task, people[task.recipient_id].code, mask_name(people[task.recipient_id].name)
                    )
                    for task in each.tasks
                ],
            )
            for each in found.days
        ],
    )


@router.get("/{plan_id}")
def plan(plan_id: int, context: InContext, who: Viewer, locale: InLocale) -> PlanAnswer:
    """One plan with its routes, stops and unserved."""
    with translate_errors(), context.engine.connect() as conn:
        found = store.find_plan(conn, who.district_id, plan_id)
        names = {
            van.id: van.name_en if locale == "en" and van.name_en else van.name
            for van in registry.vans(conn, who.district_id)
        }
        centres = registry.sites(conn, who.district_id, "centre")
        return PlanAnswer(
            plan=found,
            routes=store.routes_of(conn, plan_id),
            stops=[replace(stop, who=_masked(stop.who)) for stop in store.stops_of(conn, plan_id)],
            unserved=[
                UnservedAnswer(
                    replace(row, who=_masked(row.who)),
                    [said(told, names, centres, locale) for told in row.reasons],
                )
                for row in store.unserved_of(conn, plan_id)
            ],
        )


class PublishForm(BaseModel):
    """The plan that was the published one when the planner loaded the page; null where there was none.

    Where nothing is said of it, the plan is published over whatever is there.
    """

    model_config = ConfigDict(extra="forbid")
    seen: int | None = None


@router.post("/{plan_id}/publish")
def publish(
    plan_id: int, context: InContext, who: Planner, form: PublishForm | None = None
) -> Mapping[str, int]:
    """Make a draft the day's plan and send it to the vans.

    Raises
    ------
    Conflict : it is no draft, or, where a form says what was seen, another plan was published since.
    """
    seen = store.Seen(form.seen) if form is not None and form.model_fields_set else None
    with translate_errors(), context.engine.begin() as conn:
        version = store.publish(conn, who.district_id, plan_id, who.actor, context.clock.now(), seen=seen)
    return {"plan": plan_id, "version": version}


def _masked(name: str | None) -> str | None:
    return mask_name(name) if name else None

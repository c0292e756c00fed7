"""The planner's desk over HTTP: try edits on a plan, ask why, save a draft, plan a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput, Unavailable
from fleet.words import Locale, translate
from routing import begun, desk_vans, desk_work, jobs, scenario, store
from routing.api import InContext, InLocale, Planner, Viewer
from routing.desk_edits import Form
from routing.desk_sheet import Json
from routing.desk_work import Desks, Saving, Worked
from routing.scenario import Told
from routing.variant import Variant, variant_of

router = APIRouter(prefix="/api/plans")
_MOST_EDITS = 300
Text = Annotated[str, Field(max_length=60)]
Id = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class ChangeForm(BaseModel):
    """A what-if change."""

    model_config = ConfigDict(extra="ignore")
    kind: Text
    van: Id | None = None
    visit: Text | None = None
    site: Id | None = None
    minutes: Id = 0
    cups: Id = 0
    what: Text = ""

    def told(self) -> Told:
        """As routing knows it."""
        return Told(self.kind, self.van, self.visit, self.site, self.minutes, self.cups, self.what)


class EditForm(BaseModel):
    """One edit; see `routing.desk.Edit` and `routing.desk_edits.SHORTCUTS`."""

    model_config = ConfigDict(extra="forbid")
    kind: Text
    visit: Text | None = None
    van: Id | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] | None = None
    change: ChangeForm | None = None

    def form(self) -> Form:
        """As routing knows it."""
        change = None if self.change is None else self.change.told()
        return Form(self.kind, self.visit, self.van, self.position, change)


class TryForm(BaseModel):
    """Edits to be tried: all since the stored plan, the newest last."""

    model_config = ConfigDict(extra="forbid")
    edits: list[EditForm] = Field(default_factory=list, max_length=_MOST_EDITS)
    show: Literal["touched", "lines", "whole"] = "touched"
    """Which vans: those touched, those with their lines on the map, or all with theirs."""


class WhyForm(BaseModel):
    """Whose reasons; nobody named means all of the unserved."""

    model_config = ConfigDict(extra="forbid")
    edits: list[EditForm] = Field(default_factory=list, max_length=_MOST_EDITS)
    visits: list[Text] = Field(default_factory=list, max_length=_MOST_EDITS)


class VansForm(BaseModel):
    """Which visit every van is asked about."""

    model_config = ConfigDict(extra="forbid")
    edits: list[EditForm] = Field(default_factory=list, max_length=_MOST_EDITS)
    visit: Text


class SaveForm(BaseModel):
    """What becomes a draft."""

    model_config = ConfigDict(extra="forbid")
    edits: list[EditForm] = Field(default_factory=list, max_length=_MOST_EDITS)
    name: Text = ""


class ScenarioForm(BaseModel):
    """A day to be planned with changes; locks and bans are taken over from `plan`, where one is named."""

    model_config = ConfigDict(extra="forbid")
    day: date
    name: Text = ""
    changes: list[ChangeForm] = Field(default_factory=list, max_length=scenario.MOST)
    plan: Id | None = None
    seconds: float = Field(default=10.0, ge=1, le=600)
    seed: int = Field(default=1, ge=0, le=2**31)


def desks_of(request: Request) -> Desks:
    """The process's own open plans."""
    state = request.app.state
    if not hasattr(state, "desks"):
        state.desks = Desks(begun.look_of(state))
    found = state.desks
    assert isinstance(found, Desks)
    return found


def _worked(
    request: Request, context: Context, which: tuple[int, int, Locale], edits: list[EditForm]
) -> Worked:
    district_id, plan_id, locale = which
    with translate_errors(), context.engine.connect() as conn:
        desk = desks_of(request).open(conn, context, district_id, plan_id)
    return desk_work.work(desk, [each.form() for each in edits], locale)


def _ready(request: Request) -> None:
    """Reasons need the compiled search: whoever serves may have it made ready in the background."""
    warmth = getattr(request.app.state, "warmth", None)
    if warmth is not None:
        warmth.check()


@router.post("/{plan_id}/desk")
def try_edits(
    plan_id: int, form: TryForm, request: Request, context: InContext, who: Viewer, locale: InLocale
) -> Json:
    """What the plan comes to with these edits. Nothing is stored.

    A plan whose day cannot be planned any more can still be looked at: asked for as a whole it answers `why`.
    """
    if any(each.kind == "relax" for each in form.edits):
        _ready(request)
    try:
        worked = _worked(request, context, (who.district_id, plan_id, locale), form.edits)
    except InvalidInput as error:
        if form.edits or form.show != "whole":
            raise
        return {"plan": plan_id, "why": translate(locale, error.text, **error.params)}
    return desk_work.answer(worked, context, whole=form.show == "whole", lines=form.show != "touched")


@router.post("/{plan_id}/desk/why")
def ask_why(
    plan_id: int, form: WhyForm, request: Request, context: InContext, who: Viewer, locale: InLocale
) -> Json:
    """Why visits are unserved after these edits, and the smallest change that would let each in."""
    _ready(request)
    return desk_work.why(
        _worked(request, context, (who.district_id, plan_id, locale), form.edits), form.visits
    )


@router.post("/{plan_id}/desk/vans")
def ask_vans(
    plan_id: int, form: VansForm, request: Request, context: InContext, who: Viewer, locale: InLocale
) -> Json:
    """What each van would take for a visit, or why it cannot; without proofs while these are made ready."""
    try:
        _ready(request)
        proved = True
    except Unavailable:
        proved = False
    worked = _worked(request, context, (who.district_id, plan_id, locale), form.edits)
    return desk_vans.vans(worked, form.visit, proved=proved)


@router.post("/{plan_id}/desk/save")
def save_draft(
    plan_id: int, form: SaveForm, request: Request, context: InContext, who: Planner, locale: InLocale
) -> Mapping[str, int]:
    """Keep the plan with these edits as a new draft."""
    _ready(request)
    worked = _worked(request, context, (who.district_id, plan_id, locale), form.edits)
    with translate_errors(), context.engine.begin() as conn:
        saved, broken = desk_work.save(conn, worked, context, Saving(who.actor, form.name.strip()))
    return {"plan": saved, "violations": broken}


@router.post("/scenarios")
def plan_scenario(
    form: ScenarioForm, request: Request, context: InContext, who: Planner
) -> Mapping[str, int]:
    """Plan a day as it would be with some changes. The job's plan is a draft with its scenario's name."""
    told = tuple(each.told() for each in form.changes)
    if told and not form.name.strip():
        raise InvalidInput("The scenario has no name. Give it one, so that it is found among the drafts.")
    with translate_errors(), context.engine.connect() as conn:
        ground = desks_of(request).shelf.ground(conn, context.roads, who.district_id, form.day)
        first = begun.read(begun.look_of(request.app.state), conn, context, who.district_id, form.day)
        base = Variant()
        if form.plan is not None:
            row = store.find_plan(conn, who.district_id, form.plan)
            base = variant_of(row.name, [dict(each) for each in row.scenario], row.edits)
    # Now, while the planner is looking: a job would say only later that a change does not fit the day.
    told = scenario.settled(ground.agenda, told)
    job_id = jobs.defer_plan(
        context, who.district_id, form.day, seconds=form.seconds, asked_by=who.actor, seed=form.seed,
        variant=Variant(form.name.strip(), told, base.locks, base.bans, first, base.first),
    )  # fmt: skip
    return {"job": job_id}

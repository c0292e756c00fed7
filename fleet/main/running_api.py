"""Something happened, over HTTP: a rearrangement of the running day, looked at and then adopted."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from fleet import audit
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.main import closing, promises, rearranging
from fleet.main.rearranging import Rearrangement, Told
from fleet.session import Principal, require
from fleet.units import ms_of
from fleet.words import Locale
from maps.day import read_day
from maps.naming import place_name
from maps.pages import locale_of
from routing.running_changes import Change
from routing.running_repair import Booked

router = APIRouter()
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
InContext = Annotated[Context, Depends(get_context)]


class Proposing(BaseModel):
    """What happened."""

    model_config = ConfigDict(extra="forbid")
    event: Told


class Adopting(Proposing):
    """What happened, and the plan and version that the proposal was made for."""

    plan: int
    version: int


@router.get("/api/running/calls")
def calls(request: Request, context: InContext, who: Dispatcher) -> list[dict[str, Any]]:
    """The calls of today's plan that are still to come, the earliest first. Names are masked."""
    locale = locale_of(request)
    with translate_errors(), context.engine.connect() as conn:
        day = read_day(conn, who.district_id, context.clock.now())
    ahead = [stop for stop in day.stops if stop.kind in ("visit", "dropoff") and stop.id not in day.closed]
    return [
        {"stop": stop.id, "van": stop.van_id, "begins": ms_of(stop.begins), "who": place_name(stop, locale)}
        for stop in sorted(ahead, key=lambda stop: stop.begins)
    ]


@router.get("/api/running/closures")
def closures(context: InContext, who: Dispatcher) -> list[dict[str, Any]]:
    """The closed roads in force now, the oldest first."""
    with translate_errors(), context.engine.connect() as conn:
        found = closing.today(conn, context, who.district_id)
    return [
        {
            "closure": each.id,
            "lon": each.place.lon,
            "lat": each.place.lat,
            "radius_m": each.place.radius_m,
            "until": each.until_ms,
            "name": each.name,
        }
        for each in found
    ]


@router.post("/api/running/propose")
def propose(form: Proposing, request: Request, context: InContext, who: Dispatcher) -> dict[str, Any]:
    """What the event makes of the rest of the day: which calls move, from whom and when to whom and when."""
    with translate_errors(), context.engine.connect() as conn:
        found = rearranging.propose(conn, context, who.district_id, form.event)
        return _told(conn, found, locale_of(request))


@router.post("/api/running/adopt")
def adopt(form: Adopting, request: Request, context: InContext, who: Dispatcher) -> dict[str, Any]:
    """Publish the rearrangement as the plan's next version; 409 where the plan was changed since."""
    seen = form.plan, form.version
    with translate_errors(), context.engine.begin() as conn:
        found = rearranging.adopt(conn, context, who.district_id, form.event, seen, by=who.actor)
        told = _told(conn, found, locale_of(request)) | {"version": found.version + 1}
        audit.record(
            conn, who.actor, "running.adopt", f"plan:{form.plan}", who.district_id, event=form.event.kind
        )
    return told


def _told(conn: sa.Connection, found: Rearrangement, locale: Locale) -> dict[str, Any]:
    agenda = found.situation.agenda
    whose = [agenda.callers[found.situation.rest.visits[each.visit]] for each in found.found.changes]
    said = promises.names(conn, agenda.district_id, whose, locale)
    return {
        "plan": found.situation.plan_id,
        "version": found.version,
        "changes": [
            _change(found, each) | {"who": said.get(caller, "")}
            for each, caller in zip(found.found.changes, whose, strict=True)
        ],
        "new": _new(found),
        "over": found.found.over,
        "took_ms": found.took_ms,
    }


def _change(found: Rearrangement, each: Change) -> dict[str, Any]:
    """One promise that is not kept."""
    agenda = found.situation.agenda
    return {
        "stop": found.situation.published.stop_ids.get(found.situation.rest.visits[each.visit]),
        "what": each.what,
        "forced": each.forced,
        "promised": ms_of(agenda.at(each.promised_s)),
        "promised_van": agenda.van_ids[each.promised_van],
        "van": None if each.van is None else agenda.van_ids[each.van],
        "begins": None if each.begins_s is None else ms_of(agenda.at(each.begins_s)),
    }


def _new(found: Rearrangement) -> dict[str, Any] | None:
    """For a new visit, who goes and when; both None where nobody can."""
    if not isinstance(found.event, Booked):
        return None
    agenda = found.situation.agenda
    for route in found.found.plan.routes:
        for stop in route.stops:
            if stop.visit == found.event.visit:
                return {"van": agenda.van_ids[route.van], "begins": ms_of(agenda.at(stop.begins_s))}
    return {"van": None, "begins": None}

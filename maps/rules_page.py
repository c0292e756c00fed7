"""The page of what a district's planned days keep to, and of when it is planned by itself."""

from __future__ import annotations

from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from fleet import audit, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.session import Principal, require
from fleet.units import ms_of
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond
from routing import day_rules, nightly
from routing.day_rules import Asked

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Planner = Annotated[Principal, Depends(require("planner"))]
Text = Annotated[str, Field(max_length=200)]
SCHEDULE_ACTION: Final = "plan.schedule"


class RulesForm(BaseModel):
    """Fields as `routing.day_rules.Asked` has them; what is left out stays."""

    model_config = ConfigDict(extra="forbid")
    span_h: Text | None = None
    overtime_min: Text | None = None
    wait_min: Text | None = None
    patrol_min: Text | None = None
    pace: Text | None = None
    batches: Text | None = None
    equipment: Text | None = None


@router.get("/rules")
def rules_page(request: Request, context: InContext, who: Planner) -> Response:
    """The page."""
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        listed = _listed(conn, who.district_id)
    values = {
        "district": named(district.name, district.name_en, locale_of(request)),
        "limits": {
            "span_h": day_rules.LONGEST_SPAN_H,
            "minutes": day_rules.LONGEST_MIN,
            "patrol_min": day_rules.MOST_PATROL_MIN,
            "pace": day_rules.PACE,
        },
        "start": {"listed": listed, "timezone": district.timezone},
    }
    return respond(request, Page("rules.html", values, principal=who))


@router.get("/api/day-rules")
def show_rules(context: InContext, who: Planner) -> Json:
    """The day's rules by field, the night's schedule, and who changed each last."""
    with translate_errors(), context.engine.connect() as conn:
        return _listed(conn, who.district_id)


@router.put("/api/day-rules", status_code=204)
def set_rules(form: RulesForm, context: InContext, who: Planner) -> Response:
    """Change what is given.

    Raises
    ------
    InvalidInput : a field cannot be read, or is not allowed; the answer names it as `field`.
    """
    with translate_errors(), context.engine.begin() as conn:
        day_rules.change(conn, who.district_id, Asked(**form.model_dump()), who.actor)
    return Response(status_code=204)


def _listed(conn: sa.Connection, district_id: int) -> Json:
    (night,) = nightly.schedules(conn, district_id)
    return {
        "rules": dict(day_rules.typed(day_rules.read(conn, district_id))),
        "rules_by": _by(conn, day_rules.ACTION, district_id),
        "night": {
            "enabled": night.enabled,
            "at": f"{night.at:%H:%M}",
            "days_ahead": night.days_ahead,
            "seconds": round(night.seconds),
        },
        "night_by": _by(conn, SCHEDULE_ACTION, district_id),
    }


def _by(conn: sa.Connection, action: str, district_id: int) -> dict[str, Any] | None:
    """Who changed it last; without a name it was the command line."""
    found = audit.last(conn, action, f"district:{district_id}")
    return None if found is None else {"at": ms_of(found.at), "name": found.name}

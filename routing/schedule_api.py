"""When a district is planned by itself, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.session import Principal, require
from routing import nightly
from routing.nightly import Schedule

router = APIRouter(prefix="/api/plan-schedule")
InContext = Annotated[Context, Depends(get_context)]


class ScheduleForm(BaseModel):
    """Local time, for the same day (0) or the next (1), and how long the search may think."""

    model_config = ConfigDict(extra="forbid")
    enabled: bool = True
    at: time = time(4, 30)
    days_ahead: int = Field(default=0, ge=0, le=1)
    seconds: float = Field(default=120, ge=1, le=3600)


@router.get("")
def read(context: InContext, who: Annotated[Principal, Depends(require("viewer"))]) -> Schedule:
    """The district's schedule."""
    with translate_errors(), context.engine.connect() as conn:
        (found,) = nightly.schedules(conn, who.district_id)
    return found


@router.put("")
def write(
    form: ScheduleForm, context: InContext, who: Annotated[Principal, Depends(require("planner"))]
) -> Schedule:
    """Change it."""
    with translate_errors(), context.engine.begin() as conn:
        (found,) = nightly.schedules(conn, who.district_id)
        at = form.at.replace(tzinfo=None, microsecond=0)
        wanted = replace(found, enabled=form.enabled, at=at, days_ahead=form.days_ahead, seconds=form.seconds)
        nightly.set_schedule(conn, wanted, who.actor)
    return wanted

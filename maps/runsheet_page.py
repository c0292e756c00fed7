"""Run sheets to be printed: a page a van, or all vans of a plan, each on paper of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import audit, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import NotFound
from fleet.session import Principal, require
from maps import render, runsheet
from maps.naming import WEEKDAYS
from maps.pages import Page, locale_of, respond
from maps.scene import Look
from routing.problem import PATROL_TARGET_S
from routing.sheaf import read_sheaf

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]


@router.get("/plans/{plan_id}/runsheet")
def all_sheets(plan_id: int, request: Request, context: InContext, who: Dispatcher) -> Response:
    """The sheets of all vans of a plan.

    Raises
    ------
    NotFound : the district has no such plan.
    """
    return _page(plan_id, None, request, context, who)


@router.get("/plans/{plan_id}/runsheet/{van_id}")
def one_sheet(plan_id: int, van_id: int, request: Request, context: InContext, who: Dispatcher) -> Response:
    """One van's sheet.

    Raises
    ------
    NotFound : the district has no such plan, or the van does not drive in it.
    """
    return _page(plan_id, van_id, request, context, who)


def _page(plan_id: int, van_id: int | None, request: Request, context: Context, who: Principal) -> Response:
    locale = locale_of(request)
    with translate_errors(), context.engine.begin() as conn:
        sheaf = read_sheaf(conn, who.district_id, plan_id, locale)
        names = {crew.id: crew.name for crew in registry.crews(conn, who.district_id)}
        shifts = registry.shifts(conn, who.district_id, sheaf.plan.day)
        crews = {shift.van_id: names.get(shift.crew_id, "") for shift in shifts}
        sheets = [
            runsheet.sheet_of(sheaf, route, crews.get(route.van_id, ""))
            for route in sheaf.routes
            if van_id in (None, route.van_id)
        ]
        if not sheets and van_id is not None:
            raise NotFound(
                "Van {van} does not drive in plan {plan}. Choose another.", van=van_id, plan=plan_id
            )
        audit.record(conn, who.actor, "plan.print", f"plan:{plan_id}", who.district_id, van=van_id)
    look = Look(locale, "light", layers=(), interactive=False)
    drawn, maps = render.draw_printed([runsheet.scene_of(sheet) for sheet in sheets], look)
    values = {
        "sheaf": sheaf,
        "weekday": sheaf.say(WEEKDAYS[sheaf.plan.day.weekday()]),
        "sheets": list(zip(sheets, maps, strict=True)),
        "target_min": PATROL_TARGET_S // 60,
        "printed_at": context.clock.now().astimezone(sheaf.zone),
    }
    return respond(request, Page("runsheet.html", values, drawn, who, theme="light"))

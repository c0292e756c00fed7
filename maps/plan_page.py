"""The planner's desk: the page of a day's plans, and the sheets it shows."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.errors import InvalidInput
from fleet.session import Principal, require
from maps import render, scene, sheet
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond, theme_of
from maps.scene import Look, Scene

router = APIRouter()


@router.get("/plan")
def plan_page(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Response:
    """The page; `?day=` chooses the day, today where it is missing."""
    locale = locale_of(request)
    with context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        vans = registry.vans(conn, who.district_id)
        beats = registry.beats(conn, who.district_id)
        centres = registry.sites(conn, who.district_id, "centre")
    today = context.clock.now().astimezone(ZoneInfo(district.timezone)).date()
    areas = tuple(
        scene.Beat(each.id, named(each.name, each.name_en, locale), each.polygons) for each in beats
    )
    corners = [point for area in areas for part in area.parts for point in part[0]]
    drawn = Scene(
        centre=(district.lon, district.lat),
        vans=tuple(scene.Van(van.id, named(van.name, van.name_en, locale), van.colour) for van in vans),
        beats=areas,
        places=tuple(
            scene.Place(each.id, "centre", named(each.name, each.name_en, locale), (each.lon, each.lat))
            for each in centres
        ),
        bounds=scene.bounds_of(corners),
    )
    look = Look(locale, theme_of(request), layers=("beats", "places", "plan"))
    values = {
        "district": named(district.name, district.name_en, locale),
        "may_plan": who.may("planner"),
        "start": {
            "day": _day(request.query_params.get("day"), today).isoformat(),
            "plan": request.query_params.get("plan"),
            "timezone": district.timezone,
            "rate": context.clock.rate,
            "may_plan": who.may("planner"),
        },
    }
    return respond(request, Page("plan.html", values, render.draw(drawn, look), who))


def _day(text: str | None, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The day {day} cannot be read. Write it as 2026-07-24.", day=text) from None


@router.get("/api/plan-sheets")
def plan_sheets(
    day: date, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Json:
    """The versions of a day's plan, the newest first, and the job that is making another."""
    with context.engine.connect() as conn:
        found = sheet.versions(conn, who.district_id, day)
        job = sheet.running_job(conn, who.district_id, day)
    return {"versions": [sheet.version_json(each) for each in found], "job": job}


@router.get("/api/plan-sheets/{plan_id}")
def plan_sheet(
    plan_id: int,
    request: Request,
    who: Principal = Depends(require("viewer")),
    context: Context = Depends(get_context),
) -> Json:
    """One plan, names masked."""
    with context.engine.connect() as conn:
        found = sheet.read_sheet(conn, who.district_id, plan_id)
    return sheet.sheet_json(found, locale_of(request))

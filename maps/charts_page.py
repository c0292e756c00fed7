"""The charts' page: a day's figures where people would rather look than read, each with its table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.session import Principal, require
from maps import charts, charts_store
from maps.board import Json
from maps.day_page import today_of
from maps.naming import named
from maps.pages import Page, locale_of, respond

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]


@router.get("/charts")
def this_day(context: InContext, who: Viewer) -> Response:
    """On to today's page."""
    with translate_errors(), context.engine.connect() as conn:
        timezone = registry.district(conn, who.district_id).timezone
    return RedirectResponse(f"/charts/{today_of(timezone, context.clock.now())}", 303)


@router.get("/charts/{day}")
def charts_page(day: date, request: Request, context: InContext, who: Viewer) -> Response:
    """The page; while its day is on it asks for its figures again."""
    locale = locale_of(request)
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        known = charts_store.read(conn, district, day, now)
    values = {
        "district": named(district.name, district.name_en, locale),
        "day": day,
        "today": today_of(district.timezone, now),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "start": {
            "figures": charts.figures(known, locale),
            "timezone": district.timezone,
            "rate": context.clock.rate,
            "live": day == today_of(district.timezone, now),
        },
    }
    return respond(request, Page("charts.html", values, principal=who))


@router.get("/api/charts/{day}")
def charts_of(day: date, request: Request, context: InContext, who: Viewer) -> Json:
    """The day's figures."""
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        known = charts_store.read(conn, district, day, context.clock.now())
    return charts.figures(known, locale_of(request))

"""The page of a district's day: a row a van, its ledger as a timeline, and what it proves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.session import Principal, require
from maps import day_rows, van_days
from maps.board import Json
from maps.naming import named
from maps.pages import Page, locale_of, respond

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]


def today_of(timezone: str, now: datetime) -> date:
    """Which day it is where the district lies."""
    return now.astimezone(ZoneInfo(timezone)).date()


@router.get("/day")
def this_day(context: InContext, who: Viewer, day: date | None = None) -> Response:
    """On to the page of a day; of today where none is named."""
    with translate_errors(), context.engine.connect() as conn:
        timezone = registry.district(conn, who.district_id).timezone
    return RedirectResponse(f"/day/{day or today_of(timezone, context.clock.now())}", 303)


@router.get("/day/{day}")
def day_page(day: date, request: Request, context: InContext, who: Viewer) -> Response:
    """The page; what it shows it then asks for again."""
    locale = locale_of(request)
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        proofs = van_days.read(conn, who.district_id, day)
    district = proofs.district
    today = today_of(district.timezone, now)
    values = {
        "district": named(district.name, district.name_en, locale),
        "day": day,
        "today": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "start": {
            "sheet": day_rows.sheet(proofs, now, locale),
            "timezone": district.timezone,
            "rate": context.clock.rate,
        },
    }
    return respond(request, Page("day.html", values, principal=who))


@router.get("/api/days/{day}")
def day_sheet(day: date, request: Request, context: InContext, who: Viewer) -> Json:
    """The day's rows."""
    with translate_errors(), context.engine.connect() as conn:
        proofs = van_days.read(conn, who.district_id, day)
    return day_rows.sheet(proofs, context.clock.now(), locale_of(request))

"""The page that plays a day again: any van, or the fleet. Its data comes from the replay's own addresses."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.session import Principal, require
from maps import scene
from maps.pages import Page, locale_of, respond, theme_of
from maps.render import draw

_LAYERS = ("places", "plan", "calls", "vans")

router = APIRouter()


@router.get("/replay")
def replay_page(
    request: Request,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("viewer"))],
    day: date | None = None,
) -> Response:
    """The player, on a day; today where none is given."""
    with context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        fleet = registry.vans(conn, who.district_id)
        centres = registry.sites(conn, who.district_id, "centre")
    locale = locale_of(request)
    names = {van.id: van.name_en if locale == "en" and van.name_en else van.name for van in fleet}
    what = scene.Scene(
        centre=(district.lon, district.lat),
        zoom=13,
        vans=tuple(scene.Van(van.id, names[van.id], van.colour) for van in fleet),
        places=tuple(scene.Place(site.id, "centre", site.name, (site.lon, site.lat)) for site in centres),
        bounds=scene.bounds_of([(site.lon, site.lat) for site in centres]),
    )
    look = scene.Look(locale=locale, theme=theme_of(request), layers=_LAYERS)
    today = context.clock.now().astimezone(ZoneInfo(district.timezone)).date()
    values = {"day": day or today, "today": today, "zone": district.timezone, "names": names}
    return respond(request, Page("replay.html", values, drawn=draw(what, look), principal=who))

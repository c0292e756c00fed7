"""Boards of beats to be printed and put up: one beat's, or those of the whole district."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from fleet import phones, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import NotFound
from fleet.session import Principal, require
from fleet.words import Locale
from maps import notice, render, scene
from maps.day_page import today_of
from maps.naming import named
from maps.pages import Page, locale_of, respond
from routing import store

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]


@router.get("/beats/board")
def all_boards(request: Request, context: InContext, who: Dispatcher) -> Response:
    """The boards of all beats of the district, each on paper of its own."""
    return _page(None, request, context, who)


@router.get("/beats/{beat_id}/board")
def one_board(beat_id: int, request: Request, context: InContext, who: Dispatcher) -> Response:
    """One beat's board.

    Raises
    ------
    NotFound : the district has no such beat.
    """
    return _page(beat_id, request, context, who)


def _page(beat_id: int | None, request: Request, context: Context, who: Principal) -> Response:
    locale = locale_of(request)
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        today = today_of(district.timezone, context.clock.now())
        beats = registry.beats(conn, who.district_id)
        chosen = [each for each in beats if beat_id in (None, each.id)]
        if beat_id is not None and not chosen:
            raise NotFound("There is no beat {beat} here. Choose another.", beat=beat_id)
        sites = registry.sites(conn, who.district_id, "centre")
        calls = _calls(conn, who.district_id, today)
        serving = _serving(conn, district, today, locale)
        numbers = phones.phones(conn, who.district_id)
    zone, centres = ZoneInfo(district.timezone), [site.id for site in sites]
    boards = [
        notice.Notice(
            scene.Beat(each.id, named(each.name, each.name_en, locale), each.polygons),
            tuple(
                replace(van, passing=notice.passing_of(calls.get(van_id, ()), each.code, centres, zone))
                for van_id, van in serving.get(each.id, ())
            ),
            _passes(each),
        )
        for each in chosen
    ]
    places = [
        scene.Place(site.id, site.kind, named(site.name, site.name_en, locale), (site.lon, site.lat))
        for site in sites
    ]
    look = scene.Look(locale, "light", layers=(), interactive=False)
    drawn, maps = render.draw_printed([notice.scene_of(each, places) for each in boards], look)
    values = {
        "boards": list(zip(boards, maps, strict=True)),
        "beats": [(each.id, named(each.name, each.name_en, locale)) for each in beats],
        "district": named(district.name, district.name_en, locale),
        "today": today,
        "phones": [(named(each.label, each.label_en, locale), each.number) for each in numbers],
        "weekdays": lambda days: notice.weekday_words(days, locale),
        "spans": lambda hours: notice.hours_words(hours, locale),
        "centres": {place.id: place.name for place in places},
    }
    return respond(request, Page("notice.html", values, drawn, who, theme="light"))


def _passes(beat: registry.Beat) -> tuple[int, int] | None:
    wanted = [cell.passes for cell in beat.cells]
    return (min(wanted), max(wanted)) if wanted else None


def _serving(
    conn: sa.Connection, district: registry.District, today: date, locale: Locale
) -> dict[int, list[tuple[int, notice.ServingVan]]]:
    """Vans, with their numbers, by the beat that they serve today, with the hours of the coming days."""
    zone = ZoneInfo(district.timezone)
    shifts = [
        shift
        for n in range(notice.DAYS_AHEAD)
        for shift in registry.shifts(conn, district.id, today + timedelta(days=n))
    ]
    beats_of = registry.beats_of(conn, district.id, today)
    found: dict[int, list[tuple[int, notice.ServingVan]]] = {}
    for van in registry.vans(conn, district.id):
        hours = notice.hours_of(
            (shift.day, shift.starts.astimezone(zone).time(), shift.ends.astimezone(zone).time())
            for shift in shifts
            if shift.van_id == van.id
        )
        one = notice.ServingVan(named(van.name, van.name_en, locale), van.plate, hours)
        for beat_id in beats_of.get(van.id, ()):
            found.setdefault(beat_id, []).append((van.id, one))
    return found


def _calls(conn: sa.Connection, district_id: int, day: date) -> dict[int, list[notice.Call]]:
    """The calls of the day's published plan by van; none without a plan."""
    plan = store.published_on(conn, district_id, day)
    found: dict[int, list[notice.Call]] = {}
    for stop in store.stops_of(conn, plan.id) if plan else ():
        call = notice.Call(stop.kind, stop.site_id, stop.beat, stop.arrives, stop.leaves)
        found.setdefault(stop.van_id, []).append(call)
    return found

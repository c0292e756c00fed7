"""The page of a van's day: its figures, its timeline, stays and trips on the map, what each stop came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from fleet import registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.errors import NotFound
from fleet.registry import Van
from fleet.session import Principal, require
from fleet.words import Locale
from maps import day_rows, driven, fences, layers, render, scene, van_days
from maps.board import Json
from maps.day_page import today_of
from maps.driven import Driven
from maps.naming import named
from maps.pages import Page, locale_of, respond, theme_of
from maps.scene import Look, Scene
from maps.van_days import Proofs

router = APIRouter()
InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]
_LAYERS = ("beats", "fences", "places", "plan", "driven")


@router.get("/vans/{van_id}/today")
def van_today(van_id: int, context: InContext, who: Viewer) -> Response:
    """On to the page of a van's day that is on."""
    with translate_errors(), context.engine.connect() as conn:
        timezone = registry.district(conn, who.district_id).timezone
    return RedirectResponse(f"/vans/{van_id}/{today_of(timezone, context.clock.now())}", 303)


@router.get("/vans/{van_id}/{day}")
def van_page(van_id: int, day: date, request: Request, context: InContext, who: Viewer) -> Response:
    """The page; what it shows it then asks for again.

    Raises
    ------
    NotFound : the van is none of this district's.
    """
    locale = locale_of(request)
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        proofs = van_days.read(conn, who.district_id, day)
        van = _find(proofs, van_id)
        found = driven.read(conn, van_id, proofs.start, proofs.end)
        what = replace(
            _scene(conn, proofs, van, found, locale), fences=_fences(conn, proofs, van.id, now, locale)
        )
    district = proofs.district
    values = {
        "van": named(van.name, van.name_en, locale),
        "van_id": van.id,
        "vans": [(each.id, named(each.name, each.name_en, locale)) for each in proofs.vans],
        "day": day,
        "today": today_of(district.timezone, now),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "may_take": who.may("dispatcher"),
        "start": {
            "sheet": _sheet(proofs, van, found, now, locale),
            "timezone": district.timezone,
            "rate": context.clock.rate,
        },
    }
    look = Look(locale, theme_of(request), layers=_LAYERS, choices=layers.choices(_LAYERS, locale))
    return respond(request, Page("van_day.html", values, render.draw(what, look), who))


@router.get("/api/vans/{van_id}/days/{day}")
def van_sheet(van_id: int, day: date, request: Request, context: InContext, who: Viewer) -> Json:
    """The van's day, with what is drawn of it."""
    locale = locale_of(request)
    with translate_errors(), context.engine.connect() as conn:
        proofs = van_days.read(conn, who.district_id, day)
        van = _find(proofs, van_id)
        found = driven.read(conn, van_id, proofs.start, proofs.end)
    what = Scene(centre=(0.0, 0.0), legs=found.legs, dwells=found.stays)
    return {**_sheet(proofs, van, found, context.clock.now(), locale), "driven": scene.driven_features(what)}


def _find(proofs: Proofs, van_id: int) -> Van:
    for van in proofs.vans:
        if van.id == van_id:
            return van
    raise NotFound("There is no van {van} in this district.", van=van_id)


def _sheet(proofs: Proofs, van: Van, found: Driven, now: datetime, locale: Locale) -> Json:
    stays = [(dwell.starts, dwell.ends) for dwell in found.stays]
    calls = day_rows.calls(proofs, van.id, locale)
    places = day_rows.matched(stays, calls)
    return {
        **day_rows.sheet(proofs, now, locale),
        "vans": [day_rows.row(proofs, van, locale)],
        "stays": [[dwell.n, dwell.starts, dwell.ends] for dwell in found.stays],
        "calls": [
            {**call, "stay": None if place is None else place + 1}
            for call, place in zip(calls, places, strict=True)
        ],
        "alerts": day_rows.alerts(proofs, van.id, locale),
        "left_out": found.left_out,
        "until": found.until,
    }


def _fences(
    conn: sa.Connection, proofs: Proofs, van_id: int, now: datetime, locale: Locale
) -> tuple[scene.Fence, ...]:
    """Those of the day; of the one that is on, as they stand now."""
    span = (
        (now, now + timedelta(milliseconds=1))
        if proofs.start <= now < proofs.end
        else (proofs.start, proofs.end)
    )
    return fences.of_day(conn, proofs.district.id, van_id, span, locale)


def _scene(conn: sa.Connection, proofs: Proofs, van: Van, found: Driven, locale: Locale) -> Scene:
    district = proofs.district
    own = set(registry.beats_of(conn, district.id, proofs.day).get(van.id, []))
    beats = tuple(
        scene.Beat(each.id, named(each.name, each.name_en, locale), each.polygons)
        for each in registry.beats(conn, district.id)
        if each.id in own
    )
    centres = registry.sites(conn, district.id, "centre")
    driven_at = [point for leg in found.legs for point in leg.points] + [dwell.at for dwell in found.stays]
    corners = driven_at or [point for beat in beats for part in beat.parts for point in part[0]]
    return Scene(
        centre=(district.lon, district.lat),
        zoom=13,
        vans=(scene.Van(van.id, named(van.name, van.name_en, locale), van.colour),),
        places=tuple(
            scene.Place(each.id, "centre", named(each.name, each.name_en, locale), (each.lon, each.lat))
            for each in centres
        ),
        beats=beats,
        stops=tuple(_stop(call, van) for call in proofs.calls if call.van_id == van.id),
        legs=found.legs,
        dwells=found.stays,
        bounds=scene.bounds_of(corners),
    )


def _stop(call: van_days.Call, van: Van) -> scene.Stop:
    state: Literal["done", "to_come"] = "done" if call.verdict == "served" else "to_come"
    label = "" if call.stop.doorstep else call.stop.name
    return scene.Stop(call.stop.id, van.id, van.colour, call.stop.kind, state, call.stop.at, label)

"""The platform screen: the page, its board, and what its map shows."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from fleet import accounts, registry, terminals
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.session import Principal, require
from fleet.units import ms_of
from fleet.words import Locale
from maps import fences, layers, render, scene, screens
from maps.board import Gathered, Json
from maps.course import cut
from maps.crew import heading_for
from maps.day import Day, Stop
from maps.gather import Gatherer
from maps.naming import named, staff_name
from maps.pages import Page, locale_of, respond, theme_of
from maps.scene import LonLat, Look, RoutePart, Scene, StopState
from tracking import history, platforms
from tracking.api import tracking_of
from tracking.platforms import Telling
from tracking.track import Fixes

router = APIRouter()
MOST_STATE: Final = 2**53
"""Above it a browser cannot count."""


def gatherer_of(request: Request) -> Gatherer:
    """The process's one gatherer of boards."""
    state = request.app.state
    if not hasattr(state, "gatherer"):
        state.gatherer = Gatherer()
    gatherer = state.gatherer
    assert isinstance(gatherer, Gatherer)
    return gatherer


@router.get("/")
def platform_page(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Response:
    """The platform screen."""
    locale = locale_of(request)
    gatherer = gatherer_of(request)
    day, gathered = gatherer.gather(context, who.district_id)
    with context.engine.connect() as conn:
        given = accounts.districts_of(conn, who.account_id)
        districts = [each for each in registry.districts(conn) if each.id in given]
        drawn_fences = fences.now(conn, who.district_id, context.clock.now(), locale)
    values = {
        "districts": [(each.id, named(each.name, each.name_en, locale)) for each in districts],
        "district_id": who.district_id,
        "district": named(day.district.name, day.district.name_en, locale),
        "centres": sum(1 for site in day.sites if site.kind == "centre"),
        "beats": len(day.beats),
        "synthetic": day.district.synthetic,
        "on_duty": staff_name(who.display),
        "may_act": who.may("dispatcher"),
        "start": {
            "board": gatherer.board(context, who.district_id, locale),
            "rate": context.clock.rate,
            "timezone": day.district.timezone,
            "vans": [
                {
                    "id": van.id,
                    "name": named(van.name, van.name_en, locale),
                    "colour": van.colour,
                }
                for van in day.vans
            ],
            "may_act": who.may("dispatcher"),
            "pairing_s": int(terminals.PAIRING_LASTS.total_seconds()),
        },
    }
    what = replace(scene_of(day, locale), fences=drawn_fences, unseen=unseen_of(gathered))
    drawn = render.draw(what, _look(request, locale))
    return respond(request, Page("platform.html", values, drawn, who))


@router.get("/api/board")
def board(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Json:
    """The figures, rows and panels of the platform screen, with the time they are of."""
    return gatherer_of(request).board(context, who.district_id, locale_of(request))


@router.get("/api/screens")
def screen_states(
    request: Request,
    drawn: Annotated[int, Query(ge=0, le=MOST_STATE)],
    page: Annotated[str | None, Query(pattern="^[a-z0-9]{8,32}$")] = None,
    who: Principal = Depends(require("viewer")),
    context: Context = Depends(get_context),
) -> Json:
    """Which state the asker and every other screen have drawn, and how long they are behind.

    Parameters
    ----------
    drawn : what the asker has drawn
    page : a platform screen's word for itself: the vans' screens and the others are told what it shows
    """
    others = [
        each
        for each in tracking_of(request).platforms.open(who.district_id, time.monotonic())
        if each.page != page
    ]
    with translate_errors(), context.engine.begin() as conn:
        found = screens.read(conn, who.district_id, drawn, context.clock.now())
        if page is not None:
            state, since = min(drawn, found.state), found.asker_since
            own = Telling(who.district_id, page, staff_name(who.display), state, since)
            platforms.tell(conn, own)
    return screens.told(replace(found, platforms=tuple(others)), context.clock.wall_seconds)


@router.get("/api/map")
def map_layers(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Response:
    """What the map's plan and call layers show, as GeoJSON."""
    day, _ = gatherer_of(request).gather(context, who.district_id)
    drawn = scene_of(day, locale_of(request))
    return JSONResponse(
        {
            "as_of": ms_of(day.now),
            "state": day.state,
            "plan": scene.plan_features(drawn),
            "calls": scene.call_features(drawn),
        }
    )


@router.get("/api/fences")
def fence_layer(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Response:
    """What the map's fence layer shows, as GeoJSON: by the clock fences come into force and go out of it."""
    with translate_errors(), context.engine.connect() as conn:
        found = fences.now(conn, who.district_id, context.clock.now(), locale_of(request))
    return JSONResponse(scene.fence_features(Scene(centre=(0.0, 0.0), fences=found)))


@router.get("/api/unseen")
def unseen_layer(
    request: Request, who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)
) -> Response:
    """The places of beats that nobody has passed yet, as GeoJSON."""
    _, gathered = gatherer_of(request).gather(context, who.district_id)
    return JSONResponse(scene.unseen_features(Scene(centre=(0.0, 0.0), unseen=unseen_of(gathered))))


@router.get("/api/trails")
def trails(who: Principal = Depends(require("viewer")), context: Context = Depends(get_context)) -> Json:
    """Where each van was in the last minutes: points of time (epoch milliseconds), lon and lat, by van."""
    now = context.clock.now()
    with translate_errors(), context.engine.connect() as conn:
        van_ids = [van.id for van in registry.vans(conn, who.district_id)]
        found = history.fixes_of_vans(conn, van_ids, now - TRAIL, now)
    return {"vans": {str(van_id): thinned(fixes) for van_id, fixes in found.items()}}


TRAIL: Final = timedelta(minutes=10)
_TRAIL_STEP_MS: Final = 10_000


def thinned(fixes: Fixes) -> list[list[float]]:
    """A van's sound fixes in order of time, one each ten seconds: time, lon and lat."""
    points: list[list[float]] = []
    for n in np.argsort(fixes.t_ms, kind="stable"):
        t_ms = int(fixes.t_ms[n])
        if not fixes.flags[n] and (not points or t_ms - points[-1][0] >= _TRAIL_STEP_MS):
            points.append([t_ms, round(float(fixes.lon[n]), 6), round(float(fixes.lat[n]), 6)])
    return points


_LAYERS = ("beats", "fences", "unseen", "places", "plan", "alerts", "calls", "vans")


def unseen_of(gathered: Gathered) -> tuple[scene.Cell, ...]:
    """The places of beats that nobody has passed yet."""
    return tuple(scene.Cell(cell.id, (cell.lon, cell.lat)) for cell in gathered.proof.unseen)


def _look(request: Request, locale: Locale) -> Look:
    choices = layers.choices([*_LAYERS, "trails"], locale)
    return Look(locale, theme_of(request), _LAYERS, choices=choices)


def scene_of(day: Day, locale: Locale) -> Scene:
    """A district's day as a scene: published routes, stops by state, centres, beats, open calls."""

    colours = {van.id: van.colour for van in day.vans}
    places = tuple(
        scene.Place(site.id, "centre", named(site.name, site.name_en, locale), (site.lon, site.lat))
        for site in day.sites
    )
    beats = tuple(
        scene.Beat(beat.id, named(beat.name, beat.name_en, locale), beat.polygons) for beat in day.beats
    )
    corners = [point for beat in beats for part in beat.parts for point in part[0]]
    # A district that has only vans so far is looked at where they are.
    shown = [*corners, *(place.at for place in places)] or [each.at for each in day.positions.values()]
    return Scene(
        centre=(day.district.lon, day.district.lat),
        vans=tuple(scene.Van(van.id, named(van.name, van.name_en, locale), van.colour) for van in day.vans),
        places=places,
        beats=beats,
        routes=tuple(_routes(day, colours)),
        stops=tuple(_stops(day, colours, locale)),
        calls=tuple(scene.Call(call.id, call.place, (call.lon, call.lat)) for call in day.calls),
        bounds=scene.bounds_of(shown, pad_deg=0.0005),
    )


def _heads_for(day: Day, van_id: int) -> tuple[list[Stop], Stop | None]:
    """A van's stops in their order, and the one it is at or heads for."""
    own = [each for each in day.stops if each.van_id == van_id]
    return own, heading_for(own, [tap for tap in day.taps if tap.van_id == van_id], day.now)


def _routes(day: Day, colours: dict[int, str]) -> list[scene.Route]:
    """Lines as far as driven, the leg under way, and what is to come, in the order they are painted."""
    found: dict[RoutePart, list[scene.Route]] = {"driven": [], "ahead": [], "leg": []}
    for route in day.routes:
        if route.van_id not in colours:
            continue
        stops, goal = _heads_for(day, route.van_id)
        place = stops.index(goal) if goal is not None else None
        course = cut(route.points, [stop.at for stop in stops], place)
        parts: dict[RoutePart, tuple[LonLat, ...]] = {
            "driven": course.driven,
            "ahead": course.ahead,
            "leg": course.leg,
        }
        for part, points in parts.items():
            found[part].append(scene.Route(route.van_id, colours[route.van_id], points, part))
    return [each for part in found.values() for each in part]


_DRAWN = frozenset({"visit", "dropoff", "reload"})


def _stops(day: Day, colours: dict[int, str], locale: Locale) -> list[scene.Stop]:
    closed = day.closed
    headed = {goal.id for van in day.vans if (goal := _heads_for(day, van.id)[1])}

    def state_of(stop: Stop) -> StopState:
        if stop.id in closed:
            return "done"
        return "next" if stop.id in headed else "to_come"

    return [
        scene.Stop(
            id=stop.id,
            van_id=stop.van_id,
            colour=colours[stop.van_id],
            kind=stop.kind,
            state=state_of(stop),
            at=stop.at,
            # No doorstep is labelled.
            label="" if stop.doorstep else named(stop.name, stop.name_en, locale),
        )
        for stop in day.stops
        if stop.kind in _DRAWN and stop.van_id in colours
    ]

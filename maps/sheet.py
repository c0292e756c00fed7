"""A plan as the planner reads it: versions of a day, levels, each van's timeline, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from fleet import registry
from fleet.errors import NotFound
from fleet.registry import Site, Van
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps import scene
from maps.board import Json
from maps.day import Route, Stop, Unserved, read_routes, read_rows, read_stops, read_unserved
from maps.naming import named, place_name, whose_name
from maps.reasons import said_of

_DRAWN = frozenset({"visit", "dropoff", "reload", "pass", "handover"})
ADDED = "#8594a3"
"""The colour of a van that a scenario adds."""


@dataclass(frozen=True, slots=True)
class Version:
    """One plan of a day; `levels` by name, in their order."""

    id: int
    day: date
    version: int | None
    status: str
    basis: str
    levels: Mapping[str, int]
    violations: int
    created_at: datetime
    published_at: datetime | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan with everything a planner looks at; `published` is the plan of that day that vans follow."""

    version: Version
    published: Version | None
    vans: tuple[Van, ...]
    routes: tuple[Route, ...]
    stops: tuple[Stop, ...]
    unserved: tuple[Unserved, ...]
    centres: tuple[Site, ...]


def versions(conn: sa.Connection, district_id: int, day: date) -> tuple[Version, ...]:
    """The plans of a day, the newest first."""
    rows = read_rows(conn, "versions", district=district_id, day=day)
    return tuple(_version({**row, "day": day}) for row in rows)


def running_job(conn: sa.Connection, district_id: int, day: date) -> int | None:
    """The planning job of a day that is not over, if any."""
    rows = read_rows(conn, "running_job", district=district_id, day=day)
    return rows[0]["id"] if rows else None


def read_sheet(conn: sa.Connection, district_id: int, plan_id: int) -> Sheet:
    """Read one plan.

    Raises
    ------
    NotFound : the district has no such plan.
    """
    rows = read_rows(conn, "plan", district=district_id, plan=plan_id)
    if not rows:
        raise NotFound("There is no plan {id} in this district. Choose one from the list.", id=plan_id)
    version = _version(rows[0])
    published = next(
        (each for each in versions(conn, district_id, version.day) if each.status == "published"), None
    )
    return Sheet(
        version,
        published,
        registry.vans(conn, district_id),
        read_routes(conn, plan_id),
        read_stops(conn, plan_id),
        read_unserved(conn, plan_id),
        registry.sites(conn, district_id, "centre"),
    )


def _version(row: Mapping[str, Any]) -> Version:
    return Version(**row)


def version_json(each: Version) -> Json:
    """A line of the list of versions."""
    return {
        "id": each.id,
        "version": each.version,
        "name": each.name,
        "status": each.status,
        "levels": dict(each.levels),
        "basis": each.basis,
        "violations": each.violations,
        "created_at": ms_of(each.created_at),
        "published_at": None if each.published_at is None else ms_of(each.published_at),
    }


def sheet_json(sheet: Sheet, locale: Locale) -> Json:
    """The plan as its page draws it."""
    before = sheet.published.levels if sheet.published else {}
    same = sheet.published is not None and sheet.published.id == sheet.version.id
    return {
        "plan": version_json(sheet.version),
        "levels": [
            {"key": key, "value": value, "before": None if same else before.get(key)}
            for key, value in sheet.version.levels.items()
        ],
        "vans": [_van(sheet, route, locale) for route in sheet.routes],
        "unserved": [
            {
                "place": whose_name(each.name, each.name_en, each.recipient, locale),
                "channel": each.channel,
                "mandatory": each.mandatory,
                "said": said_of(each, sheet.vans, locale, sheet.centres)
                or [translate(locale, "No reason was recorded")],
            }
            for each in sheet.unserved
        ],
        "map": scene.plan_features(scene_of_sheet(sheet, locale)),
    }


def van_name(van: Van | None, van_id: int, locale: Locale) -> str:
    """A van of the registry, or one that a scenario adds."""
    return (
        translate(locale, "Added van {n}", n=-van_id) if van is None else named(van.name, van.name_en, locale)
    )


def _van(sheet: Sheet, route: Route, locale: Locale) -> Json:
    van = next((each for each in sheet.vans if each.id == route.van_id), None)
    return {
        "id": route.van_id,
        "name": van_name(van, route.van_id, locale),
        "colour": ADDED if van is None else van.colour,
        "starts": ms_of(route.starts),
        "ends": ms_of(route.ends),
        "patrol_s": route.patrol_s,
        "drive_s": route.drive_s,
        "drive_m": route.drive_m,
        "stops": [
            {
                "id": stop.id,
                "kind": stop.kind,
                "name": place_name(stop, locale),
                "arrives": ms_of(stop.arrives),
                "begins": ms_of(stop.begins),
                "leaves": ms_of(stop.leaves),
                "lon": stop.at[0],
                "lat": stop.at[1],
                "cups": sum(int(cups) for cups in stop.items.values()),
            }
            for stop in sheet.stops
            if stop.van_id == route.van_id
        ],
    }


def scene_of_sheet(sheet: Sheet, locale: Locale) -> scene.Scene:
    """The plan's routes and stops, none of them driven yet."""
    colours = {route.van_id: ADDED for route in sheet.routes}
    colours |= {van.id: van.colour for van in sheet.vans if van.id in colours}
    stops = [stop for stop in sheet.stops if stop.kind in _DRAWN and stop.van_id in colours]
    return scene.Scene(
        centre=(0.0, 0.0),
        routes=tuple(
            scene.Route(route.van_id, colours[route.van_id], route.points)
            for route in sheet.routes
            if route.van_id in colours
        ),
        stops=tuple(
            scene.Stop(
                stop.id,
                stop.van_id,
                colours[stop.van_id],
                stop.kind,
                "to_come",
                stop.at,
                "" if stop.doorstep else named(stop.name, stop.name_en, locale),
            )
            for stop in stops
        ),
    )

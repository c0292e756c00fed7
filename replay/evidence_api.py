"""The evidence of a day over HTTP: what each planned stop came to, for pages and for settlement."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from starlette.requests import Request

from fleet import audit, words
from fleet.context import Context, get_context
from fleet.registry import Van, mask_name, vans
from fleet.session import Principal, require
from replay import store
from replay.calls import rows
from replay.evidence_csv import table

router = APIRouter(prefix="/api/evidence")

InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Dispatcher = Annotated[Principal, Depends(require("dispatcher"))]
_PLANNED = ("begins", "leaves", "window_from", "window_to")
_PLAIN = (
    "stop_id", "seq", "kind", "planned_van_id", "lon", "lat", "verdict", "arrived", "departed", "tapped",
    "dwell_s", "sharers", "distance_m", "late_s", "window_late_s", "late", "in_order", "grade", "score",
    "parts", "visits", "verified", "computed",
)  # fmt: skip


@router.get("/{day}.csv")
def day_as_csv(
    day: date, request: Request, context: InContext, who: Dispatcher, language: words.Locale | None = None
) -> Response:
    """A day's evidence as a table for settlement, in the asker's language; who took it is written down.

    It carries elders' codes, which a viewer does not see.
    """
    chosen = language or request.cookies.get("lang")
    locale = words.locale_of(request.headers.get("accept-language"), chosen)
    with context.engine.begin() as conn:
        bounds = store.bounds_of(conn, who.district_id, day)
        fleet = vans(conn, who.district_id)
        found = _read(conn, who.district_id, day, None)
        audit.record(conn, who.actor, "evidence.export", f"day:{day}", who.district_id, stops=len(found))
    body = table(found, {van.id: van for van in fleet}, bounds.timezone, locale)
    name = f"evidence-{day}-{locale}.csv"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/{day}")
def day(day: date, context: InContext, viewer: Viewer) -> Response:
    """What the stops of all vans came to."""
    with context.engine.connect() as conn:
        fleet = vans(conn, viewer.district_id)
        return _respond(conn, viewer, day, fleet)


@router.get("/{day}/{van_id}")
def day_of_van(day: date, van_id: int, context: InContext, viewer: Viewer) -> Response:
    """What one van's stops came to.

    Raises
    ------
    NotFound : the van is none of the viewer's district.
    """
    with context.engine.connect() as conn:
        van = store.find_van(conn, viewer.district_id, van_id)
        return _respond(conn, viewer, day, (van,))


def _respond(conn: sa.Connection, viewer: Principal, day: date, fleet: tuple[Van, ...]) -> Response:
    bounds = store.bounds_of(conn, viewer.district_id, day)
    only = fleet[0].id if len(fleet) == 1 else None
    stops: dict[int, list[dict[str, Any]]] = {van.id: [] for van in fleet}
    for row in _read(conn, viewer.district_id, day, only):
        stops[row["van_id"]].append(_stop(row))
    body = {
        "day": str(day),
        "timezone": bounds.timezone,
        "vans": [_van(van, stops[van.id]) for van in fleet],
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _read(conn: sa.Connection, district_id: int, day: date, van_id: int | None) -> list[dict[str, Any]]:
    return rows(conn, "evidence_of_day", {"district_id": district_id, "day": day, "van_id": van_id})


def _van(van: Van, stops: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": van.id,
        "name": van.name,
        "name_en": van.name_en,
        "colour": van.colour,
        "verdicts": Counter(stop["verdict"] for stop in stops),
        "grades": Counter(stop["grade"] for stop in stops if stop["grade"]),
        "late": sum(1 for stop in stops if stop["late"]),
        "out_of_order": sum(1 for stop in stops if stop["in_order"] is False),
        "computed": max((stop["computed"] for stop in stops), default=None),
        "stops": stops,
    }


def _stop(row: dict[str, Any]) -> dict[str, Any]:
    who = mask_name(row["who"]) if row["who"] else ""
    return {
        **{name: row[name] for name in _PLAIN},
        "name": who or row["place"] or "",
        "name_en": who or row["place_en"] or row["place"] or "",
        "planned": {name: row[name] for name in _PLANNED},
        "planned_s": max(0, row["leaves"] - row["begins"]) // 1000,
    }

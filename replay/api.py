"""The day's data for the replay page, sent van by van: a large fleet never sits in memory whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import msgspec
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from fleet.context import Context, get_context
from fleet.registry import Van, vans
from fleet.session import Principal, require
from fleet.sos_messages import journal_body
from fleet.units import ms_of
from replay import store
from replay.playback import delta_encode
from replay.store import DayBounds, VanDay

router = APIRouter(prefix="/api/replay")

InContext = Annotated[Context, Depends(get_context)]
Viewer = Annotated[Principal, Depends(require("viewer"))]


@router.get("")
def days(context: InContext, viewer: Viewer) -> dict[str, list[date]]:
    """Which days can be played, the newest first."""
    with context.engine.connect() as conn:
        return {"days": store.days_with_tracks(conn, viewer.district_id)}


@router.get("/{day}")
def day(day: date, context: InContext, viewer: Viewer) -> Response:
    """The whole fleet's day."""
    with context.engine.connect() as conn:
        bounds = store.bounds_of(conn, viewer.district_id, day)
        fleet = vans(conn, viewer.district_id)
    return _respond(context, viewer, bounds, fleet)


@router.get("/{day}/{van_id}")
def day_of_van(day: date, van_id: int, context: InContext, viewer: Viewer) -> Response:
    """One van's day.

    Raises
    ------
    NotFound : the van is none of the viewer's district.
    """
    with context.engine.connect() as conn:
        bounds = store.bounds_of(conn, viewer.district_id, day)
        van = store.find_van(conn, viewer.district_id, van_id)
    return _respond(context, viewer, bounds, (van,))


def _respond(context: Context, viewer: Principal, bounds: DayBounds, fleet: tuple[Van, ...]) -> Response:
    parts = _parts(context.engine, viewer.district_id, bounds, fleet)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(parts, media_type="application/json", headers=headers)


def _parts(engine: sa.Engine, district_id: int, bounds: DayBounds, fleet: tuple[Van, ...]) -> Iterator[bytes]:
    head = msgspec.json.encode(
        {
            "day": bounds.day,
            "start": ms_of(bounds.start),
            "end": ms_of(bounds.end),
            "timezone": bounds.timezone,
        }
    )
    yield head[:-1] + b',"vans":['
    # A connection is held while it is asked, never while a slow reader takes what it said.
    for n, van in enumerate(fleet):
        with engine.connect() as conn:
            found = store.van_day(conn, district_id, van, bounds)
        yield (b"," if n else b"") + msgspec.json.encode(van_day_to_json(found))
    chosen = {van.id for van in fleet}
    with engine.connect() as conn:
        cases = store.cases_of_day(conn, district_id, bounds)
    shown = [journal_body(case) for case in cases if len(fleet) != 1 or case.van_id in chosen]
    yield b'],"sos":' + msgspec.json.encode(shown) + b"}"


def van_day_to_json(day: VanDay) -> dict[str, object]:
    """One van's day as the page reads it; the track's columns are delta-encoded integers."""
    van = day.van
    return {
        "id": van.id,
        "name": van.name,
        "name_en": van.name_en,
        "colour": van.colour,
        "t": delta_encode(day.t_ms),
        "lon_e6": delta_encode(day.lon_e6),
        "lat_e6": delta_encode(day.lat_e6),
        "gaps": [[gap.start_ms, gap.end_ms] for gap in day.gaps],
        "stays": [[stay.starts_ms, stay.ends_ms, stay.lon, stay.lat] for stay in day.stays],
        "stops": day.stops,
        "route": day.route,
        "taps": day.taps,
    }

"""Tracks to take away: whoever dispatches may, each time is written down, and few at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from fleet import audit, registry
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.download import Download, place_in
from fleet.session import Principal, require
from fleet.words import Locale, locale_of
from replay import export, export_csv, export_geojson, export_gpx, export_parquet, store
from replay.export import Format, Leaf, Order, Parts

router = APIRouter()
AT_ONCE: Final = 4
"""Each holds a day's columns in memory."""
running = threading.BoundedSemaphore(AT_ONCE)
_Writer = Callable[[Order, Iterable[Leaf]], Parts]
_FORMATS: Final[dict[Format, tuple[_Writer, str]]] = {
    "gpx": (export_gpx.write, "application/gpx+xml"),
    "geojson": (export_geojson.write, "application/geo+json"),
    "csv": (export_csv.write, "text/csv; charset=utf-8"),
    "parquet": (export_parquet.write, "application/vnd.apache.parquet"),
}


@router.get("/api/export/{van_id}")
def export_track(
    van_id: int,
    request: Request,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("dispatcher"))],
    first: date,
    last: date | None = None,
    kind: Annotated[Format, Query(alias="format")] = "gpx",
) -> Response:
    """One van's stored fixes of a day, or from `first` to `last`, in one of four formats.

    Raises
    ------
    NotFound : the van is none of the asker's district.
    InvalidInput : the days cannot be asked for at once.
    TooMany : as many exports as may run do run.
    """
    locale = locale_of(request.headers.get("accept-language"), request.cookies.get("lang"))
    order = _ordered(context, who, van_id, (first, last or first), locale)
    with place_in(running, AT_ONCE):
        _note(context, who, order, kind)
    write, media_type = _FORMATS[kind]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(export.file_name(order, kind))}",
    }
    parts = write(order, export.leaves(context.engine, order))
    return Download(parts, running, media_type, headers)


def _ordered(context: Context, who: Principal, van_id: int, days: tuple[date, date], locale: Locale) -> Order:
    export.check_days(*days)
    with translate_errors(), context.engine.connect() as conn:
        district = registry.district(conn, who.district_id)
        van = store.find_van(conn, who.district_id, van_id)
    return Order(district, van, *days, locale)


def _note(context: Context, who: Principal, order: Order, kind: Format) -> None:
    """Write down who took which track with them."""
    days = {"first": str(order.first), "last": str(order.last)}
    with translate_errors(), context.engine.begin() as conn:
        subject = f"van:{order.van.id}"
        audit.record(conn, who.actor, "track.export", subject, who.district_id, format=kind, days=days)

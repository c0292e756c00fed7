"""Plans to take away as files: whoever dispatches may, each time is written down, and few at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Response

from fleet import audit
from fleet.context import Context, get_context
from fleet.db import translate_errors
from fleet.download import Download, place_in
from fleet.session import Principal, require
from routing import plan_csv, plan_geojson, plan_gpx, plan_json, plan_vroom, plan_xlsx
from routing.api import InLocale
from routing.sheaf import Sheaf, read_sheaf

router = APIRouter(prefix="/api/plans")
Format = Literal["json", "csv", "geojson", "gpx", "xlsx", "vroom"]
AT_ONCE: Final = 4
running = threading.BoundedSemaphore(AT_ONCE)
FORMATS: Final[dict[Format, tuple[Callable[[Sheaf], Iterator[bytes]], str]]] = {
    "json": (plan_json.write, "application/json"),
    "csv": (plan_csv.write, "text/csv; charset=utf-8"),
    "geojson": (plan_geojson.write, "application/geo+json"),
    "gpx": (plan_gpx.write, "application/gpx+xml"),
    "xlsx": (plan_xlsx.write, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "vroom": (plan_vroom.write, "application/json"),
}
"""How each is written, and what it is."""


@router.get("/{plan_id}.{kind}")
def plan_file(
    plan_id: int,
    kind: Format,
    context: Annotated[Context, Depends(get_context)],
    who: Annotated[Principal, Depends(require("dispatcher"))],
    locale: InLocale,
) -> Response:
    """One plan in one of six formats.

    Raises
    ------
    NotFound : the district has no such plan.
    TooMany : as many exports as may run do run.
    """
    with place_in(running, AT_ONCE), translate_errors(), context.engine.begin() as conn:
        sheaf = read_sheaf(conn, who.district_id, plan_id, locale)
        audit.record(conn, who.actor, "plan.export", f"plan:{plan_id}", who.district_id, format=kind)
    write, media_type = FORMATS[kind]
    name = f"plan-{sheaf.plan.day}-{plan_id}.{'vroom.json' if kind == 'vroom' else kind}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Download(write(sheaf), running, media_type, headers)

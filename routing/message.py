"""A van's plan as its terminal is told it. Times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet.registry import mask_name
from fleet.units import ms_of
from routing.stored import PlanRow, RouteRow, StopRow


def message_of(
    plan: PlanRow, route: RouteRow, stops: Sequence[StopRow], items: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The body of the outbox message that carries one van's route. Names of persons are masked."""
    used = {code for stop in stops for code in stop.items}
    return {
        "id": plan.id,
        "day": plan.day.isoformat(),
        "version": plan.version,
        "shift": {"starts": ms_of(route.starts), "ends": ms_of(route.ends)},
        "stops": [_stop(stop) for stop in stops],
        "route": [[lon, lat] for lon, lat in route.line],
        "items": {
            code: {"name": row["name"], "name_en": row["name_en"], "container": row["container"]}
            for code, row in items.items()
            if code in used
        },
        "basis": plan.basis,
    }


def _stop(stop: StopRow) -> dict[str, Any]:
    window = None
    if stop.window_from is not None and stop.window_to is not None:
        window = [ms_of(stop.window_from), ms_of(stop.window_to)]
    return {
        "id": stop.id,
        "seq": stop.seq,
        "kind": stop.kind,
        "name": stop.name or "",
        "lon": stop.lon,
        "lat": stop.lat,
        "arrives": ms_of(stop.arrives),
        "begins": ms_of(stop.begins),
        "leaves": ms_of(stop.leaves),
        "window": window,
        "items": dict(stop.items),
        "who": mask_name(stop.who) if stop.who else None,
        "sugar_free": stop.sugar_free,
        "recipient": stop.recipient_id,
        "beat": stop.beat,
    }

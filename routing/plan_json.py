"""A plan as JSON for programs: instants with their offset, seconds and metres, places as lon and lat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from routing.sheaf import Line, Sheaf
from routing.stored import RouteRow


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The file in pieces, a van at a time."""
    head = {
        "plan": _plan(sheaf),
        "unserved": [
            {
                "place": each.place,
                "who": each.who,
                "mandatory": each.mandatory,
                "reasons": list(each.reasons),
            }
            for each in sheaf.left()
        ],
    }
    yield _dumped(head)[:-1] + b',"vans":['
    for n, route in enumerate(sheaf.routes):
        yield (b"," if n else b"") + _dumped(_van(sheaf, route))
    yield b"]}\n"


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _plan(sheaf: Sheaf) -> dict[str, Any]:
    plan = sheaf.plan
    return {
        "id": plan.id,
        "district": sheaf.named(sheaf.district.name, sheaf.district.name_en),
        "day": plan.day.isoformat(),
        "timezone": sheaf.district.timezone,
        "status": plan.status,
        "version": plan.version,
        "basis": plan.basis,
        "levels": dict(plan.levels),
        "created_at": plan.created_at.isoformat(),
        "published_at": plan.published_at.isoformat() if plan.published_at else None,
    }


def _van(sheaf: Sheaf, route: RouteRow) -> dict[str, Any]:
    return {
        "id": route.van_id,
        "code": route.van,
        "name": sheaf.van_name(route.van_id),
        "starts": route.starts.astimezone(sheaf.zone).isoformat(),
        "ends": route.ends.astimezone(sheaf.zone).isoformat(),
        "patrol_s": route.patrol_s,
        "drive_s": route.drive_s,
        "drive_m": route.drive_m,
        "stops": [_stop(line) for line in sheaf.lines(route.van_id)],
        "line": [list(point) for point in route.line],
    }


def _stop(line: Line) -> dict[str, Any]:
    return {
        "id": line.stop_id,
        "seq": line.seq,
        "kind": line.kind,
        "place": line.place,
        "who": line.who,
        "lon": line.lon,
        "lat": line.lat,
        "arrives": line.arrives.isoformat(),
        "begins": line.begins.isoformat(),
        "leaves": line.leaves.isoformat(),
        "window": [each.isoformat() for each in line.window] if line.window else None,
        "portions": [{"item": item, "cups": cups} for item, cups in line.portions],
        "flags": list(line.flags),
        "notes": list(line.notes),
    }

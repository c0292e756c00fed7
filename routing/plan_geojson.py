"""A plan as GeoJSON (RFC 7946): a line a van and a point a stop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from routing.sheaf import Line, Sheaf
from routing.stored import RouteRow


def write(sheaf: Sheaf) -> Iterator[bytes]:
    """The file in pieces, a van at a time."""
    yield b'{"type":"FeatureCollection","features":[\n'
    for n, route in enumerate(sheaf.routes):
        features = [_route(sheaf, route), *(_stop(line) for line in sheaf.lines(route.van_id))]
        text = ",\n".join(json.dumps(each, ensure_ascii=False) for each in features)
        yield (",\n" if n else "").encode() + text.encode()
    yield b"\n]}\n"


def _route(sheaf: Sheaf, route: RouteRow) -> dict[str, Any]:
    van = sheaf.vans.get(route.van_id)
    return _feature(
        {"type": "LineString", "coordinates": [list(point) for point in route.line]},
        role="route",
        van=sheaf.van_name(route.van_id),
        van_id=route.van_id,
        stroke=van.colour if van else "#8594a3",
        starts=route.starts.astimezone(sheaf.zone).isoformat(),
        ends=route.ends.astimezone(sheaf.zone).isoformat(),
        patrol_s=route.patrol_s,
        drive_s=route.drive_s,
        drive_m=route.drive_m,
    )


def _stop(line: Line) -> dict[str, Any]:
    return _feature(
        {"type": "Point", "coordinates": [line.lon, line.lat]},
        role="stop",
        id=line.stop_id,
        van=line.van,
        van_id=line.van_id,
        seq=line.seq,
        kind=line.kind,
        place=line.place,
        who=line.who,
        arrives=line.arrives.isoformat(),
        begins=line.begins.isoformat(),
        leaves=line.leaves.isoformat(),
        portions={item: cups for item, cups in line.portions},
        flags=list(line.flags),
    )


def _feature(geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}

"""The ground of a document: roads, water and parks as coarse lines of a bounded size, out of the base map."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from fleet import sql
from fleet.geo import M_PER_DEG
from maps.document import Sheet
from maps.scene import Feature, LonLat, collection

_SQL = sql.load(Path(__file__).with_name("documents.sql"))
MOST_POINTS: Final = 24_000
"""So many points of roads, and a quarter as many of areas: about half a megabyte."""
_MARGIN: Final = 0.5
_DOTS: Final = 4000
"""The box's longer side is drawn this fine."""


def read(conn: sa.Connection, bounds: tuple[LonLat, LonLat] | None) -> tuple[Sheet, str]:
    """The ground around a box, and what the map must say of its origin; empty without a base map."""
    has = conn.exec_driver_sql(_SQL["has_ground"]).one()
    if not has.ground or bounds is None:
        return Sheet("ground", "", collection([])), ""
    (west, south), (east, north) = bounds
    wide, high = (east - west) * _MARGIN, (north - south) * _MARGIN
    side_m = max((east - west) * math.cos(math.radians(south)), north - south) * (1 + 2 * _MARGIN) * M_PER_DEG
    box = {
        "west": west - wide, "south": south - high, "east": east + wide, "north": north + high,
        "coarse_m": max(2.0, side_m / _DOTS),
    }  # fmt: skip
    areas = _rows(conn, "ground_areas", box)
    roads = _rows(conn, "ground_roads", box)
    found = [
        *(_feature(row["area"], role="area", layer=row["layer"]) for row in kept(areas, MOST_POINTS // 4)),
        *(_feature(row["line"], role="road", rank=row["rank"]) for row in reversed(kept(roads, MOST_POINTS))),
    ]
    said = conn.exec_driver_sql(_SQL["attribution"]).scalar() if has.source else ""
    return Sheet("ground", "", collection(found)), said or ""


def kept(rows: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The first of some rows, as many as have so many points together at most."""
    found, points = [], 0
    for row in rows:
        points += row["points"]
        if points > most:
            break
        found.append(row)
    return found


def _rows(conn: sa.Connection, name: str, params: Mapping[str, object]) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], dict(params)).mappings()]


def _feature(geometry: str, **properties: object) -> Feature:
    return {"type": "Feature", "geometry": json.loads(geometry), "properties": properties}

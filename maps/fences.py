"""A district's fences as a map draws them, with what a pointer is told of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa

from fleet.units import ms_of
from fleet.words import Locale, translate
from maps import scene
from maps.naming import named
from maps.scene import LonLat
from tracking import fence_store
from tracking.fence import Fence, ground
from tracking.fence_store import Entry

_QUARTER_MS: Final = 900_000
_PLACES: Final = 6
_KINDS: Final = {
    "area": "area",
    "circle": "circle, {m} m about its middle",
    "corridor": "corridor, {m} m to each side",
}


def now(conn: sa.Connection, district_id: int, at: datetime, locale: Locale) -> tuple[scene.Fence, ...]:
    """The fences in use at a time, by id; those that do not count just then are marked."""
    found = fence_store.in_use(conn, district_id)
    return _drawn(conn, district_id, found, [ms_of(at)], locale)


def of_day(
    conn: sa.Connection, district_id: int, van_id: int, span: tuple[datetime, datetime], locale: Locale
) -> tuple[scene.Fence, ...]:
    """The fences of a van's past day; those that counted at no time of it are marked.

    Parameters
    ----------
    span : from the day's midnight to the next
    """
    found = [each for each in fence_store.counting(conn, district_id, *span) if each.concerns(van_id)]
    return _drawn(conn, district_id, found, range(ms_of(span[0]), ms_of(span[1]), _QUARTER_MS), locale)


def _drawn(
    conn: sa.Connection, district_id: int, found: Iterable[Fence], at_ms: Iterable[int], locale: Locale
) -> tuple[scene.Fence, ...]:
    names = {each.id: each for each in fence_store.entries(conn, district_id)}
    times = np.array(list(at_ms), np.int64)
    drawn = []
    for fence in found:
        in_force = bool(fence.in_force(times).any())
        drawn.append(
            scene.Fence(fence.id, _label(fence, names[fence.id], in_force, locale), _parts(fence), in_force)
        )
    return tuple(drawn)


def _label(fence: Fence, entry: Entry, in_force: bool, locale: Locale) -> str:
    said = [
        named(entry.name, entry.name_en, locale),
        translate(locale, _KINDS[fence.kind], m=f"{fence.radius_m:g}"),
    ]
    if not in_force:
        said.append(translate(locale, "not in force"))
    return " · ".join(said)


def _parts(fence: Fence) -> tuple[tuple[tuple[LonLat, ...], ...], ...]:
    shape = ground(fence)
    parts = shapely.get_parts(shape)
    return tuple(
        tuple(_ring(shapely.get_coordinates(ring)) for ring in (part.exterior, *part.interiors))
        for part in parts
    )


def _ring(corners: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[LonLat, ...]:
    return tuple((lon, lat) for lon, lat in np.round(corners, _PLACES).tolist())

"""Roads that are closed today: told by a dispatcher, in force until a time, lifted before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.context import Context
from fleet.errors import InvalidInput
from fleet.geo import LonLat
from fleet.main import happened
from fleet.main.happened import Happened
from fleet.roads import Roads
from fleet.units import ms_of
from routing.closure import Closure, Ways, avoid


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure in force; `id` names it when it is lifted."""

    id: int
    place: Closure
    until_ms: int
    name: str
    at: datetime


def in_force(before: Sequence[Happened], now: datetime) -> tuple[Closed, ...]:
    """Which of a day's closures hold now: not lifted, and not over."""
    lifted = {each.body["closure"] for each in before if each.body["kind"] == "road_opened"}
    return tuple(
        Closed(
            each.id,
            Closure(each.body["lon"], each.body["lat"], each.body["radius_m"]),
            each.body["until"],
            each.body["name"],
            each.at,
        )
        for each in before
        if each.body["kind"] == "road_closed" and each.id not in lifted and each.body["until"] > ms_of(now)
    )


def today(conn: sa.Connection, context: Context, district_id: int) -> tuple[Closed, ...]:
    """The closures in force in a district now."""
    now = context.clock.now()
    day = now.astimezone(ZoneInfo(registry.district(conn, district_id).timezone)).date()
    return in_force(happened.today(conn, district_id, day), now)


def ways(roads: Roads, points: Sequence[LonLat], closures: Sequence[Closure]) -> Ways:
    """Driving times between points, the first rows of the table, round what is closed.

    Raises
    ------
    InvalidInput : a closure lies on no road.
    """
    every, rows = list(points), dict[Closure, list[int]]()
    for closure in closures:
        on = _on_roads(roads, closure)
        rows[closure] = list(range(len(every), len(every) + len(on)))
        every += [*on, *closure.beside()]
    return avoid(roads.table(every), every, rows)


def _on_roads(roads: Roads, closure: Closure) -> list[LonLat]:
    snapped = [roads.nearest(point) for point in closure.inside()]
    if any(each.basis != "road" for each in snapped):
        return []
    found = list(dict.fromkeys(each.point for each in snapped if closure.holds(each.point)))
    if not found:
        raise InvalidInput(
            "No road lies within {radius} m of that place. Click on the road, or choose a wider circle.",
            radius=round(closure.radius_m),
        )
    return found

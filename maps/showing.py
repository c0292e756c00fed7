"""What the guests of a share are told, as the message that goes to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from fleet import journal, registry
from fleet.context import Context
from fleet.units import moment_of, ms_of
from maps import sightings
from maps.share_store import Share
from maps.sightings import STEP_MS, Spot
from maps.veil import MARK_MS

_DAY_HOLDS_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Telling:
    """A message, and for how many wall seconds it need not be made anew."""

    message: bytes
    holds_s: float = 0.0


def telling(context: Context, share: Share) -> Telling:
    """Make the message of now. Asks the database: not for the event loop."""
    now, scope = context.clock.now(), share.scope
    with context.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        zone = ZoneInfo(registry.district(conn, share.district_id).timezone)
        standing, at = scope.standing(now, zone), scope.at(now)
        if standing == "past" and scope.day is not None:
            begins, ends = scope.hours_on(scope.day, zone)
            days = sightings.over(conn, share.district_id, scope, begins=begins, ends=ends, day=scope.day)
            told = {"begins": ms_of(begins), "ends": ms_of(ends), "step_ms": STEP_MS}
            vans = [[van, _changes(seen)] for van, seen in days.items()]
            return Telling(msgspec.json.encode({"day": {**told, "vans": vans}}), _DAY_HOLDS_S)
        seen: list[Spot] = []
        if standing == "live":
            day = at.astimezone(zone).date()
            seen = sightings.live(conn, share.district_id, scope, at=at, day=day)
        # As of the last whole five minutes: a crew's tap raises the number, and when they tap is not told.
        state = journal.standing(conn, share.district_id, moment_of(ms_of(at) // MARK_MS * MARK_MS))
    shown = [[each.van_id, each.lon, each.lat, each.stale, each.held] for each in seen]
    told_now = {"as_of": ms_of(at), "standing": standing, "state": state, "vans": shown}
    return Telling(msgspec.json.encode(told_now))


def _changes(seen: Sequence[Spot | None]) -> list[list[Any]]:
    """The steps at which something is shown otherwise, each with what is shown from then on."""
    rows: list[list[Any]] = []
    before: list[Any] = []
    for n, spot in enumerate(seen):
        row = [] if spot is None else [spot.lon, spot.lat, spot.stale, spot.held]
        if row != before:
            rows.append([n, *row])
        before = row
    return rows

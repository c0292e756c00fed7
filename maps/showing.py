"""What the guests of a share are told, as the message that goes to all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
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
_DAY_HOLDS_TIMES: Final = 30.0
"""A fleet's day takes seconds to make: it holds for so many times as long."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Messages that follow each other, >= 1, and for how many wall seconds they need not be made anew."""

    messages: tuple[bytes, ...]
    holds_s: float = 0.0


def telling(
    context: Context, share: Share, so_far: Callable[[tuple[bytes, ...]], None] | None = None
) -> Telling:
    """Make the messages of now. Asks the database: not for the event loop.

    Parameters
    ----------
    so_far : told the first messages of a day that is over while the others are being made
    """
    now, scope = context.clock.now(), share.scope
    with context.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
        zone = ZoneInfo(registry.district(conn, share.district_id).timezone)
        standing, at = scope.standing(now, zone), scope.at(now)
        if standing == "past" and scope.day is not None:
            begins, ends = scope.hours_on(scope.day, zone)
            days = sightings.over(conn, share.district_id, scope, begins=begins, ends=ends, day=scope.day)
            told = {"begins": ms_of(begins), "ends": ms_of(ends), "step_ms": STEP_MS}
            began_s = time.monotonic()
            messages = _day(told, days, so_far)
            took_s = time.monotonic() - began_s
            return Telling(messages, max(_DAY_HOLDS_S, _DAY_HOLDS_TIMES * took_s))
        seen: list[Spot] = []
        if standing == "live":
            day = at.astimezone(zone).date()
            seen = sightings.live(conn, share.district_id, scope, at=at, day=day)
        # As of the last whole five minutes: a crew's tap raises the number, and when they tap is not told.
        state = journal.standing(conn, share.district_id, moment_of(ms_of(at) // MARK_MS * MARK_MS))
    shown = [[each.van_id, each.lon, each.lat, each.stale, each.held] for each in seen]
    told_now = {"as_of": ms_of(at), "standing": standing, "state": state, "vans": shown}
    return Telling((msgspec.json.encode(told_now),))


def _day(
    told: dict[str, int],
    days: Iterable[Mapping[int, Sequence[Spot | None]]],
    so_far: Callable[[tuple[bytes, ...]], None] | None,
) -> tuple[bytes, ...]:
    """The day's hours, then each part's vans, then that it is whole.

    A part is small enough for a slow line's patience, and is drawn while the next is being made.
    """
    messages: tuple[bytes, ...] = (msgspec.json.encode({"day": told}),)
    for each in days:
        part = {"part": [[van, _changes(seen)] for van, seen in each.items()]}
        messages = (*messages, msgspec.json.encode(part))
        if so_far is not None:
            so_far(messages)
    return (*messages, msgspec.json.encode({"whole": True}))


def _changes(seen: Sequence[Spot | None]) -> list[list[int]]:
    """The steps at which something is shown otherwise, each with what is shown from then on.

    Places in 1e-5 degrees, then 1 for stale, and 2 more for held.
    """
    rows: list[list[int]] = []
    before: list[int] = []
    for n, spot in enumerate(seen):
        row = [] if spot is None else [_e5(spot.lon), _e5(spot.lat), spot.stale + 2 * spot.held]
        if row != before:
            rows.append([n, *row])
        before = row
    return rows


def _e5(degrees: float) -> int:
    return round(degrees * 1e5)

"""What vans have begun of the day's published plan, and how late they are, told to the planner's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.context import Context
from fleet.geo import LonLat
from fleet.roads import Roads
from maps.crew import heading_for
from maps.day import CLOSING, Stop, Tap, day_start, read_published, read_rows, read_stops

Away: TypeAlias = Callable[[LonLat], int | None]
"""Seconds of the drive from where a van was seen last; None where it was not seen or no road leads."""
_AT_STOP = frozenset({"arrived", "started"})
_MINUTE_S = 60
_AT_ONCE: Final = 50
"""Two places a van: as many as a road server allows in one table unless it is told otherwise."""


def look(conn: sa.Connection, context: Context, district_id: int, day: date) -> Mapping[int, int]:
    """The stops of visits that are done, passed over, served or driven to, none on another day than today.

    The last of each van has the seconds that it is behind the plan, by whole minutes; the others have 0.
    """
    now = context.clock.now()
    district = registry.district(conn, district_id)
    if now.astimezone(ZoneInfo(district.timezone)).date() != day:
        return {}
    published = read_published(conn, district_id, day)
    if published is None:
        return {}
    stops = read_stops(conn, published.id)
    vans = sorted({stop.van_id for stop in stops})
    start = day_start(district, day)
    taps = [Tap(**row) for row in read_rows(conn, "taps", **{"vans": vans, "from": start, "to": now})]
    seen = {
        row["van_id"]: (row["lon"], row["lat"])
        for row in read_rows(conn, "positions", district=district_id)
        if row["t"] >= start
    }
    ways = [
        _Way([s for s in stops if s.van_id == van], [tap for tap in taps if tap.van_id == van], seen.get(van))
        for van in vans
    ]
    underway = [(way, calls) for way in ways if (calls := list(begun(way.stops, way.taps, now)))]
    drives = _drives(context.roads, [pair for way, _ in underway if (pair := way.pair(now)) is not None])
    found: dict[int, int] = {}
    for way, calls in underway:
        found |= dict.fromkeys(calls, 0)
        found[calls[-1]] = late_s(way.stops, way.taps, now, _away(drives, way.seen))
    return found


class _Way(NamedTuple):
    """One van's stops, its crew's taps, and where it was seen last."""

    stops: Sequence[Stop]
    taps: Sequence[Tap]
    seen: LonLat | None

    def pair(self, now: datetime) -> tuple[LonLat, LonLat] | None:
        """From where to where it drives; None where it stands, has ended or was not seen."""
        goal = heading_for(self.stops, self.taps, now)
        if goal is None or goal.kind == "pass" or self.seen is None or _came(goal, self.taps):
            return None
        return self.seen, goal.at


def begun(stops: Sequence[Stop], taps: Sequence[Tap], now: datetime) -> Iterator[int]:
    """Of one van's stops those that it cannot be taken off any more; none before it leaves."""
    known = {stop.id for stop in stops}
    if stops[0].leaves > now and not any(tap.stop_id in known for tap in taps):
        return
    goal = heading_for(stops, taps, now)
    for stop in stops:
        if stop.kind in ("visit", "dropoff") and (goal is None or stop.seq <= goal.seq):
            yield stop.id


def late_s(stops: Sequence[Stop], taps: Sequence[Tap], now: datetime, away: Away) -> int:
    """Seconds that a van is behind its plan at the stop that it is at or heads for; 0 where it is not.

    At a stop its crew's arrival counts, and the time past the planned leaving; on the way when it can be
    there; behind the last stop its end. Whole minutes, so that a plan need not be timed anew each second.
    """
    goal = heading_for(stops, taps, now)
    if goal is None:
        late = _ended_late(stops, taps)
    else:
        came = _came(goal, taps)
        late = max(min(came) - goal.begins, now - goal.leaves) if came else _coming_late(goal, now, away)
    return max(0, -(-int(late.total_seconds()) // _MINUTE_S) * _MINUTE_S)


def _ended_late(stops: Sequence[Stop], taps: Sequence[Tap]) -> timedelta:
    ends = {stop.id: stop.leaves for stop in stops}
    over = [tap.t - ends[tap.stop_id] for tap in taps if tap.kind in CLOSING and tap.stop_id in ends]
    return over[-1] if over else timedelta()


def _coming_late(goal: Stop, now: datetime, away: Away) -> timedelta:
    """How late it will begin there; a place that it only passes near is left behind at its hour."""
    if goal.kind == "pass":
        return now - goal.leaves
    drive_s = away(goal.at)
    return now + timedelta(seconds=drive_s or 0) - goal.begins


def _came(goal: Stop, taps: Sequence[Tap]) -> list[datetime]:
    return [tap.t for tap in taps if tap.stop_id == goal.id and tap.kind in _AT_STOP]


def _drives(roads: Roads, pairs: Sequence[tuple[LonLat, LonLat]]) -> Mapping[tuple[LonLat, LonLat], int]:
    """The seconds of these drives, -1 where no road leads. The roads are asked once for `_AT_ONCE` vans."""
    found: dict[tuple[LonLat, LonLat], int] = {}
    for first in range(0, len(pairs), _AT_ONCE):
        some = pairs[first : first + _AT_ONCE]
        seconds = roads.table([place for pair in some for place in pair]).seconds
        found |= {pair: int(seconds[2 * n, 2 * n + 1]) for n, pair in enumerate(some)}
    return found


def _away(drives: Mapping[tuple[LonLat, LonLat], int], seen: LonLat | None) -> Away:
    def drive_s(to: LonLat) -> int | None:
        seconds = -1 if seen is None else drives.get((seen, to), -1)
        return None if seconds < 0 else seconds

    return drive_s

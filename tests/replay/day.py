"""Hand-made days of a van for tests of evidence: what it stood at, when, and what was tapped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from fleet.geo import LonLat, destination, haversine_m
from fleet.units import ms_of
from replay.facts import Planned, Tap
from tests.replay.seeding import LAT, LON, MORNING
from tracking.stays import Stay, find_stays
from tracking.track import Floats, Track

START_MS = ms_of(MORNING)
DOOR: LonLat = (LON, LAT)
FAR: LonLat = (LON + 0.8, LAT + 0.1)
"""About 73 km away from `DOOR`."""
_SPEED_MPS = 8.0


def at(minutes: float) -> int:
    """Epoch milliseconds of a time of the day, counted from 08:30."""
    return START_MS + round(minutes * 60_000)


def east(metres: float, of: LonLat = DOOR) -> LonLat:
    """A place east of another."""
    return destination(of, 90, metres)


def plan(n: int, minutes: float, place: LonLat = DOOR, kind: str = "visit", *, takes: float = 15) -> Planned:
    """The n-th stop."""
    return Planned(n, n, kind, *place, at(minutes), at(minutes + takes))


def stood(since: float, until: float, place: LonLat = DOOR) -> Stay:
    """A stay from minute to minute."""
    return Stay(at(since), at(until), *place, 0, 0)


def tap(
    n: int, minutes: float, stop: int | None, kind: str = "done", *, terminal: int = 1, pictures: int = 0
) -> Tap:
    """The n-th tap; its terminal does not know where it was."""
    return Tap(at(minutes), terminal, UUID(int=n), kind, stop, pictures=pictures)


def tapped_at(tapped: Tap, place: LonLat) -> Tap:
    """The tap of a terminal that says where it was."""
    return replace(tapped, lon=place[0], lat=place[1])


def drive(calls: Sequence[tuple[float, float, LonLat]], *, every_s: float = 5) -> Track:
    """A track that stands from minute to minute at each place, and drives between them as a van does.

    Where there is more time than the way takes, it waits halfway.
    """
    t: list[int] = []
    places: list[LonLat] = []
    for since, until, place in calls:
        if t:
            before, last = t[-1], places[-1]
            spare_s = (at(since) - before) / 1000
            for k in range(1, math.ceil(spare_s / every_s)):
                t.append(before + round(k * every_s * 1000))
                places.append(_between(last, place, k * every_s, spare_s))
        for k in range(int((until - since) * 60 / every_s) + 1):
            t.append(at(since) + round(k * every_s * 1000))
            places.append(place)
    unknown: Floats = np.full(len(t), np.nan)
    lon, lat = (np.array([place[axis] for place in places], np.float64) for axis in (0, 1))
    return Track(np.array(t, np.int64), lon, lat, unknown, unknown, unknown)


def _between(start: LonLat, end: LonLat, driven_s: float, whole_s: float) -> LonLat:
    """Where the van is on its way, `driven_s` after it left."""
    needs_s = min(whole_s, haversine_m(start, end) / _SPEED_MPS)
    rest_s = whole_s - driven_s
    share = max(min(driven_s / needs_s, 0.5), 1 - rest_s / needs_s) if needs_s > 0 else 1.0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def stays_of(track: Track) -> tuple[Stay, ...]:
    """Where it stood."""
    return find_stays(track)

"""The algebra of tracks: one van's fixes in, what they prove out. Pure, and blind to the order of arrival.

Every function sorts or chooses by rule for itself, so that late data and repeated data give what data in
order would have given.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from fleet.geo import LonLat, Ring, haversine_m, in_any_ring

LONGEST_GAP_S: Final = 300.0
"""Between fixes farther apart than this nobody knows where the van was."""


class Observed(Protocol):
    """A stored fix, as far as the algebra looks at it; `tracking.store.StoredFix` is one."""

    @property
    def t(self) -> datetime: ...
    @property
    def terminal_id(self) -> int: ...
    @property
    def digest(self) -> int: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...
    @property
    def accuracy_m(self) -> float | None: ...
    @property
    def flags(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Point:
    """Where a van was at one instant: aware time, degrees WGS-84."""

    t: datetime
    lon: float
    lat: float

    @property
    def place(self) -> LonLat:
        """Longitude and latitude."""
        return self.lon, self.lat


@dataclass(frozen=True, slots=True)
class Stay:
    """A dwell seen in a track, at the mean of its points."""

    starts: datetime
    ends: datetime
    lon: float
    lat: float
    points: int


@dataclass(frozen=True, slots=True)
class Circle:
    """A place where patrol does not count, such as a depot; radius in metres."""

    centre: LonLat
    radius_m: float


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a van's patrol counts that day.

    Parameters
    ----------
    beats : rings of the beats assigned to the van
    excluded : depots and kitchens
    """

    beats: Sequence[Ring]
    excluded: Sequence[Circle] = ()

    def counts(self, place: LonLat) -> bool:
        """Whether patrol counts here."""
        inside = in_any_ring(place, self.beats)
        return inside and all(haversine_m(place, c.centre) > c.radius_m for c in self.excluded)


def choose(fixes: Iterable[Observed], primary_terminal: int | None = None) -> tuple[Point, ...]:
    """A van's track: its unflagged fixes by time, one an instant.

    Of fixes that share their instant the van's primary terminal's is taken, then the more accurate, then that
    of the smaller digest and terminal.

    Parameters
    ----------
    fixes : of one van, in any order, repeats allowed
    primary_terminal : None where the van has none
    """
    best: dict[datetime, Observed] = {}
    for fix in fixes:
        if fix.flags == 0:
            held = best.get(fix.t)
            if held is None or _rank(fix, primary_terminal) < _rank(held, primary_terminal):
                best[fix.t] = fix
    return tuple(Point(t, best[t].lon, best[t].lat) for t in sorted(best))


def _rank(fix: Observed, primary_terminal: int | None) -> tuple[bool, float, int, int]:
    accuracy_m = math.inf if fix.accuracy_m is None else fix.accuracy_m
    return fix.terminal_id != primary_terminal, accuracy_m, fix.digest, fix.terminal_id


def distance_m(track: Sequence[Point]) -> float:
    """How far the van went, in metres, over all gaps by the straight line."""
    return math.fsum(haversine_m(a.place, b.place) for a, b in itertools.pairwise(track))


def patrol_s(track: Sequence[Point], ground: Ground) -> float:
    """Proved patrol in seconds: between two fixes that both count, at most five minutes apart."""
    counted = [ground.counts(point.place) for point in track]
    spans = (
        (b.t - a.t).total_seconds()
        for (a, b), (here, there) in zip(itertools.pairwise(track), itertools.pairwise(counted), strict=True)
        if here and there
    )
    return math.fsum(span for span in spans if span <= LONGEST_GAP_S)


def find_stays(track: Sequence[Point], *, radius_m: float, min_dwell_s: float) -> tuple[Stay, ...]:
    """Find where the van stood still.

    Parameters
    ----------
    track : n >= 0, strictly increasing in time
    radius_m : metres, > 0; how far a stay's points may lie from its first
    min_dwell_s : the shortest stay that counts, seconds, >= 0

    Returns
    -------
    Disjoint stays in time order; empty when n < 2.

    Raises
    ------
    ValueError : radius_m <= 0 or min_dwell_s < 0.

    Source: stay points, Li et al. 2008.
    """
    if radius_m <= 0 or min_dwell_s < 0:
        raise ValueError(f"radius {radius_m} m and dwell {min_dwell_s} s must be above zero")
    stays: list[Stay] = []
    first = 0
    while first < len(track) - 1:
        end = first + 1
        while end < len(track) and haversine_m(track[first].place, track[end].place) <= radius_m:
            end += 1
        dwelt_s = (track[end - 1].t - track[first].t).total_seconds()
        if end - first >= 2 and dwelt_s >= min_dwell_s:
            stays.append(_stay(track[first:end]))
            first = end
        else:
            first += 1
    return tuple(stays)


def _stay(points: Sequence[Point]) -> Stay:
    lon = math.fsum(point.lon for point in points) / len(points)
    lat = math.fsum(point.lat for point in points) / len(points)
    return Stay(points[0].t, points[-1].t, lon, lat, len(points))

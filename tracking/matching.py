"""A whole day laid onto the roads: trip by trip, in parts that overlap, through `fleet.roads`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fleet import geo
from fleet.geo import LonLat
from fleet.roads import MATCH_FIXES, Basis, MatchedLeg, Roads
from tracking.stays import Stay, find_stays, find_trips
from tracking.track import LONGEST_GAP_S, Track

EVERY_S: Final = 5.0
"""Fixes nearer in time than this tell the road's side no better, and noise makes them go to and fro."""
OVERLAP: Final = 20
"""Fixes that two parts share; they are joined in the middle of these."""
ACCURACY_M: Final = 10.0


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A way by road, in one piece.

    Parameters
    ----------
    points : its shape
    t_ms : epoch milliseconds, one a point, never falling; between fixes by the share of the way
    metres : its length
    """

    points: tuple[LonLat, ...]
    t_ms: tuple[int, ...]
    metres: float


@dataclass(frozen=True, slots=True)
class MatchedDay:
    """A track on the roads.

    Parameters
    ----------
    lines : in time order; where the track is broken, or fits no road, a line ends
    share_matched : of the fixes asked about, those that fit a road; 0 without roads
    basis : "great-circle" where there is no road network: then the lines are the fixes' own, straight
    """

    lines: tuple[MatchedLine, ...]
    share_matched: float
    basis: Basis

    @property
    def metres(self) -> float:
        """All the way."""
        return sum(line.metres for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Drive:
    """What is asked of one trip: its fixes thinned, a stay's middle at either end."""

    points: list[LonLat]
    t_ms: list[int]


def match_day(
    track: Track, roads: Roads, stays: Sequence[Stay] | None = None, *, gap_s: float = LONGEST_GAP_S
) -> MatchedDay:
    """Lay a day onto the roads.

    A stay is one place, its middle, where one trip ends and the next begins. Over a silence longer than
    `gap_s` no way is guessed.

    Parameters
    ----------
    track : n >= 0, without its jumps (`outliers.sound`)
    stays : of this track, in time order; None: those of `find_stays`
    """
    stays = find_stays(track) if stays is None else stays
    lines: list[MatchedLine] = []
    asked = placed = 0
    basis: Basis = "road"
    for drive in _drives(track, stays, gap_s):
        legs, fitting, basis = _match(drive, roads)
        if basis != "road":
            break
        asked, placed = asked + len(drive.points), placed + fitting
        lines += _lines(drive, legs)
    if basis != "road":
        straight = tuple(_straight(drive) for drive in _drives(track, stays, gap_s))
        return MatchedDay(straight, 0.0, basis)
    return MatchedDay(tuple(lines), placed / asked if asked else 0.0, basis)


def _drives(track: Track, stays: Sequence[Stay], gap_s: float) -> Iterator[_Drive]:
    """Trips, cut at long silences and thinned."""
    middles = {place: (stay.lon, stay.lat) for stay in stays for place in (stay.first, stay.last)}
    silences = np.flatnonzero(np.diff(track.t_ms) > gap_s * 1000) + 1
    for trip in find_trips(track, tuple(stays)):
        places = np.arange(trip.first, trip.last + 1)
        for part in np.split(
            places, silences[(silences > trip.first) & (silences <= trip.last)] - trip.first
        ):
            drive = _Drive([], [])
            for place in part.tolist():
                is_end = place in (part[0], part[-1])
                t_ms = int(track.t_ms[place])
                if not is_end and t_ms - drive.t_ms[-1] < EVERY_S * 1000:
                    continue
                # The server wants whole seconds that rise.
                if is_end and drive.t_ms and t_ms - drive.t_ms[-1] < 1000:
                    del drive.t_ms[-1], drive.points[-1]
                drive.t_ms.append(t_ms)
                own = float(track.lon[place]), float(track.lat[place])
                drive.points.append(middles.get(place, own))
            if len(drive.points) > 1:
                yield drive


def _match(drive: _Drive, roads: Roads) -> tuple[list[MatchedLeg], int, Basis]:
    """The legs of a drive, how many of its fixes fit, and what it rests on."""
    count, step = len(drive.points), MATCH_FIXES - OVERLAP
    starts = range(0, max(1, count - OVERLAP), step)
    legs: list[MatchedLeg] = []
    fitting: set[int] = set()
    for start in starts:
        part = slice(start, start + MATCH_FIXES)
        times_s = [t_ms // 1000 for t_ms in drive.t_ms[part]]
        matched = roads.match(drive.points[part], times_s, accuracy_m=ACCURACY_M)
        if matched.basis != "road":
            return [], 0, matched.basis
        fitting |= {start + n for n, point in enumerate(matched.points) if point is not None}
        found = [
            MatchedLeg(leg.first + start, leg.last + start, leg.points, leg.metres) for leg in matched.legs
        ]
        legs = _joined(legs, found, start + OVERLAP // 2 if start else 0)
    return legs, len(fitting), "road"


def _joined(legs: list[MatchedLeg], more: list[MatchedLeg], seam: int) -> list[MatchedLeg]:
    """Legs up to the fix nearest to the seam that both reach, then more from there; none is taken twice."""
    shared = {leg.last for leg in legs} & {leg.first for leg in more}
    seam = min(shared, key=lambda place: (abs(place - seam), place), default=seam)
    return [leg for leg in legs if leg.last <= seam] + [leg for leg in more if leg.first >= seam]


def _lines(drive: _Drive, legs: Sequence[MatchedLeg]) -> Iterator[MatchedLine]:
    """Legs that meet, as one line."""
    breaks = [n for n in range(1, len(legs)) if legs[n].first != legs[n - 1].last]
    for a, b in itertools.pairwise([0, *breaks, len(legs)]):
        points: list[LonLat] = []
        t_ms: list[int] = []
        for leg in legs[a:b]:
            points += leg.points
            t_ms += _times(leg.points, drive.t_ms[leg.first], drive.t_ms[leg.last])
        if points:
            yield MatchedLine(tuple(points), tuple(t_ms), sum(leg.metres for leg in legs[a:b]))


def _straight(drive: _Drive) -> MatchedLine:
    return MatchedLine(tuple(drive.points), tuple(drive.t_ms), geo.path_length_m(drive.points))


def _times(points: Sequence[LonLat], starts_ms: int, ends_ms: int) -> list[int]:
    """Times along a shape, at one speed."""
    gone_m = list(
        itertools.accumulate((geo.haversine_m(a, b) for a, b in itertools.pairwise(points)), initial=0)
    )
    whole_m = gone_m[-1] or 1.0
    return [starts_ms + round((ends_ms - starts_ms) * metres / whole_m) for metres in gone_m]

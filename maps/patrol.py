"""What the tracks of a day prove: minutes on patrol, beat cells passed. Fed with new fixes only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from fleet.geo import M_PER_DEG, LonLat
from fleet.registry import Beat
from fleet.units import ms_of
from maps.day import Day, Tap

GAP_MS = 5 * 60 * 1000
"""A silence longer than this proves nothing."""
SEEN_M = 150.0
DEPOT_M = 60.0
"""Standing at the depot or the kitchen is no patrol."""
_IDLE_KINDS = frozenset({"break", "reload"})
_CHUNK = 4000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """How well a beat is covered today.

    longest_s : how long its longest unseen cell has waited
    away_s : since when no van has passed any of it
    """

    beat_id: int
    share: float
    longest_s: int
    away_s: int


class _VanTrack:
    """One van's good fixes of the day, by time, each with whether it lies in the van's beats."""

    def __init__(self) -> None:
        self.t: Ints = np.empty(0, np.int64)
        self.inside: NDArray[np.bool_] = np.empty(0, bool)

    def add(self, t: Ints, inside: NDArray[np.bool_]) -> None:
        all_t, first = np.unique(np.concatenate([self.t, t]), return_index=True)
        self.inside = np.concatenate([self.inside, inside])[first]
        self.t = all_t

    def proved_s(self, idle: Sequence[tuple[int, int]]) -> int:
        """Seconds between neighbouring fixes that lie inside, gaps and idle spans left out."""
        if self.t.size < 2:
            return 0
        span = np.diff(self.t)
        counts = (span <= GAP_MS) & self.inside[:-1] & self.inside[1:]
        for start, end in idle:
            counts &= ~((self.t[:-1] >= start) & (self.t[:-1] < end))
        return int(span[counts].sum() // 1000)


class DayTracks:
    """The tracks of one district and day. One thread at a time."""

    def __init__(
        self,
        beats: Sequence[Beat],
        beats_of: Mapping[int, list[int]],
        depots: Sequence[LonLat] = (),
    ) -> None:
        self._areas = {beat.id: _area(beat) for beat in beats}
        self._cells = {beat.id: np.array([(c.lon, c.lat) for c in beat.cells]) for beat in beats}
        self._last: dict[int, Ints] = {beat.id: np.zeros(len(beat.cells), np.int64) for beat in beats}
        self._beats_of = beats_of
        self._depots = np.array(depots, np.float64).reshape(-1, 2)
        self._vans: dict[int, _VanTrack] = {}
        self.received_until: datetime | None = None

    def add(self, van_id: int, t: Ints, lonlat: Floats) -> None:
        """Take more fixes of a van, in any order, some perhaps known."""
        own = self._beats_of.get(van_id, [])
        inside = np.zeros(len(t), bool)
        for beat_id in own:
            inside |= shapely.contains_xy(self._areas[beat_id], lonlat[:, 0], lonlat[:, 1])
            self._pass_by(beat_id, t, lonlat)
        inside &= ~self._at_depot(lonlat)
        self._vans.setdefault(van_id, _VanTrack()).add(t, inside)

    def _at_depot(self, lonlat: Floats) -> NDArray[np.bool_]:
        near = np.zeros(len(lonlat), bool)
        for depot in self._depots:
            near |= _apart_sq_m(lonlat, depot) <= DEPOT_M**2
        return near

    def _pass_by(self, beat_id: int, t: Ints, lonlat: Floats) -> None:
        cells = self._cells[beat_id]
        if not len(cells):
            return
        for start in range(0, len(t), _CHUNK):
            part = lonlat[start : start + _CHUNK]
            near = _apart_sq_m(part[:, None, :], cells[None, :, :]) <= SEEN_M**2
            at = np.where(near, t[start : start + _CHUNK, None], 0).max(axis=0)
            self._last[beat_id] = np.maximum(self._last[beat_id], at)

    def proved_s(self, van_id: int, idle: Sequence[tuple[int, int]] = ()) -> int:
        """Seconds of patrol that a van's track proves; idle: spans in ms that do not count."""
        track = self._vans.get(van_id)
        return track.proved_s(idle) if track else 0

    def seen(self, beat_id: int, since: datetime, now: datetime) -> Seen:
        """How much of a beat was passed; a cell not yet seen has waited since `since`."""
        last = self._last[beat_id]
        if not last.size:
            return Seen(beat_id, 0.0, 0, 0)
        waited = ms_of(now) - np.maximum(last, ms_of(min(since, now)))
        return Seen(beat_id, float((last > 0).mean()), int(waited.max() // 1000), int(waited.min() // 1000))


def _apart_sq_m(a: Floats, b: Floats) -> Floats:
    """Squared metres between points of one district, on a flat earth: a metre off over kilometres."""
    east = (a[..., 0] - b[..., 0]) * np.cos(np.radians(b[..., 1]))
    squared: Floats = (np.square(east) + np.square(a[..., 1] - b[..., 1])) * M_PER_DEG**2
    return squared


def _area(beat: Beat) -> shapely.MultiPolygon:
    area = shapely.MultiPolygon([(part[0], list(part[1:])) for part in beat.polygons])
    shapely.prepare(area)
    return area


def idle_spans(taps: Sequence[Tap], now: datetime) -> list[tuple[int, int]]:
    """When a van was on break or reloading, by its crew's taps: ms from, to."""
    spans = []
    for n, tap in enumerate(taps):
        if tap.kind in _IDLE_KINDS:
            end = taps[n + 1].t if n + 1 < len(taps) else now
            spans.append((ms_of(tap.t), ms_of(end)))
    return spans


def claimed_s(taps: Sequence[Tap], now: datetime) -> int:
    """Seconds on patrol by the crew's word: from the first tap on, without breaks and reloads."""
    if not taps:
        return 0
    whole = ms_of(now) - ms_of(taps[0].t)
    return max(0, whole - sum(end - start for start, end in idle_spans(taps, now))) // 1000


def shift_start(day: Day, van_ids: Sequence[int]) -> datetime:
    """When the first of some vans' shifts begins; midnight without shifts."""
    starts = [shift.starts for shift in day.shifts if shift.van_id in van_ids]
    return min(starts, default=day.start)

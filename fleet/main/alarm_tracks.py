"""The tracks of a district's day as the alert rules need them; fed with what is new only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa

from fleet.geo import M_PER_DEG, LonLat
from fleet.registry import Beat
from tracking import history, outliers, track
from tracking.coverage import SEEN_M
from tracking.track import Fixes, Floats, Ints, Track

# Fixes are committed a little after they are received: look back over what was seen.
_OVERLAP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Where a van belongs: its beats and its route, in flat metres about a middle."""

    middle: LonLat
    beats: shapely.Geometry | None
    route: shapely.LineString | None

    @classmethod
    def of(cls, middle: LonLat, beats: Sequence[Beat], line: Sequence[LonLat]) -> Ground:
        """Of polygons and a line in degrees; either may be empty."""
        parts = [
            shapely.Polygon(_flat(part[0], middle), [_flat(hole, middle) for hole in part[1:]])
            for beat in beats
            for part in beat.polygons
        ]
        area = shapely.union_all(parts) if parts else None
        if area is not None:
            shapely.prepare(area)
        return cls(middle, area, shapely.LineString(_flat(line, middle)) if len(line) > 1 else None)

    def beat_m(self, lon: Floats, lat: Floats) -> Floats | None:
        """Metres outside the beats; None without a beat."""
        return None if self.beats is None else self._off(self.beats, lon, lat)

    def route_m(self, lon: Floats, lat: Floats) -> Floats | None:
        """Metres off the route; None without a route."""
        return None if self.route is None else self._off(self.route, lon, lat)

    def _off(self, shape: shapely.Geometry, lon: Floats, lat: Floats) -> Floats:
        flat = _flat(np.column_stack([lon, lat]), self.middle)
        metres = np.zeros(len(lon))
        out = ~shapely.intersects_xy(shape, flat[:, 0], flat[:, 1])
        metres[out] = shapely.distance(shape, shapely.points(flat[out]))
        return metres


def _flat(points: Sequence[LonLat] | Floats, middle: LonLat) -> Floats:
    """Metres east and north of the middle, on a flat earth: a metre off over kilometres."""
    degrees = np.asarray(points, np.float64).reshape(-1, 2) - np.array(middle)
    scale: Floats = degrees * np.array([np.cos(np.radians(middle[1])), 1.0]) * M_PER_DEG
    return scale


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """One van's day so far: its sound track, when it gave any sign, where it lay beside its ground."""

    track: Track
    sign_ms: Ints
    beat_m: Floats | None
    route_m: Floats | None


class _Van:
    """Stored fixes as they came, and what was made of them last."""

    def __init__(self, ground: Ground, primary: int | None) -> None:
        self.ground = ground
        self.primary = primary
        self.fixes = history.NONE
        self.made: Followed | None = None

    def take(self, new: Fixes, since: datetime | None = None) -> None:
        """All that was received after `since`, some perhaps known already."""
        fixes = history.caught_up(self.fixes, new, since)
        if fixes is not self.fixes:
            self.fixes, self.made = fixes, None

    def followed(self) -> Followed:
        """What they come to; made anew only when there are more."""
        if self.made is None:
            self.made = follow(self.fixes, self.ground, self.primary)
        return self.made


def follow(fixes: Fixes, ground: Ground, primary: int | None) -> Followed:
    """A van's day from its stored fixes, in whatever order they came."""
    found = outliers.sound(track.choose(fixes, primary))
    return Followed(
        found,
        np.unique(fixes.t_ms),
        ground.beat_m(found.lon, found.lat),
        ground.route_m(found.lon, found.lat),
    )


class DayFixes:
    """The fixes of some vans and one day. One thread at a time."""

    def __init__(self, grounds: Mapping[int, Ground], primaries: Mapping[int, int]) -> None:
        self._vans = {van_id: _Van(ground, primaries.get(van_id)) for van_id, ground in grounds.items()}
        self._received: datetime | None = None

    def read(self, conn: sa.Connection, starts: datetime, ends: datetime) -> None:
        """Take in what was received since the last look."""
        since = None if self._received is None else self._received - _OVERLAP
        found = history.fixes_of_vans(conn, self._vans, starts, ends, since)
        for van_id, new in found.items():
            self._vans[van_id].take(new, since)
        if found:
            latest_ms = max(int(new.received_ms.max()) for new in found.values())
            self._received = datetime.fromtimestamp(latest_ms / 1000, UTC)

    def followed(self, van_id: int) -> Followed:
        """What is known of a van."""
        return self._vans[van_id].followed()

    def until(self, van_id: int, ms: int) -> Followed:
        """The same without what lies ahead of `ms`."""
        found = self.followed(van_id)
        n = int(np.searchsorted(found.track.t_ms, ms, side="right"))
        if n == len(found.track):
            return found
        cut = slice(0, n)
        return replace(
            found,
            track=found.track.take(cut),
            sign_ms=found.sign_ms[found.sign_ms <= ms],
            beat_m=None if found.beat_m is None else found.beat_m[cut],
            route_m=None if found.route_m is None else found.route_m[cut],
        )


_LOOK_BACK: Final = 500


class Cells:
    """The cells of a beat, as the area from which any of them is seen."""

    def __init__(self, middle: LonLat, beat: Beat) -> None:
        flat = _flat([(cell.lon, cell.lat) for cell in beat.cells], middle)
        self._middle = middle
        self._area = shapely.union_all(shapely.buffer(shapely.points(flat), SEEN_M))
        shapely.prepare(self._area)

    def passed_ms(self, found: Track, after_ms: int, until_ms: int) -> Ints:
        """When a track was by, between two instants, the second included."""
        first, end = np.searchsorted(found.t_ms, (after_ms, until_ms), side="right")
        return self._near_ms(found, slice(int(first), int(end)))

    def last_passed_ms(self, found: Track) -> int | None:
        """When a track last came by, looked for from its end; None if it never did."""
        for end in range(len(found), 0, -_LOOK_BACK):
            near_ms = self._near_ms(found, slice(max(0, end - _LOOK_BACK), end))
            if len(near_ms):
                return int(near_ms[-1])
        return None

    def _near_ms(self, found: Track, part: slice) -> Ints:
        flat = _flat(np.column_stack([found.lon[part], found.lat[part]]), self._middle)
        return found.t_ms[part][shapely.intersects_xy(self._area, flat[:, 0], flat[:, 1])]

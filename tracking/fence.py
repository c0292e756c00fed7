"""Geofences: where they lie, when they count, and which parts of a track touch them. Pure.

A fence is a core, as `Outline` keeps it, and how far it reaches about it: an area reaches nowhere, a circle
about its point, a corridor to both sides of its line. What a van did at it is told by `tracking.passage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from tracking.plane import Plane, plane_of
from tracking.track import Floats, Ints, Truths

Shapes: TypeAlias = npt.NDArray[np.object_]
Kind: TypeAlias = Literal["area", "circle", "corridor"]
Told: TypeAlias = Literal["enter", "exit", "dwell"]
EVERYTHING: Final[frozenset[Told]] = frozenset(("enter", "exit", "dwell"))
MARGIN_M: Final = 30.0
"""How far past a border a van must be seen before it has left: nearly four times a receiver's usual error."""
_DAY_S: Final = 86_400
_QUARTER_MS: Final = 900_000
_ROUND: Final = 64
"""Corners of a quarter circle where a rounded border has to be drawn: 0.008 % of the radius off."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a district's day: past midnight where they end before they begin, all day where both are one.

    Parameters
    ----------
    from_s, to_s : seconds since the clock's midnight; the first included, the last not
    timezone : the district's
    """

    from_s: int
    to_s: int
    timezone: str

    def hold(self, t_ms: Ints) -> Truths:
        """At which instants they are on."""
        second = (t_ms + self._offsets_ms(t_ms)) // 1000 % _DAY_S
        since, before = second >= self.from_s, second < self.to_s
        if self.from_s == self.to_s:
            return np.ones(len(t_ms), bool)
        return since & before if self.from_s < self.to_s else since | before

    def _offsets_ms(self, t_ms: Ints) -> Ints:
        """What the district's clock is ahead of UTC: asked once a quarter of an hour, as zones change."""
        zone = ZoneInfo(self.timezone)
        quarters, which = np.unique(t_ms // _QUARTER_MS, return_inverse=True)
        ahead = []
        for quarter in quarters.tolist():
            offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(zone).utcoffset()
            ahead.append(int(offset.total_seconds() * 1000) if offset else 0)
        return np.array(ahead, np.int64)[which]


@dataclass(frozen=True, slots=True, eq=False)
class Fence:
    """A place whose crossings are told.

    Parameters
    ----------
    shape : degrees, WGS-84: (multi)polygon, point, or (multi)line
    radius_m : of a circle, or half of a corridor's width; 0 of an area
    van_ids : whose crossings count; None: everybody's
    valid_from_ms, valid_to_ms : when it counts, the last not included; None: from ever, for ever
    tells : what is told of it
    dwell_s : after how long inside a dwell is told
    """

    id: int
    kind: Kind
    shape: BaseGeometry
    radius_m: float = 0.0
    code: str = ""
    van_ids: frozenset[int] | None = None
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None
    hours: Hours | None = None
    tells: frozenset[Told] = EVERYTHING
    dwell_s: int = 0

    def concerns(self, van_id: int) -> bool:
        """Whether a van's crossings count."""
        return self.van_ids is None or van_id in self.van_ids

    def in_force(self, t_ms: Ints) -> Truths:
        """At which instants it counts."""
        holds = np.ones(len(t_ms), bool) if self.hours is None else self.hours.hold(t_ms)
        if self.valid_from_ms is not None:
            holds &= t_ms >= self.valid_from_ms
        if self.valid_to_ms is not None:
            holds &= t_ms < self.valid_to_ms
        return holds


class Touch(NamedTuple):
    """Of each step of a track, from a fix to the next, how it lies to a fence."""

    crosses: Truths
    """Its straight line touches the fence."""
    starts: Truths
    """The fix that it starts from lies in the fence."""
    ends: Truths
    """The fix that it ends at lies in the fence."""
    is_near: Truths
    """The fix that it ends at lies in the fence or within the margin about it."""


class Outline:
    """A fence on its own plane, made ready to be asked often.

    Parameters
    ----------
    margin_m : how far past its border a van has left it
    """

    def __init__(self, fence: Fence, margin_m: float = MARGIN_M) -> None:
        self.fence = fence
        self.margin_m = margin_m
        self.plane: Plane = plane_of(fence.shape)
        self.core = self.plane.flat(fence.shape)
        self.reach_m = 0.0 if fence.kind == "area" else fence.radius_m
        shapely.prepare(self.core)
        self._solid: BaseGeometry | None = None

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all that is not clearly outside: metres on its plane."""
        west, south, east, north = self.core.bounds
        grown = self.reach_m + self.margin_m
        return west - grown, south - grown, east + grown, north + grown

    def touch(self, lon: Floats, lat: Floats) -> Touch:
        """How n steps lie to it, of n + 1 places, degrees; exact tests only where the bounds meet."""
        x, y = self.plane.metres(lon, lat)
        west, south, east, north = self.bounds
        meets = np.maximum(x[1:], x[:-1]) >= west
        meets &= np.minimum(x[1:], x[:-1]) <= east
        meets &= np.maximum(y[1:], y[:-1]) >= south
        meets &= np.minimum(y[1:], y[:-1]) <= north
        at = np.flatnonzero(meets)
        found = Touch(*(np.zeros(len(meets), bool) for _ in Touch._fields))
        if not len(at):
            return found
        first = np.asarray(shapely.points(x[at], y[at]))
        last = np.asarray(shapely.points(x[at + 1], y[at + 1]))
        found.starts[at], found.ends[at] = self._holds(first), self._holds(last)
        found.is_near[at] = shapely.dwithin(self.core, last, self.reach_m + self.margin_m)
        ends = np.column_stack([x[at], y[at], x[at + 1], y[at + 1]]).reshape(-1, 2, 2)
        found.crosses[at] = self._holds(np.asarray(shapely.linestrings(ends)))
        found.crosses[at] |= found.starts[at] | found.ends[at]
        return found

    def _holds(self, shapes: Shapes) -> Truths:
        """Which of some places and lines it touches."""
        if self.fence.kind == "area":
            touched: Truths = shapely.intersects(self.core, shapes)
        else:
            touched = shapely.dwithin(self.core, shapes, self.reach_m)
        return touched

    def contact(self, lon: Floats, lat: Floats) -> tuple[float, float]:
        """Where one step, of two places that touch it, first and last does: shares of its way, 0 to 1."""
        x, y = self.plane.metres(lon, lat)
        ends = np.column_stack([x, y])
        along = ends[1] - ends[0]
        squared = float(along @ along)
        if squared == 0.0:
            return 0.0, 1.0
        step = shapely.linestrings(ends)
        shared = shapely.get_coordinates(shapely.intersection(step, self.solid))
        if not len(shared):
            # It grazes a rounded border between two corners of its picture.
            shared = shapely.get_coordinates(shapely.shortest_line(step, self.core))[:1]
        shares = np.clip((shared - ends[0]) @ along / squared, 0.0, 1.0)
        return float(shares.min()), float(shares.max())

    def distance_m(self, lon: Floats, lat: Floats) -> Floats:
        """How far outside its border places lie; 0 inside."""
        places = shapely.points(*self.plane.metres(lon, lat))
        outside: Floats = np.maximum(0.0, shapely.distance(self.core, places) - self.reach_m)
        return outside

    @property
    def solid(self) -> BaseGeometry:
        """All of it as polygons on its plane, rounded borders by corners."""
        if self._solid is None:
            self._solid = self.core.buffer(self.reach_m, quad_segs=_ROUND) if self.reach_m else self.core
        return self._solid

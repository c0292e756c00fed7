"""Geofences: where they lie, when they count, and which parts of a track touch them. Pure.

A fence is a core, as `Outline` keeps it, and how far it reaches about it: an area reaches nowhere, a circle
about its point, a corridor to both sides of its line. What a van did at it is told by `tracking.passage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from fleet.geo import M_PER_DEG
from tracking.capsule import Pieces, contact, pieces_of
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
_CHUNK: Final = 20_000
_HAIR: Final = 1e-9
"""By what share of an edge a way may miss it through rounding."""
_PIECE_M: Final = 400.0
"""Boxes about longer pieces of a corridor would hold too much that is not in it."""


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
        return hours_hold(clock_s(t_ms, self.timezone), self.from_s, self.to_s)


def clock_s(t_ms: Ints, timezone: str) -> Ints:
    """Seconds since midnight on a district's clock. Its zone is asked once a quarter of an hour."""
    zone = ZoneInfo(timezone)
    quarters, which = np.unique(t_ms // _QUARTER_MS, return_inverse=True)
    ahead = []
    for quarter in quarters.tolist():
        offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(zone).utcoffset()
        ahead.append(int(offset.total_seconds() * 1000) if offset else 0)
    second: Ints = (t_ms + np.array(ahead, np.int64)[which]) // 1000 % _DAY_S
    return second


def hours_hold(second: Ints, from_s: Ints | int, to_s: Ints | int) -> Truths:
    """Whether seconds of the day lie in hours, which may pass midnight; in equal ones every second does."""
    since, before = second >= from_s, second < to_s
    is_late = np.greater_equal(from_s, to_s)
    holds: Truths = np.where(is_late, since | before, since & before)
    return holds


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
    district_id: int = 0
    van_ids: frozenset[int] | None = None
    valid_from_ms: int | None = None
    valid_to_ms: int | None = None
    hours: Hours | None = None
    tells: frozenset[Told] = EVERYTHING
    dwell_s: int = 0

    @property
    def is_timed(self) -> bool:
        """Whether it does not count at all times."""
        return not (self.hours is None and self.valid_from_ms is None and self.valid_to_ms is None)

    def is_like(self, other: Fence) -> bool:
        """Whether it says the same in all."""
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(self))

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


def ground(fence: Fence) -> BaseGeometry:
    """All that lies in a fence, as a (multi)polygon to be drawn, degrees; a circle as one of 64 corners."""
    if fence.kind == "area":
        return fence.shape
    plane = plane_of(fence.shape)
    return plane.round(plane.flat(fence.shape).buffer(fence.radius_m, quad_segs=16))


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
        self._east_m = self.plane.east_m
        self.core = self.plane.flat(fence.shape)
        self.reach_m = 0.0 if fence.kind == "area" else fence.radius_m
        self.pieces = None if fence.kind == "area" else pieces_of(self.core, _PIECE_M)
        self._round = None if self.pieces is None else self.pieces.one_by_one()
        self._edges = pieces_of(self.core.boundary) if self.pieces is None else self.pieces
        shapely.prepare(self.core)

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
        for first in range(0, len(at), _CHUNK):
            some = at[first : first + _CHUNK]
            steps = x[some], y[some], x[some + 1], y[some + 1]
            touch = (
                self._touch_area(*steps) if self.pieces is None else self._touch_pieces(self.pieces, *steps)
            )
            for column, values in zip(found, touch, strict=True):
                column[some] = values
        return found

    def _touch_area(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Touch:
        return touch_areas(np.full(len(x), self.core), (x, y, to_x, to_y), self.margin_m)

    def _touch_pieces(self, pieces: Pieces, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Touch:
        columns = [column[:, None] for column in (x, y, to_x, to_y)]
        near = touch_pieces(pieces, columns, self.reach_m, self.margin_m)
        return Touch(*(np.any(column, axis=1) for column in near))

    def contact(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
        """Where one step that touches it, degrees, first and last does: shares of its way, 0 to 1."""
        plane, east_m = self.plane, self._east_m
        x, y = (start[0] - plane.lon) * east_m, (start[1] - plane.lat) * M_PER_DEG
        to_x, to_y = (end[0] - plane.lon) * east_m, (end[1] - plane.lat) * M_PER_DEG
        if (x, y) == (to_x, to_y):
            return 0.0, 1.0
        if self._round is not None:
            return contact(self._round, (x, y, to_x, to_y), self.reach_m)
        starts, ends = shapely.intersects_xy(self.core, (x, to_x), (y, to_y)).tolist()
        shares = self._border_at(x, y, to_x, to_y) if not (starts and ends) else ()
        return 0.0 if starts else min(shares), 1.0 if ends else max(shares)

    def _border_at(self, x: float, y: float, to_x: float, to_y: float) -> Sequence[float]:
        """At which shares of a way it meets an area's border, once at least."""
        edges, dx, dy = self._edges, to_x - x, to_y - y
        edge_x, edge_y = edges.bx - edges.ax, edges.by - edges.ay
        off_x, off_y = edges.ax - x, edges.ay - y
        turn = dx * edge_y - dy * edge_x
        safe = np.where(turn == 0, 1.0, turn)
        share, along = (off_x * edge_y - off_y * edge_x) / safe, (off_x * dy - off_y * dx) / safe
        meets = (turn != 0) & (share >= 0) & (share <= 1) & (along >= -_HAIR) & (along <= 1 + _HAIR)
        if meets.any():
            found: list[float] = share[meets].tolist()
            return found
        # It touches the border in a point that cannot be written exactly.
        step = shapely.LineString([(x, y), (to_x, to_y)])
        nearest = shapely.get_coordinates(shapely.shortest_line(step, self.core))[0].tolist()
        return [((nearest[0] - x) * dx + (nearest[1] - y) * dy) / (dx * dx + dy * dy)]


def touch_areas(cores: Shapes, steps: Sequence[Floats], margin_m: float) -> Touch:
    """How steps lie to areas, one to each.

    Parameters
    ----------
    cores : prepared (multi)polygons, metres
    steps : x and y of the start and of the end, metres
    """
    x, y, to_x, to_y = steps
    starts = np.asarray(shapely.intersects_xy(cores, x, y))
    ends = np.asarray(shapely.intersects_xy(cores, to_x, to_y))
    is_near, crosses = ends.copy(), starts | ends
    far, apart = np.flatnonzero(~ends), np.flatnonzero(~crosses)
    is_near[far] = shapely.dwithin(cores[far], shapely.points(to_x[far], to_y[far]), margin_m)
    ways = np.column_stack([x[apart], y[apart], to_x[apart], to_y[apart]]).reshape(-1, 2, 2)
    crosses[apart] = shapely.intersects(cores[apart], np.asarray(shapely.linestrings(ways)))
    return Touch(crosses, starts, ends, is_near)


def touch_pieces(pieces: Pieces, steps: Sequence[Floats], reach_m: Floats | float, margin_m: float) -> Touch:
    """How steps lie to pieces, one to each or all to all, by the shapes given; steps as for `touch_areas`."""
    x, y, to_x, to_y = steps
    reach_sq = reach_m * reach_m
    to_sq = pieces.apart_sq(to_x, to_y)
    starts, ends = pieces.apart_sq(x, y) <= reach_sq, to_sq <= reach_sq
    is_near = to_sq <= (reach_m + margin_m) ** 2
    crosses = (pieces.ways_apart_sq(x, y, to_x, to_y) <= reach_sq) | starts | ends
    return Touch(crosses, starts, ends, is_near)

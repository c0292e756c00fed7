"""When a van was off its planned route, or off its beats. Pure.

Both are fences that nobody drew: a corridor along the route, the area of all beats together. Off is who was
seen more than the margin outside, until a fix lies inside again. A van of which nothing is known, at
first and after a gap, is on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from tracking.fence import MARGIN_M, Fence, Outline
from tracking.passage import GAP_MS
from tracking.track import Track, Truths

_NO_ID = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A time of a track.

    Parameters
    ----------
    starts_ms, ends_ms : from its first fix off to the first fix that is on again, or to the last before a gap
        or the track's end; epoch milliseconds
    farthest_m : how far outside the border it came
    """

    starts_ms: int
    ends_ms: int
    farthest_m: float

    @property
    def lasts_s(self) -> float:
        """How long."""
        return (self.ends_ms - self.starts_ms) / 1000


def corridor_of(line: BaseGeometry, half_width_m: float, fence_id: int = _NO_ID) -> Fence:
    """The corridor along a planned route, as a fence.

    Parameters
    ----------
    line : (multi)line, degrees
    half_width_m : to each side, metres

    Raises
    ------
    ValueError : half_width_m <= 0, or it is no line.
    """
    if half_width_m <= 0:
        raise ValueError(f"a corridor's half width of {half_width_m} m must be above zero")
    if line.geom_type not in ("LineString", "MultiLineString") or line.is_empty:
        raise ValueError(f"a corridor runs along a line, not a {line.geom_type}")
    return Fence(fence_id, "corridor", line, half_width_m)


def off_route(
    track: Track, line: BaseGeometry, half_width_m: float, *, margin_m: float = MARGIN_M
) -> tuple[Span, ...]:
    """When a van was off its planned route, in time order.

    Parameters
    ----------
    track : n >= 0
    line, half_width_m : as for `corridor_of`
    """
    return _off(track, Outline(corridor_of(line, half_width_m), margin_m))


def off_beat(track: Track, beats: Sequence[BaseGeometry], *, margin_m: float = MARGIN_M) -> tuple[Span, ...]:
    """When a van was in none of its beats, in time order; never where it has none.

    Parameters
    ----------
    track : n >= 0
    beats : (multi)polygons, degrees
    """
    if not beats:
        return ()
    return _off(track, Outline(Fence(_NO_ID, "area", shapely.union_all(list(beats))), margin_m))


def _off(track: Track, outline: Outline) -> tuple[Span, ...]:
    if not len(track):
        return ()
    # The first fix is a step of no length from itself.
    lon, lat = (np.concatenate([column[:1], column]) for column in (track.lon, track.lat))
    touch = outline.touch(lon, lat)
    is_gap = np.diff(track.t_ms, prepend=track.t_ms[0]) > GAP_MS
    is_off = _held(touch.ends | is_gap, ~touch.is_near)
    breaks = np.flatnonzero(np.diff(is_off, prepend=is_off[0]) | is_gap)
    borders = [0, *breaks.tolist(), len(track)]
    spans = []
    for first, end in itertools.pairwise(borders):
        if is_off[first]:
            far_m = outline.distance_m(track.lon[first:end], track.lat[first:end])
            spans.append(Span(int(track.t_ms[first]), _ends_ms(track, end), float(far_m.max())))
    return tuple(spans)


def _held(is_on: Truths, is_off: Truths) -> Truths:
    """Off since a fix that lies off, until one that lies on; before both on."""
    says = np.concatenate([[0], np.where(is_off, 1, np.where(is_on, 0, -1))])
    held: Truths = says[np.maximum.accumulate(np.where(says >= 0, np.arange(len(says)), 0))] == 1
    return held[1:]


def _ends_ms(track: Track, end: int) -> int:
    """When a span of fixes before `end` is over: at the next fix, unless nothing is known until then."""
    last = int(track.t_ms[end - 1])
    if end < len(track) and track.t_ms[end] - last <= GAP_MS:
        return int(track.t_ms[end])
    return last

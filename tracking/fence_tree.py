"""Which steps of many vans may touch which fences: a tree of boxes, then columns of numbers. Memory only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fleet.geo import M_PER_DEG
from tracking.capsule import Pieces
from tracking.fence import Fence, Outline, Shapes, Touch, clock_s, hours_hold, touch_areas, touch_pieces
from tracking.track import Floats, Ints, Truths

_EVER_MS: Final = 2**62
_SLACK_M: Final = 0.1
"""By what boxes are larger than need be, so that no rounding matters."""
_VANS: Final = 2**32


class Steps(NamedTuple):
    """Steps of many vans, each van's together and by time: columns of one length.

    Parameters
    ----------
    slot : whose: a place in the list of vans
    from_ms, from_lon, from_lat : when and where it starts; over a gap it is its end alone
    """

    slot: Ints
    from_ms: Ints
    from_lon: Floats
    from_lat: Floats
    t_ms: Ints
    lon: Floats
    lat: Floats
    is_gap: Truths
    district_id: Ints


class Pairs(NamedTuple):
    """A step and a fence that it may touch, each pair once and by step: columns of one length."""

    step: Ints
    fence: Ints
    touches: Truths
    lies_in: Truths
    is_out: Truths
    has_turned: Truths


class FenceTree:
    """Fences as boxes in a tree and as columns: an area has one box, a corridor one for each piece."""

    def __init__(self, outlines: Sequence[Outline], margin_m: float) -> None:
        self.outlines = outlines
        self._margin_m = margin_m
        fences = [each.fence for each in outlines]
        self._lon = np.array([each.plane.lon for each in outlines])
        self._lat = np.array([each.plane.lat for each in outlines])
        self._east_m = np.array([each.plane.east_m for each in outlines])
        self._reach_m = np.array([each.reach_m for each in outlines])
        self._cores: Shapes = np.array([each.core for each in outlines], object)
        self._is_area = np.array([each.pieces is None for each in outlines], bool)
        self._district_id = np.array([each.district_id for each in fences], np.int64)
        self._times = _Times(fences)
        self._is_closed = np.array([each.van_ids is not None for each in fences], bool)
        self._members = np.array(
            sorted(n * _VANS + van for n, each in enumerate(fences) for van in each.van_ids or ()), np.int64
        )
        parts = [_parts(each) for each in outlines]
        self.fence_of: Ints = np.repeat(np.arange(len(outlines)), [len(each) for each in parts])
        columns = np.concatenate([np.zeros((0, 4)), *parts])
        self._pieces = Pieces(*columns.T)
        self._tree = shapely.STRtree(self._boxes())

    def _boxes(self) -> list[BaseGeometry]:
        """About all that is not clearly outside a part, degrees."""
        n, pieces = self.fence_of, self._pieces
        grown_m = self._reach_m[n] + self._margin_m + _SLACK_M
        sides = []
        for one, other, by_m, origin in (
            (pieces.ax, pieces.bx, self._east_m[n], self._lon[n]),
            (pieces.ay, pieces.by, M_PER_DEG, self._lat[n]),
        ):
            sides.append((np.minimum(one, other) - grown_m) / by_m + origin)
            sides.append((np.maximum(one, other) + grown_m) / by_m + origin)
        west, east, south, north = sides
        return list(shapely.box(west, south, east, north))

    def near(self, from_lon: Floats, from_lat: Floats, lon: Floats, lat: Floats) -> Ints:
        """Which steps meet which boxes: two rows, a step and the place of a box in each column, by step."""
        ends = np.column_stack([from_lon, from_lat, lon, lat]).reshape(-1, 2, 2)
        found: Ints = self._tree.query(np.asarray(shapely.linestrings(ends)))
        return found

    def pairs(self, steps: Steps, van_ids: Ints) -> Pairs:
        """What some steps have to do with the fences that concern their vans.

        Parameters
        ----------
        van_ids : by slot
        """
        step, box = self.near(steps.from_lon, steps.from_lat, steps.lon, steps.lat)
        fence = self.fence_of[box]
        concerns = self._district_id[fence] == steps.district_id[step]
        closed = np.flatnonzero(self._is_closed[fence])
        if len(closed):
            keys = fence[closed] * _VANS + van_ids[steps.slot[step[closed]]]
            concerns[closed] &= np.isin(keys, self._members)
        step, box, fence = step[concerns], box[concerns], fence[concerns]
        touch = self._touch(steps, step, box, fence)
        step, fence, touch = _once(step, fence, touch, len(self.outlines))
        was_on = self._times.in_force(fence, steps.from_ms[step])
        is_on = self._times.in_force(fence, steps.t_ms[step])
        lies_in = touch.ends & is_on
        touches = lies_in | (touch.crosses & is_on & was_on & ~steps.is_gap[step])
        return Pairs(step, fence, touches, lies_in, ~(touch.is_near & is_on), is_on != was_on)

    def _touch(self, steps: Steps, step: Ints, box: Ints, fence: Ints) -> Touch:
        columns = []
        for lon, lat in ((steps.from_lon, steps.from_lat), (steps.lon, steps.lat)):
            columns.append((lon[step] - self._lon[fence]) * self._east_m[fence])
            columns.append((lat[step] - self._lat[fence]) * M_PER_DEG)
        found = Touch(*(np.zeros(len(step), bool) for _ in Touch._fields))
        is_area = self._is_area[fence]
        for which in (np.flatnonzero(is_area), np.flatnonzero(~is_area)):
            if not len(which):
                continue
            some = [column[which] for column in columns]
            if is_area[which[0]]:
                touch = touch_areas(self._cores[fence[which]], some, self._margin_m)
            else:
                pieces = self._pieces.take(box[which])
                touch = touch_pieces(pieces, some, self._reach_m[fence[which]], self._margin_m)
            for column, values in zip(found, touch, strict=True):
                column[which] = values
        return found


class _Times:
    """When fences are in force, as columns."""

    def __init__(self, fences: Sequence[Fence]) -> None:
        self._is_timed = np.array([each.is_timed for each in fences], bool)
        self._from_ms = np.array(
            [-_EVER_MS if each.valid_from_ms is None else each.valid_from_ms for each in fences], np.int64
        )
        self._to_ms = np.array(
            [_EVER_MS if each.valid_to_ms is None else each.valid_to_ms for each in fences], np.int64
        )
        hours = [each.hours for each in fences]
        self._hour_from = np.array([each.from_s if each else 0 for each in hours], np.int64)
        self._hour_to = np.array([each.to_s if each else 0 for each in hours], np.int64)
        self._zones = sorted({each.timezone for each in hours if each})
        self._zone = np.array([self._zones.index(each.timezone) if each else -1 for each in hours], np.int64)

    def in_force(self, fence: Ints, t_ms: Ints) -> Truths:
        """Whether each of some fences counts at an instant of its own."""
        holds = np.ones(len(fence), bool)
        timed = np.flatnonzero(self._is_timed[fence])
        if not len(timed):
            return holds
        some, at = fence[timed], t_ms[timed]
        on = (at >= self._from_ms[some]) & (at < self._to_ms[some])
        for n, zone in enumerate(self._zones):
            here = np.flatnonzero(self._zone[some] == n)
            second = clock_s(at[here], zone)
            on[here] &= hours_hold(second, self._hour_from[some[here]], self._hour_to[some[here]])
        holds[timed] = on
        return holds


def _parts(outline: Outline) -> Floats:
    """The parts of a fence that get a box each: from x, y to x, y, metres."""
    pieces = outline.pieces
    if pieces is None:
        return np.array([outline.core.bounds])
    return np.column_stack([pieces.ax, pieces.ay, pieces.bx, pieces.by])


def _once(step: Ints, fence: Ints, touch: Touch, count: int) -> tuple[Ints, Ints, Touch]:
    """Each step and fence once, of all the fence's boxes together."""
    keys = step * count + fence
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1) != 0)
    if len(starts):
        touch = Touch(*(np.logical_or.reduceat(column[order], starts) for column in touch))
    first = order[starts]
    return step[first], fence[first], touch

"""What a van did at a fence: entered, left, stayed in it. A pure function of its track, however that is cut.

A van is inside from the instant at which its way first touches the fence. It has left once a fix lies more
than the margin outside; the instant told is that at which its way last touched the fence. So a fence crossed
between two fixes gives both, and a van that jitters about a border gives one. Over a gap nothing is known: no
line is drawn, what the first fix after it shows is told at that fix, and a dwell is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from tracking.fence import MARGIN_M, Fence, Outline, Told
from tracking.track import LONGEST_GAP_S, Track, Truths

How: TypeAlias = Literal["seen", "crossed", "gap", "hours"]
GAP_MS: Final = int(LONGEST_GAP_S * 1000)


class Moment(NamedTuple):
    """When and where: epoch milliseconds, degrees."""

    t_ms: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that a van did at a fence.

    Parameters
    ----------
    t_ms, lon, lat : when and where; a dwell is reached at `t_ms`, and lies where it began to be counted
    how : seen; crossed, where no fix lay inside; gap, where the first fix after a gap or the track's first
        shows it; hours, where the fence came into force or went out of it
    """

    t_ms: int
    fence_id: int
    kind: Told
    how: How
    lon: float
    lat: float


@dataclass(slots=True)
class Standing:
    """How a van stands to a fence after its last fix: all that the rest of its track needs.

    Parameters
    ----------
    last : its last fix; None before the first
    touched : when its way last touched the fence, while it is inside
    counted_from : since when its dwell counts; None where it has not touched the fence since a gap
    has_dwelt : its dwell was told
    by_fix : a fix of this visit lay inside
    """

    last: Moment | None = None
    inside: bool = False
    touched: Moment | None = None
    counted_from: Moment | None = None
    has_dwelt: bool = False
    by_fix: bool = False


class Step(NamedTuple):
    """One step of a track, from a fix to the next, as it lies to one fence.

    Parameters
    ----------
    unseen : why the way to its end shows nothing; None where it does
    touches, lies_in, is_out : its way touches the fence; its end lies in it; its end lies clear of it
    """

    start: Moment
    end: Moment
    unseen: How | None
    touches: bool
    lies_in: bool
    is_out: bool


def passages(track: Track, fence: Fence, *, margin_m: float = MARGIN_M) -> tuple[Passage, ...]:
    """What a van did at a fence, in time order: of all that happened what the fence tells.

    Parameters
    ----------
    track : n >= 0
    margin_m : how far outside a fix must lie to show that the van has left, > 0

    Raises
    ------
    ValueError : margin_m <= 0.
    """
    if margin_m <= 0:
        raise ValueError(f"the margin of {margin_m} m must be above zero")
    return advance(Standing(), track, Outline(fence, margin_m))[1]


def advance(standing: Standing, track: Track, outline: Outline) -> tuple[Standing, tuple[Passage, ...]]:
    """Go on along a later part of a track: how the van stands then, and what is told of that part.

    Cut anywhere, the parts tell together what the whole tells.

    Parameters
    ----------
    track : n >= 0, all of it later than `standing.last`
    """
    if not len(track):
        return standing, ()
    walk = Walk(replace(standing), outline)
    for step in _steps(standing, track, outline):
        walk.take(step)
    walk.standing.last = _moment(track, len(track) - 1)
    return walk.standing, tuple(walk.told)


def _steps(standing: Standing, track: Track, outline: Outline) -> Iterator[Step]:
    """The steps of a track that matter at a fence: of many inside, one after the other, the last alone."""
    start = standing.last or _moment(track, 0)
    t_ms = np.concatenate([[start.t_ms], track.t_ms])
    lon = np.concatenate([[start.lon], track.lon])
    lat = np.concatenate([[start.lat], track.lat])
    is_gap = np.diff(t_ms) > GAP_MS
    is_gap[0] |= standing.last is None
    in_force = outline.fence.in_force(t_ms)
    has_turned = in_force[1:] != in_force[:-1]
    touch = outline.touch(lon, lat)
    lies_in = touch.ends & in_force[1:]
    touches = lies_in | (touch.crosses & ~is_gap & in_force[1:] & in_force[:-1])
    is_out = ~(touch.is_near & in_force[1:])
    matters = _matter(standing.inside, touches, is_out, is_gap)
    is_steady = lies_in & touch.starts & ~is_gap & ~has_turned
    matters[:-1] &= ~(is_steady[:-1] & is_steady[1:])
    for n in np.flatnonzero(matters).tolist():
        ends = [Moment(int(t_ms[at]), float(lon[at]), float(lat[at])) for at in (n, n + 1)]
        unseen: How | None = "gap" if is_gap[n] else "hours" if has_turned[n] else None
        yield Step(ends[0], ends[1], unseen, bool(touches[n]), bool(lies_in[n]), bool(is_out[n]))


def _matter(inside: bool, touches: Truths, is_out: Truths, is_gap: Truths) -> Truths:
    """Which steps touch the fence, or find the van inside and end clear of it or behind a gap."""
    says = np.concatenate([[int(inside)], np.where(is_out, 0, np.where(touches, 1, -1))])
    speaks = np.maximum.accumulate(np.where(says >= 0, np.arange(len(says)), 0))
    was_inside = says[speaks][:-1] == 1
    matters: Truths = touches | (was_inside & (is_out | is_gap))
    return matters


def _moment(track: Track, n: int) -> Moment:
    return Moment(int(track.t_ms[n]), float(track.lon[n]), float(track.lat[n]))


class Walk:
    """Goes along the steps that matter, and tells what happens.

    Parameters
    ----------
    standing : how the van stands before the first; changed with each step, but for its last fix
    """

    def __init__(self, standing: Standing, outline: Outline) -> None:
        self.standing = standing
        self.told: list[Passage] = []
        self._outline = outline

    def take(self, step: Step) -> None:
        """Go on by one step."""
        standing = self.standing
        if step.unseen == "gap":
            standing.counted_from = None
        if step.touches:
            self._touch(step)
            self._tell_dwell()
        if step.is_out and standing.inside:
            moment = step.end if step.unseen else standing.touched or step.end
            self._tell("exit", moment, step.unseen or ("seen" if standing.by_fix else "crossed"))
            self.standing = Standing(standing.last)

    def _touch(self, step: Step) -> None:
        standing = self.standing
        is_new = standing.counted_from is None
        first = last = step.end
        if not step.unseen and (is_new or not step.lies_in):
            first, last = self._contact(step)
        if not standing.inside:
            standing.inside = True
            self._tell("enter", first, step.unseen or ("seen" if step.lies_in else "crossed"))
        if is_new:
            standing.counted_from = first
        standing.touched = step.end if step.lies_in else last
        standing.by_fix |= step.lies_in

    def _contact(self, step: Step) -> tuple[Moment, Moment]:
        """When the way of a step first and last touches the fence."""
        start, end = step.start, step.end
        shares = self._outline.contact((start.lon, start.lat), (end.lon, end.lat))
        first, last = (
            Moment(
                start.t_ms + round((end.t_ms - start.t_ms) * share),
                start.lon + (end.lon - start.lon) * share,
                start.lat + (end.lat - start.lat) * share,
            )
            for share in shares
        )
        return first, last

    def _tell_dwell(self) -> None:
        now, dwell_ms = self.standing, self._outline.fence.dwell_s * 1000
        if now.has_dwelt or not dwell_ms or now.touched is None or now.counted_from is None:
            return
        if now.touched.t_ms - now.counted_from.t_ms >= dwell_ms:
            now.has_dwelt = True
            self._tell("dwell", now.counted_from._replace(t_ms=now.counted_from.t_ms + dwell_ms), "seen")

    def _tell(self, kind: Told, moment: Moment, how: How) -> None:
        fence = self._outline.fence
        if kind in fence.tells:
            self.told.append(Passage(moment.t_ms, fence.id, kind, how, moment.lon, moment.lat))

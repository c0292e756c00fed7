"""What a van did at a fence: entered, left, stayed in it. A pure function of its track, however that is cut.

A van is inside from the instant at which its way first touches the fence. It has left once a fix lies more
than the margin outside; the instant told is that at which its way last touched the fence. So a fence crossed
between two fixes gives both, and a van that jitters about a border gives one. Over a gap nothing is known: no
line is drawn, what the first fix after it shows is told at that fix, and a dwell is counted anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from tracking.fence import MARGIN_M, Fence, Outline, Told
from tracking.track import LONGEST_GAP_S, Floats, Ints, Track, Truths

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


@dataclass(frozen=True, slots=True)
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


BEFORE: Final = Standing()
"""Nothing is known of the van yet, so it is taken to be outside."""


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
    return advance(BEFORE, track, Outline(fence, margin_m))[1]


def advance(standing: Standing, track: Track, outline: Outline) -> tuple[Standing, tuple[Passage, ...]]:
    """Go on along a later part of a track: how the van stands then, and what is told of that part.

    Cut anywhere, the parts tell together what the whole tells.

    Parameters
    ----------
    track : n >= 0, all of it later than `standing.last`
    """
    if not len(track):
        return standing, ()
    walk = _Walk(standing, _steps(standing.last, track, outline), outline)
    walk.go()
    told = tuple(each for each in walk.told if each.kind in outline.fence.tells)
    return walk.standing, told


class Steps(NamedTuple):
    """The n steps that lead to n fixes: columns of one length; the places have one more, the start before."""

    t_ms: Ints
    lon: Floats
    lat: Floats
    is_gap: Truths
    """Nothing is known of the way to it."""
    in_force: Truths
    """At each place, n + 1."""
    lies_in: Truths
    touches: Truths
    is_out: Truths

    def inside(self, before: bool) -> Truths:
        """Whether the van is inside at each place, n + 1, the start among them."""
        says = np.where(self.is_out, 0, np.where(self.touches, 1, -1))
        says = np.concatenate([[int(before)], says])
        speaks = np.maximum.accumulate(np.where(says >= 0, np.arange(len(says)), 0))
        held: Truths = says[speaks] == 1
        return held


def _steps(last: Moment | None, track: Track, outline: Outline) -> Steps:
    start = last or Moment(int(track.t_ms[0]), float(track.lon[0]), float(track.lat[0]))
    t_ms = np.concatenate([[start.t_ms], track.t_ms])
    lon = np.concatenate([[start.lon], track.lon])
    lat = np.concatenate([[start.lat], track.lat])
    is_gap = np.diff(t_ms) > GAP_MS
    is_gap[0] |= last is None
    in_force = outline.fence.in_force(t_ms)
    touch = outline.touch(lon, lat)
    lies_in = touch.ends & in_force[1:]
    is_line = ~is_gap & in_force[1:] & in_force[:-1]
    touches = lies_in | (touch.crosses & is_line)
    is_out = ~(touch.is_near & in_force[1:])
    return Steps(t_ms, lon, lat, is_gap, in_force, lies_in, touches, is_out)


class _Walk:
    """Goes along the steps from one that matters to the next, and tells what happens."""

    def __init__(self, standing: Standing, steps: Steps, outline: Outline) -> None:
        self.standing = standing
        self.told: list[Passage] = []
        self._steps = steps
        self._outline = outline
        self._piece = 0
        """The first step since the last gap or entry."""

    def go(self) -> None:
        """All the way."""
        steps = self._steps
        inside = steps.inside(self.standing.inside)
        enters = ~inside[:-1] & steps.touches
        leaves = (inside[:-1] | enters) & steps.is_out
        for n in np.flatnonzero(enters | leaves | (steps.is_gap & inside[:-1])).tolist():
            if steps.is_gap[n] and self.standing.inside:
                self._count(n)
                self.standing = replace(self.standing, counted_from=None)
            if enters[n]:
                self._enter(n)
            if leaves[n]:
                self._leave(n)
        count = len(steps.touches)
        if self.standing.inside:
            self._count(count)
        self.standing = replace(self.standing, last=self._place(count))

    def _enter(self, n: int) -> None:
        moment = self._contact(n, last=False)
        self.standing = Standing(self.standing.last, inside=True, touched=moment, counted_from=moment)
        self._piece = n
        self._tell("enter", moment, self._unseen(n) or ("seen" if self._steps.lies_in[n] else "crossed"))

    def _leave(self, n: int) -> None:
        unseen = self._unseen(n)
        self._count(n if unseen else n + 1)
        moment = self._place(n + 1) if unseen else self.standing.touched or self._place(n + 1)
        self._tell("exit", moment, unseen or ("seen" if self.standing.by_fix else "crossed"))
        self.standing = Standing(self.standing.last)

    def _count(self, until: int) -> None:
        """Take in what touches the fence since the last look, before the step `until`."""
        touching = np.flatnonzero(self._steps.touches[self._piece : until]) + self._piece
        if len(touching):
            now, last = self.standing, int(touching[-1])
            self.standing = replace(
                now,
                counted_from=now.counted_from or self._contact(int(touching[0]), last=False),
                touched=self._contact(last, last=True),
                by_fix=now.by_fix or bool(self._steps.lies_in[touching].any()),
            )
        self._piece = until
        self._tell_dwell()

    def _tell_dwell(self) -> None:
        now, dwell_ms = self.standing, self._outline.fence.dwell_s * 1000
        if now.has_dwelt or not dwell_ms or now.touched is None or now.counted_from is None:
            return
        if now.touched.t_ms - now.counted_from.t_ms >= dwell_ms:
            reached = now.counted_from._replace(t_ms=now.counted_from.t_ms + dwell_ms)
            self._tell("dwell", reached, "seen")
            self.standing = replace(now, has_dwelt=True)

    def _contact(self, n: int, *, last: bool) -> Moment:
        """When the n-th step first or last touches the fence."""
        steps = self._steps
        is_line = not steps.is_gap[n] and bool(steps.in_force[n])
        if not is_line or (last and steps.lies_in[n]):
            return self._place(n + 1)
        which = slice(n, n + 2)
        share = self._outline.contact(steps.lon[which], steps.lat[which])[int(last)]
        start, end = self._place(n), self._place(n + 1)
        return Moment(
            start.t_ms + round((end.t_ms - start.t_ms) * share),
            start.lon + (end.lon - start.lon) * share,
            start.lat + (end.lat - start.lat) * share,
        )

    def _unseen(self, n: int) -> How | None:
        """Why the way to a fix does not show what happened; None where it does."""
        steps = self._steps
        if steps.is_gap[n]:
            return "gap"
        return "hours" if steps.in_force[n] != steps.in_force[n + 1] else None

    def _place(self, n: int) -> Moment:
        steps = self._steps
        return Moment(int(steps.t_ms[n]), float(steps.lon[n]), float(steps.lat[n]))

    def _tell(self, kind: Told, moment: Moment, how: How) -> None:
        self.told.append(Passage(moment.t_ms, self._outline.fence.id, kind, how, moment.lon, moment.lat))

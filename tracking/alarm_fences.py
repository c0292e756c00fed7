"""What a van did at fences on a day, as the alert rules look at it. Memory only.

A rule tells once what a van does again and again: `news` and `dwells` are the times it tells of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from tracking.fence import EVERYTHING, Fence, Told
from tracking.fences import Fences
from tracking.passage import Passage
from tracking.track import Track
from tracking.trail import Trail


@dataclass(frozen=True, slots=True)
class Fenced:
    """What a van did at one fence on a day.

    Parameters
    ----------
    tells : what the fence tells of it
    passages : all of them, whether they are told or not, by time
    """

    fence_id: int
    tells: frozenset[Told]
    passages: tuple[Passage, ...]


class DayFences:
    """The fences of a district's day, and how far its vans were followed past them."""

    def __init__(self, district_id: int, fences: Sequence[Fence]) -> None:
        self._district_id = district_id
        self._tells = {each.id: each.tells for each in fences}
        # An alert of a dwell ends with an exit that its fence may not tell.
        self._index = Fences(replace(each, tells=EVERYTHING) for each in fences)
        self._trails: dict[int, Trail] = {}

    def seen(self, van_id: int, track: Track) -> tuple[Fenced, ...]:
        """What a van did on its track so far, by fence; what was looked at before is not looked at again."""
        trail = self._index.follow(van_id, self._district_id, track, self._trails.get(van_id))
        self._trails[van_id] = trail
        by_fence = groupby(sorted(trail.told, key=_fence_of), _fence_of)
        return tuple(Fenced(fence_id, self._tells[fence_id], tuple(all_of)) for fence_id, all_of in by_fence)


def _fence_of(passage: Passage) -> int:
    return passage.fence_id


def news(at: Fenced, kind: Literal["enter", "exit"], first_ms: int) -> list[int]:
    """When a van entered or left by its own doing, if the fence tells it.

    Left out is an entry with the track's first fix, as it was inside before, and an exit because the fence
    went out of force.

    Parameters
    ----------
    first_ms : of the track
    """
    if kind not in at.tells:
        return []
    own = [each for each in at.passages if each.kind == kind]
    if kind == "enter":
        return [each.t_ms for each in own if each.how != "gap" or each.t_ms > first_ms]
    return [each.t_ms for each in own if each.how != "hours"]


def dwells(at: Fenced, bridge_s: float) -> Iterator[tuple[int, int | None]]:
    """From when a van had dwelt to when it left for longer than `bridge_s`, None where it has not left.

    Nothing where the fence does not tell it.
    """
    began: int | None = None
    left: int | None = None
    for each in at.passages if "dwell" in at.tells else ():
        if left is not None and each.t_ms - left > bridge_s * 1000:
            if began is not None:
                yield began, left
            began = None
        left = each.t_ms if each.kind == "exit" else None
        if each.kind == "dwell" and began is None:
            began = each.t_ms
    if began is not None:
        yield began, left

"""A day that can be played again: where a van was at a time, and a player that runs at 1x to 60x.

Nothing here does I/O or reads a clock; the player is told the wall's seconds.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fleet.geo import LonLat, bearing_deg
from tracking.track import LONGEST_GAP_S

GAP_MS = int(LONGEST_GAP_S * 1000)
"""Between fixes further apart than this the van's whereabouts are not known, and not guessed."""
SLOWEST, FASTEST = 1.0, 60.0

Standing = Literal["before", "moving", "still", "gap", "after"]


@dataclass(frozen=True, slots=True)
class Track:
    """One van's fixes ordered by time.

    ``t_ms`` (epoch milliseconds) is strictly increasing; ``points`` (lon, lat) has the same length.
    """

    t_ms: tuple[int, ...]
    points: tuple[LonLat, ...]

    def __post_init__(self) -> None:
        """Refuse what is no track.

        Raises
        ------
        ValueError : lengths differ, or the times do not increase.
        """
        if len(self.t_ms) != len(self.points):
            raise ValueError("a track has a point for each time")
        if any(a >= b for a, b in zip(self.t_ms, self.t_ms[1:], strict=False)):
            raise ValueError("a track's times increase strictly")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: ``start_ms < end_ms``."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a van was. In a gap it is the last known point, and ``standing`` says so."""

    point: LonLat
    heading_deg: float | None
    standing: Standing


def position_at(track: Track, t_ms: float, *, gap_ms: int = GAP_MS) -> Position | None:
    """Where the van was at a time, gliding straight between fixes.

    Returns
    -------
    None for an empty track. Before the first fix and after the last the van stands at that fix.
    """
    if not track.t_ms:
        return None
    after = bisect_right(track.t_ms, t_ms)
    if after == 0:
        return Position(track.points[0], None, "before")
    here = track.points[after - 1]
    if after == len(track.t_ms):
        return Position(here, None, "still" if t_ms == track.t_ms[-1] else "after")
    start_ms, end_ms = track.t_ms[after - 1], track.t_ms[after]
    if end_ms - start_ms > gap_ms:
        return Position(here, None, "gap")
    there = track.points[after]
    if here == there:
        return Position(here, None, "still")
    share = (t_ms - start_ms) / (end_ms - start_ms)
    point = (here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share)
    return Position(point, bearing_deg(here, there), "moving")


@dataclass(frozen=True, slots=True)
class Player:
    """A playing head over a span of domain time.

    ``at_ms`` is where the head stood when the wall showed ``wall_s``; while ``playing`` it runs ``speed``
    times as fast as the wall. Every change gives a new player; none jumps but `seek`.
    """

    span: Span
    at_ms: float
    wall_s: float = 0.0
    speed: float = 1.0
    playing: bool = False

    def head_ms(self, wall_s: float) -> float:
        """Where the head stands at a wall time, within the span; it stops at the end."""
        run_ms = (wall_s - self.wall_s) * 1000 * self.speed if self.playing else 0.0
        return min(max(self.at_ms + run_ms, self.span.start_ms), self.span.end_ms)

    def play(self, wall_s: float) -> Player:
        """Run on; from the end, start over."""
        at_ms = self.head_ms(wall_s)
        begin = float(self.span.start_ms) if at_ms >= self.span.end_ms else at_ms
        return dataclasses.replace(self, at_ms=begin, wall_s=wall_s, playing=True)

    def pause(self, wall_s: float) -> Player:
        """Stand still."""
        return dataclasses.replace(self, at_ms=self.head_ms(wall_s), wall_s=wall_s, playing=False)

    def seek(self, t_ms: float, wall_s: float) -> Player:
        """Go to a time, held to the span, playing or not as before."""
        at_ms = min(max(t_ms, self.span.start_ms), self.span.end_ms)
        return dataclasses.replace(self, at_ms=float(at_ms), wall_s=wall_s)

    def at_speed(self, speed: float, wall_s: float) -> Player:
        """Go on at another speed, held to 1x..60x."""
        held = min(max(speed, SLOWEST), FASTEST)
        return dataclasses.replace(self, at_ms=self.head_ms(wall_s), wall_s=wall_s, speed=held)


def frames(
    tracks: Mapping[int, Track], span: Span, *, every_ms: int
) -> Iterator[tuple[int, Mapping[int, Position]]]:
    """The day as frames: every ``every_ms``, all vans' positions by van id; the span's end is a frame too.

    Raises
    ------
    ValueError : ``every_ms`` is not above zero.
    """
    if every_ms <= 0:
        raise ValueError("frames follow each other by more than nothing")
    for t_ms in [*range(span.start_ms, span.end_ms, every_ms), span.end_ms]:
        seen = ((van_id, position_at(track, t_ms)) for van_id, track in tracks.items())
        yield t_ms, {van_id: position for van_id, position in seen if position is not None}


def delta_encode(values: Sequence[int]) -> list[int]:
    """First value, then the steps: small numbers travel in few bytes."""
    return [value - before for before, value in zip((0, *values), values, strict=False)]


def delta_decode(steps: Sequence[int]) -> list[int]:
    """Back from `delta_encode`."""
    values: list[int] = []
    for step in steps:
        values.append(step + (values[-1] if values else 0))
    return values

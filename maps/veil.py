"""When a guest may see where a van is: what happens near homes is told late, at whole five minutes. Pure.

Hiding the place is not enough: a map that shows to the second when a van comes to an area and when it goes
tells how long it stood at a door. So a van that was near homes is held back:

- It comes. It stands still on the map from the beginning of the stretch of time in which it comes near; a
  stretch is somewhat shorter than the map's delay, so that its end is known before its beginning is shown.
- It is near. At each whole five minutes, and only then, the map is told in which cell it was last near homes.
- It goes. It is let free at the first whole five minutes before which it was away for five minutes.

Days that differ only in when within one stretch a van came, or in when within the same five minutes it went,
look alike to a guest, message for message. Times are epoch milliseconds.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.geo import LonLat

MARK_MS: Final = 300_000
"""Near homes the map changes at multiples of this only."""
AWAY_MS: Final = 300_000
"""For so long a van must have been away before it is let free."""
_STRETCHES_S: Final = (300, 150, 50, 25, 5, 1)
"""Each is part of the one before: several links of different delays tell no more than the quickest."""
_LATENESS: Final = 1 / 6
"""This part of a delay, at least, is left for fixes to arrive in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A van came into a cell, by its centre; it is there until its next entry."""

    t_ms: int
    cell: LonLat
    private: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be shown of a van.

    Parameters
    ----------
    at_ms : the van as it was then
    cell : what stands for its place; None for the place itself
    held : whether the van is held back
    """

    at_ms: int
    cell: LonLat | None
    held: bool


def stretch_ms(delay_s: int) -> int:
    """How long a stretch is, in which the second of a van's coming is lost."""
    longest_s = delay_s * (1 - _LATENESS)
    return 1000 * next((each for each in _STRETCHES_S if each <= longest_s), _STRETCHES_S[-1])


def span_of(at_ms: int, delay_s: int) -> tuple[int, int]:
    """From when to before when a van's course must be known to say what is shown of `at_ms`."""
    stretch = stretch_ms(delay_s)
    return _floor(at_ms, MARK_MS) - AWAY_MS, _floor(at_ms, stretch) + stretch


def sight(course: Sequence[Entry], at_ms: int, delay_s: int) -> Sight:
    """What may be shown as a van's place at a time.

    Parameters
    ----------
    course : strictly increasing in time, over all of `span_of`, the cell in force at its beginning included
    delay_s : how late the map is, >= 1; what was known that much later than `at_ms` is in the course
    """
    mark = _floor(at_ms, MARK_MS)
    away_since, until = span_of(at_ms, delay_s)
    first = max(0, bisect_right(course, away_since, key=_time) - 1)
    last: Entry | None = None
    for entry, left_ms in _near(course[first : bisect_left(course, until, key=_time)]):
        if entry.t_ms <= mark and left_ms > away_since:
            last = entry
        elif mark < entry.t_ms < until and last is None:
            # The last instant of the stretch before: a fix of the very beginning may be near homes.
            return Sight(_floor(entry.t_ms, stretch_ms(delay_s)) - 1, None, True)
    return Sight(at_ms, None, False) if last is None else Sight(mark, last.cell, True)


def _near(course: Sequence[Entry]) -> list[tuple[Entry, int]]:
    """The entries to private cells, each with the time when the van was in another cell."""
    ended = [entry.t_ms for entry in course[1:]]
    both = itertools.zip_longest(course, ended, fillvalue=None)
    return [(entry, left if left is not None else 1 << 62) for entry, left in both if entry and entry.private]


def _time(entry: Entry) -> int:
    return entry.t_ms


def _floor(t_ms: int, step_ms: int) -> int:
    return t_ms - t_ms % step_ms

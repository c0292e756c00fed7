"""Driving without a rest: spells of movement between stands of twenty minutes. Pure.

What counts is the time at the wheel. A stand of some minutes at a light or a door is no rest and, when longer
than three minutes, no driving either; twenty minutes' stand, or silence, ends the spell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracking.speeds import driven_mps
from tracking.track import Floats, Ints, Track, Truths

REST_S: Final = 20 * 60
LIGHT_S: Final = 3 * 60
MOVES_MPS: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Spell:
    """Driving between two rests: times of its moving fixes, and the seconds driven up to each."""

    t_ms: Ints
    so_far_s: Floats

    @property
    def ends_ms(self) -> int:
        """Its last movement."""
        return int(self.t_ms[-1])

    @property
    def driven_s(self) -> float:
        """Seconds at the wheel."""
        return float(self.so_far_s[-1])

    def over_at(self, most_s: float) -> int | None:
        """When `most_s` had been driven; None if never."""
        over = np.flatnonzero(self.so_far_s >= most_s)
        return int(self.t_ms[over[0]]) if len(over) else None


def moving(track: Track) -> Truths:
    """Which fixes are on the move: by their own speed, else by the one that their neighbours tell."""
    fast: Truths = driven_mps(track) > MOVES_MPS
    return fast


def spells(track: Track) -> tuple[Spell, ...]:
    """The driving of a track between its rests, by time."""
    t_ms = track.t_ms[moving(track)]
    if not len(t_ms):
        return ()
    gap_s = np.diff(t_ms) / 1000
    driven_s = np.where(gap_s <= LIGHT_S, gap_s, 0.0)
    parts = np.split(np.arange(len(t_ms)), np.flatnonzero(gap_s >= REST_S) + 1)
    found = []
    for part in parts:
        so_far_s = np.concatenate([[0.0], np.cumsum(driven_s[part[:-1]])])
        found.append(Spell(t_ms[part], so_far_s))
    return tuple(found)

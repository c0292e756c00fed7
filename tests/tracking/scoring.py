"""How well something is found: precision and recall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.tracking.noise import Door
from tracking.stays import Stay
from tracking.track import Truths, apart_m

OVERLAP: float = 0.5
"""The part of the door's time that a stay covers at least, and of the stay's that the door does."""
CENTRE_M: float = 30.0


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of what was found and what is true; they add up."""

    right: int = 0
    found: int = 0
    true: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.found + other.found, self.true + other.true)

    @property
    def precision(self) -> float:
        """The right among the found."""
        return self.right / self.found

    @property
    def recall(self) -> float:
        """The found among the true."""
        return self.right / self.true


def of_fixes(found: Truths, true: Truths) -> Score:
    """Fix by fix."""
    return Score(int(np.sum(found & true)), int(np.sum(found)), int(np.sum(true)))


def of_doors(stays: tuple[Stay, ...], doors: tuple[Door, ...]) -> Score:
    """A stay is right if it and one door, which no other stay took, share half of the longer of their times,
    and the stay's centre is at most `CENTRE_M` from the door.
    """
    taken: set[Door] = set()
    for stay in stays:
        for door in doors:
            if door not in taken and _is_of(stay, door):
                taken.add(door)
                break
    return Score(len(taken), len(stays), len(doors))


def _is_of(stay: Stay, door: Door) -> bool:
    shared_ms = min(stay.ends_ms, door.ends_ms) - max(stay.starts_ms, door.starts_ms)
    longer_ms = max(stay.ends_ms - stay.starts_ms, door.ends_ms - door.starts_ms)
    if shared_ms < OVERLAP * longer_ms:
        return False
    return float(apart_m(np.array([door.lon]), np.array([door.lat]), stay.lon, stay.lat)[0]) <= CENTRE_M

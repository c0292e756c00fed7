from __future__ import annotations

import numpy as np

from fleet.registry import Beat
from routing.beats import in_beat_s, inside

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
BEAT = Beat(1, "B1", "一号网格", "Beat 1", False, ((SQUARE,),), ())
SECONDS = np.array([[0, 100, 400], [100, 0, 400], [400, -1, 0]], dtype=np.int32)


def test_a_leg_counts_by_its_ends_and_its_middle() -> None:
    points = [(0.5, 0.5), (1.5, 1.5), (5.0, 1.0)]
    found = in_beat_s([BEAT], points, SECONDS)
    assert inside([BEAT], points).tolist() == [True, True, False]
    assert found[0, 1] == 100  # all inside
    assert found[0, 2] == 100  # one end, a quarter
    assert found[2, 1] == 0  # no road, nothing driven


def test_a_hole_is_outside() -> None:
    hole = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4))
    holed = Beat(1, "B1", "", "", False, ((SQUARE, hole),), ())
    assert inside([holed], [(0.5, 0.5)]).tolist() == [False]

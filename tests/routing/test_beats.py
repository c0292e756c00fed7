from __future__ import annotations

import numpy as np

from fleet.registry import Beat
from routing.beats import patrol

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))
BEAT = Beat(1, "B1", "一号网格", "Beat 1", False, ((SQUARE,),), ())
SECONDS = np.array([[0, 100, 400], [100, 0, 400], [400, -1, 0]], dtype=np.int32)


def test_a_leg_counts_by_its_ends_and_its_middle() -> None:
    found = patrol([BEAT], [(0.5, 0.5), (1.5, 1.5), (5.0, 1.0)], SECONDS)
    assert found.inside.tolist() == [True, True, False]
    assert found.in_beat_s[0, 1] == 100  # all inside
    assert found.in_beat_s[0, 2] == 100  # one end, a quarter
    assert found.in_beat_s[2, 1] == 0  # no road, nothing driven


def test_a_hole_is_outside() -> None:
    hole = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4))
    holed = Beat(1, "B1", "", "", False, ((SQUARE, hole),), ())
    assert patrol([holed], [(0.5, 0.5)], np.zeros((1, 1), dtype=np.int32)).inside.tolist() == [False]

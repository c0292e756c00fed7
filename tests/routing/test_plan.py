from __future__ import annotations

from dataclasses import replace

from routing.plan import Levels


def test_no_lower_level_buys_a_higher_one() -> None:
    better = Levels(0, 0, 5, 99_999, 99_999, 999, 99_999)
    worse = Levels(0, 0, 6, 0, 0, 0, 0)
    assert better < worse
    assert replace(better, naps=3, drive_s=7) == better, "what the sum is made of is not compared by itself"
    assert list(better.figures())[:7] == [
        "sos_missed",
        "mandatory_missed",
        "prize_missed",
        "patrol_short_min",
        "unseen_min",
        "portions_missed",
        "cost",
    ]

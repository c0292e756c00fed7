from __future__ import annotations

from routing.plan import Levels


def test_no_lower_level_buys_a_higher_one() -> None:
    better = Levels(0, 5, 99_999, 99_999, 999, 99, 99_999)
    worse = Levels(0, 6, 0, 0, 0, 0, 0)
    assert better < worse
    assert list(better.figures()) == [
        "mandatory_missed",
        "prize_missed",
        "patrol_short_s",
        "unseen_s",
        "portions_missed",
        "naps",
        "drive_s",
    ]

"""Why a visit waits, in words."""

from __future__ import annotations

from datetime import time

from fleet.registry import Site
from maps.day import Unserved
from maps.reasons import said_of
from tests.maps.days import VAN


def left_out(*reasons: dict[str, object]) -> Unserved:
    return Unserved(True, "第9小区", "Estate 9", "刘淑珍", "visit", reasons)


def test_the_nearest_van_is_told_first_and_at_most_three() -> None:
    need = {"code": "shift_end", "short": 840, "what": []}
    reasons = [{"van": 1, "code": "shift_end", "needs": [need]}] * 5
    said = said_of(left_out(*reasons), (VAN,), "en", ())
    assert len(said) == 3
    assert said[0] == "+14 min of shift on Van 1 would do"


def test_the_other_van_and_the_time_of_a_reload_are_told() -> None:
    thing = {"code": "equipment", "short": 1, "what": ["stair_climber"], "other": 1}
    reload = {"code": "reload", "short": 0, "what": ["第一中心"], "at": "12:40"}
    reasons = [{"van": 9, "code": each["code"], "needs": [each]} for each in (thing, reload)]
    said = said_of(left_out(*reasons), (VAN,), "en", ())
    assert said[0].endswith(": Van 1 has it")
    assert said[1] == "a reload of 9 at 第一中心 at 12:40 would do"
    centre = Site(1, "c1", "centre", "第一中心", "First Centre", 116.0, 36.4, True, True, time(8), time(17))
    said = said_of(left_out(*reasons), (VAN,), "en", (centre,))
    assert said[1] == "a reload of 9 at First Centre at 12:40 would do"
    assert said_of(left_out(*reasons), (VAN,), "zh", ())[1] == "9 12:40 在第一中心补给一次即可安排"


def test_nothing_is_made_up_where_nothing_was_proved() -> None:
    assert said_of(left_out(), (VAN,), "zh", ()) == []

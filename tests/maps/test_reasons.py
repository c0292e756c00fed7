"""Why a visit waits, in words."""

from __future__ import annotations

from maps.day import Unserved
from maps.reasons import said_of
from tests.maps.days import VAN


def left_out(*reasons: dict[str, object]) -> Unserved:
    return Unserved(True, "第9小区", "Estate 9", "刘淑珍", "visit", reasons)


def test_the_nearest_van_is_told_first_and_at_most_three() -> None:
    need = {"code": "shift_end", "short": 840, "what": []}
    reasons = [{"van": 1, "code": "shift_end", "needs": [need]}] * 5
    said = said_of(left_out(*reasons), (VAN,), "en")
    assert len(said) == 3
    assert said[0] == "+14 min of shift on Van 1 would do"


def test_a_visit_without_reasons_says_so() -> None:
    assert said_of(left_out(), (VAN,), "zh") == ["未记录原因"]

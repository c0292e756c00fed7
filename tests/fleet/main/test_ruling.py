from __future__ import annotations

from datetime import time

import pytest

from fleet.errors import InvalidInput
from fleet.main.ruling import Asked, changed, equipment_typed, told
from routing.means import DayRule
from routing.problem import Equipment


def test_what_is_not_typed_stays() -> None:
    rule = DayRule(overtime_s=600)
    assert changed(rule, Asked()) == rule
    assert changed(rule, Asked(span_h=7.5, batches="09:30, 12:00")) == DayRule(
        span_s=27_000, overtime_s=600, batches=(time(9, 30), time(12, 0))
    )
    assert changed(DayRule(span_s=5), Asked(span_h=0)).span_s is None


def test_things_are_typed_by_name_and_units() -> None:
    assert equipment_typed("stair_climber=1, bath") == (Equipment("stair_climber"), Equipment("bath"))
    assert equipment_typed("") == ()


@pytest.mark.parametrize("asked", [Asked(pace="100,fast"), Asked(batches="noon")])
def test_what_cannot_be_read_is_said(asked: Asked) -> None:
    with pytest.raises(InvalidInput, match=r"fast|noon"):
        changed(DayRule(), asked)


def test_the_rule_is_told_in_words() -> None:
    text = told(DayRule(span_s=28_800, overtime_s=1800), (Equipment("stair_climber", 2),))
    assert "Span 8 h, overtime 30 min" in text
    assert "stair_climber x2" in text

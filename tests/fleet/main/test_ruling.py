from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import InvalidInput, NotFound
from fleet.main.ruling import rule, told
from routing.day_rules import Asked, DayRules
from routing.means import DayRule
from routing.problem import Equipment
from tests.routing.town import context_on, seed


def test_the_rule_is_told_in_words() -> None:
    text = told(DayRules(DayRule(span_s=28_800, overtime_s=1800), (Equipment("stair_climber", 2),)))
    assert "Span 8 h, overtime 30 min" in text
    assert "stair_climber x2" in text


def test_what_was_typed_holds_and_is_printed(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    rule(context, district_id, Asked(overtime_min="45"))
    assert "overtime 45 min" in capsys.readouterr().out
    with pytest.raises(InvalidInput, match="noon"):
        rule(context, district_id, Asked(batches="noon"))
    with pytest.raises((NotFound, InvalidInput)):
        rule(context, 987_654, Asked(overtime_min="30"))
    context.engine.dispose()

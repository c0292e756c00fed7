from __future__ import annotations

from routing.violation import RULES, Violation


def test_a_violation_says_rule_van_stop_and_what() -> None:
    assert str(Violation("window", 2, 5, "A begins at 9")) == "window: van 2, stop 5: A begins at 9"


def test_rules_are_named_once() -> None:
    assert len(set(RULES)) == len(RULES) > 20

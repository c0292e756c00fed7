from __future__ import annotations

from pathlib import Path

from routing.violation import RULES, Violation


def test_a_violation_says_rule_van_stop_and_what() -> None:
    assert str(Violation("window", 2, 5, "A begins at 9")) == "window: van 2, stop 5: A begins at 9"


def test_rules_are_named_once() -> None:
    assert len(set(RULES)) == len(RULES) > 20


def test_each_rule_stands_in_the_documentation() -> None:
    text = Path("docs/planning.md").read_text()
    assert [rule for rule in RULES if f"`{rule}`" not in text] == []

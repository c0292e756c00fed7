from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import InvalidInput, NotFound
from tracking.alarm_rules import DEFAULTS, LONGEST_DELAY_S, OF_DAY, OF_MOMENT, changed, find, meant, shown


def test_every_default_is_within_its_own_range() -> None:
    for rule in DEFAULTS.values():
        same = changed(
            rule, enabled=True, severity=rule.severity, threshold=rule.threshold, on_delay_s=rule.on_delay_s
        )
        assert same == rule
    assert sorted([*OF_DAY, *OF_MOMENT]) == sorted(DEFAULTS)


@pytest.mark.parametrize(
    ("severity", "threshold", "on_delay_s", "said"),
    [
        ("warn", 59, 0, "The limit 59 s cannot be: give a value from 60 to 7200 s."),
        ("warn", float("inf"), 0, "The limit inf s"),
        ("warn", float("nan"), 0, "The limit nan s"),
        ("warn", 300, -1, "The delay -1 s cannot be"),
        ("warn", 300, LONGEST_DELAY_S + 1, "The delay 7201 s cannot be"),
        ("red", 300, 0, "The severity red is none of ours"),
    ],
)
def test_a_bad_limit_is_one_sentence(severity: str, threshold: float, on_delay_s: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        changed(
            DEFAULTS["offline"], enabled=True, severity=severity, threshold=threshold, on_delay_s=on_delay_s
        )


def test_a_call_for_help_is_never_silent() -> None:
    with pytest.raises(InvalidInput, match="cannot be switched off"):
        changed(DEFAULTS["sos_unseen"], enabled=False, severity="sos", threshold=60, on_delay_s=0)


def test_there_is_no_other_rule() -> None:
    assert find("late").code == "late"
    with pytest.raises(NotFound):
        find("nothing")


@given(st.sampled_from(sorted(DEFAULTS)), st.floats(0, 1))
def test_what_is_shown_can_be_sent_back(code: str, share: float) -> None:
    rule = DEFAULTS[code]
    value = rule.least + share * (rule.most - rule.least)
    back = meant(shown(value, rule.unit), rule.unit)
    assert abs(back - value) <= 0.006 * max(1.0, 1 / 3.6)
    for bound in (rule.least, rule.most):
        again = meant(shown(bound, rule.unit), rule.unit)
        assert changed(rule, enabled=True, severity="warn", threshold=again, on_delay_s=0).threshold == again

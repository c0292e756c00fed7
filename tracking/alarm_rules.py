"""What may be wrong, and from when on it is told: the closed list of rules with their limits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from fleet.errors import InvalidInput, NotFound, Word

Severity: TypeAlias = Literal["sos", "high", "warn", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("sos", "high", "warn", "info")
Unit: TypeAlias = Literal["s", "m", "mps", "share"]
LONGEST_DELAY_S: Final = 7200


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its limits.

    Parameters
    ----------
    threshold : in `unit`: seconds, metres, metres a second, a share of one
    on_delay_s : how long the condition has to last before it is told, seconds, >= 0
    least, most : between which a district may set the threshold, both included
    of_day : a function of a van's day, found again whenever late facts arrive; else of the moment only
    """

    code: str
    unit: Unit
    threshold: float
    on_delay_s: int
    severity: Severity
    least: float
    most: float
    of_day: bool
    enabled: bool = True


_ALL: Final = (
    Rule("offline", "s", 300, 0, "warn", 60, 7200, True),
    Rule("stationary", "s", 1800, 0, "warn", 300, 14400, True),
    Rule("off_beat", "m", 200, 1200, "warn", 50, 5000, True),
    Rule("off_route", "m", 500, 300, "warn", 100, 10000, True),
    Rule("overspeed", "mps", 80 / 3.6, 10, "warn", 20 / 3.6, 130 / 3.6, True),
    Rule("long_driving", "s", 4 * 3600, 0, "high", 3600, 4 * 3600, True),
    Rule("shift_not_started", "s", 900, 0, "warn", 300, 7200, True),
    Rule("food_near", "s", 1800, 0, "warn", 300, 5400, True),
    Rule("food_past", "s", 7200, 0, "high", 1800, 7200, True),
    Rule("low_battery", "share", 0.15, 60, "info", 0.05, 0.5, True),
    Rule("device_alarm", "s", 600, 0, "warn", 60, 7200, True),
    Rule("fence_enter", "s", 600, 0, "info", 60, 7200, True),
    Rule("fence_exit", "s", 600, 0, "info", 60, 7200, True),
    Rule("fence_dwell", "s", 60, 0, "info", 0, 3600, True),
    Rule("gps_lost", "s", 180, 0, "warn", 60, 3600, False),
    Rule("late", "s", 600, 120, "high", 60, 7200, False),
    Rule("patrol_at_risk", "s", 0, 300, "warn", 0, 7200, False),
    Rule("beat_unseen", "s", 5400, 0, "info", 1800, 28800, False),
    Rule("sos_unseen", "s", 60, 0, "sos", 10, 600, False),
    Rule("server_behind", "s", 10, 20, "high", 2, 600, False),
    Rule("two_sockets", "s", 600, 0, "warn", 60, 7200, False),
    Rule("share_locked", "s", 0, 0, "warn", 0, 840, False),
)
DEFAULTS: Final[Mapping[str, Rule]] = MappingProxyType({rule.code: rule for rule in _ALL})
"""Every rule there is, by code, in the order in which they are shown."""
OF_DAY: Final = tuple(rule.code for rule in _ALL if rule.of_day)
OF_MOMENT: Final = tuple(rule.code for rule in _ALL if not rule.of_day)
Rules: TypeAlias = Mapping[str, Rule]


def find(code: str) -> Rule:
    """The rule of a code, as it is by default.

    Raises
    ------
    NotFound : there is no such rule.
    """
    if code not in DEFAULTS:
        raise NotFound("There is no alert rule {code}. Load the page again.", code=code)
    return DEFAULTS[code]


def changed(rule: Rule, *, enabled: bool, severity: str, threshold: float, on_delay_s: int) -> Rule:
    """A rule with a district's own limits.

    Raises
    ------
    InvalidInput : a limit lies outside its range; the sentence names the value and the range.
    """
    if severity not in SEVERITIES:
        raise InvalidInput(
            "The severity {given} is none of ours. Choose sos, high, warn or info.", given=severity
        )
    # A limit that went through its shown unit and back may miss its bound by the last digit.
    slack = 1e-6 * max(1.0, rule.most)
    if not rule.least - slack <= threshold <= rule.most + slack:
        raise InvalidInput(
            "The limit {given} {unit} cannot be: give a value from {least} to {most} {unit}.",
            given=shown(threshold, rule.unit),
            least=shown(rule.least, rule.unit),
            most=shown(rule.most, rule.unit),
            unit=Word(UNIT_WORDS[rule.unit]),
        )
    if not 0 <= on_delay_s <= LONGEST_DELAY_S:
        raise InvalidInput(
            "The delay {given} s cannot be: give a value from 0 to {most} s.",
            given=on_delay_s,
            most=LONGEST_DELAY_S,
        )
    if rule.code == "sos_unseen" and not enabled:
        raise InvalidInput("The alert for an SOS that nobody has seen cannot be switched off.")
    return replace(
        rule,
        enabled=enabled,
        severity=next(each for each in SEVERITIES if each == severity),
        threshold=threshold,
        on_delay_s=on_delay_s,
    )


UNIT_WORDS: Final[Mapping[Unit, str]] = MappingProxyType({"s": "s", "m": "m", "mps": "km/h", "share": "%"})
"""What a limit is shown in."""
_SCALES: Final[Mapping[Unit, float]] = MappingProxyType({"s": 1.0, "m": 1.0, "mps": 3.6, "share": 100.0})


def shown(value: float, unit: Unit) -> float:
    """A limit as people read it: km/h, %, else as it is; no digits that mean nothing."""
    said = round(value * _SCALES[unit], 2)
    return int(said) if said.is_integer() else said


def meant(said: float, unit: Unit) -> float:
    """The limit that people wrote: the reverse of `shown`."""
    return said / _SCALES[unit]

"""A district's day rules as a person types them: each field read by itself, kept, told in the same form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from typing import Any, Final

import sqlalchemy as sa

from fleet import audit
from fleet.errors import InvalidInput
from routing import means
from routing.means import DayRule
from routing.problem import Equipment

ACTION: Final = "day.rule"
"""As the audit names a change."""
LONGEST_SPAN_H: Final = 16
LONGEST_MIN: Final = 8 * 60
MOST_PATROL_MIN: Final = 16 * 60
PACE: Final = (10, 500)
"""The least and the most percent of road time."""
MOST_BATCHES: Final = 6
HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, field by field; None leaves things as they are.

    Parameters
    ----------
    span_h : hours; nothing, or 0, is the shift
    overtime_min, wait_min, patrol_min : minutes
    pace : 24 percentages with commas between; nothing is the road table throughout
    batches : times of day, ``09:30, 12:00``
    equipment : things and their units, ``stair_climber=1, bath=2``
    """

    span_h: str | None = None
    overtime_min: str | None = None
    wait_min: str | None = None
    patrol_min: str | None = None
    pace: str | None = None
    batches: str | None = None
    equipment: str | None = None


@dataclass(frozen=True, slots=True)
class DayRules:
    """What a district's planned days keep to, and its portable things."""

    rule: DayRule
    equipment: tuple[Equipment, ...] = ()


def read(conn: sa.Connection, district_id: int) -> DayRules:
    """What holds now."""
    return DayRules(means.rule_of(conn, district_id), means.equipment_of(conn, district_id))


def change(conn: sa.Connection, district_id: int, asked: Asked, by: str) -> DayRules:
    """Change what was asked for, written to the audit where that changes anything; what holds then.

    Raises
    ------
    InvalidInput : a field cannot be read, or is not allowed; the error names it.
    """
    before = read(conn, district_id)
    after = changed(before, asked)
    if after.rule != before.rule:
        means.set_rule(conn, district_id, after.rule)
    if after.equipment != before.equipment:
        means.set_equipment(conn, district_id, after.equipment)
    if after != before:
        was, becomes = typed(before), typed(after)
        detail = {name: value for name, value in becomes.items() if was[name] != value}
        audit.record(conn, by, ACTION, f"district:{district_id}", district_id, changed=detail)
    return after


def changed(rules: DayRules, asked: Asked) -> DayRules:
    """The rules with what was typed.

    Raises
    ------
    InvalidInput : see `change`.
    """
    values: dict[str, Any] = {}
    for field, (name, reader) in _READERS.items():
        text = getattr(asked, field)
        if text is None:
            continue
        try:
            values[name] = reader(text)
        except InvalidInput as error:
            raise error.at(field) from None
    kits = values.pop("equipment", rules.equipment)
    return DayRules(replace(rules.rule, **values), kits)


def typed(rules: DayRules) -> Mapping[str, str]:
    """The rules by field, as they would be typed."""
    rule = rules.rule
    told = Asked(
        span_h="" if rule.span_s is None else f"{rule.span_s / 3600:g}",
        overtime_min=f"{rule.overtime_s // 60}",
        wait_min=f"{rule.waits_s // 60}",
        patrol_min=f"{rule.patrol_s // 60}",
        pace=",".join(map(str, rule.pace)),
        batches=", ".join(f"{each:%H:%M}" for each in rule.batches),
        equipment=", ".join(f"{kit.code}={kit.units}" for kit in rules.equipment),
    )
    return {each.name: getattr(told, each.name) for each in fields(told)}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def _whole(text: str, most: int) -> int:
    try:
        value = int(text.strip() or 0)
    except ValueError:
        raise InvalidInput("{value!r} is not a whole number. Write digits only.", value=text) from None
    if not 0 <= value <= most:
        raise InvalidInput(
            "{value} is not from {least} to {most}. Correct it.", value=value, least=0, most=most
        )
    return value


def _seconds(most_min: int) -> Callable[[str], int]:
    return lambda text: 60 * _whole(text, most_min)


def _span(text: str) -> int | None:
    try:
        hours = float(text.strip() or 0)
    except ValueError:
        raise InvalidInput("{value!r} is not a number of hours. Write it as 8 or 7.5.", value=text) from None
    if not 0 <= hours <= LONGEST_SPAN_H:
        raise InvalidInput(
            "{value} is not from {least} to {most}. Correct it.",
            value=f"{hours:g}",
            least=0,
            most=LONGEST_SPAN_H,
        )
    return round(hours * 3600) or None


def _pace(text: str) -> tuple[int, ...]:
    parts = _parts(text)
    if len(parts) not in (0, HOURS):
        raise InvalidInput(
            "{n} percentages were given. Give one for each of the 24 hours, or none at all.", n=len(parts)
        )
    least, most = PACE
    found = tuple(_whole(part, 10**6) for part in parts)
    for hour, value in enumerate(found):
        if not least <= value <= most:
            raise InvalidInput(
                "The pace from {hour}:00 is {value} %. Give one from {least} to {most};"
                " 100 is the road table.",
                hour=hour, value=value, least=least, most=most,
            )  # fmt: skip
    return () if set(found) == {100} else found


def _batches(text: str) -> tuple[time, ...]:
    found = tuple(sorted({_time(part) for part in _parts(text)}))
    if len(found) > MOST_BATCHES:
        raise InvalidInput(
            "{n} batches a day are too many. Give at most {most}.", n=len(found), most=MOST_BATCHES
        )
    return found


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text.replace("：", ":")).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidInput("{value!r} is not a time of day. Write it as 09:30.", value=text) from None


def _equipment(text: str) -> tuple[Equipment, ...]:
    found = []
    for part in _parts(text):
        code, _, units = part.partition("=")
        found.append(Equipment(code.strip(), _whole(units or "1", 1000)))
    means.check_equipment(tuple(found))
    return tuple(sorted(found, key=lambda kit: kit.code))


_READERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "span_h": ("span_s", _span),
    "overtime_min": ("overtime_s", _seconds(LONGEST_MIN)),
    "wait_min": ("waits_s", _seconds(LONGEST_MIN)),
    "patrol_min": ("patrol_s", _seconds(MOST_PATROL_MIN)),
    "pace": ("pace", _pace),
    "batches": ("batches", _batches),
    "equipment": ("equipment", _equipment),
}

"""What a district's planned days keep to, from the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from fleet import audit
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import InvalidInput
from fleet.main.registering import ACTOR
from routing import means
from routing.means import DayRule
from routing.problem import Equipment


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed; None leaves things as they are."""

    span_h: float | None = None
    overtime_min: int | None = None
    wait_min: int | None = None
    patrol_min: int | None = None
    pace: str | None = None
    batches: str | None = None
    equipment: str | None = None


def rule(context: Context, district_id: int, asked: Asked) -> None:
    """Change what was asked for and print what holds now.

    Raises
    ------
    InvalidInput : something typed cannot be read, or is not allowed.
    NotFound : there is no such district.
    """
    with translate_errors(), context.engine.begin() as conn:
        before, kits = means.rule_of(conn, district_id), means.equipment_of(conn, district_id)
        after = changed(before, asked)
        if after != before:
            means.set_rule(conn, district_id, after)
        if asked.equipment is not None:
            kits = equipment_typed(asked.equipment)
            means.set_equipment(conn, district_id, kits)
        if asked != Asked():
            audit.record(conn, ACTOR, "day.rule", f"district:{district_id}", district_id)
    print(told(after, kits))


def changed(rule: DayRule, asked: Asked) -> DayRule:
    """The rule with what was typed."""
    if asked.span_h is not None:
        rule = replace(rule, span_s=round(asked.span_h * 3600) or None)
    if asked.overtime_min is not None:
        rule = replace(rule, overtime_s=60 * asked.overtime_min)
    if asked.wait_min is not None:
        rule = replace(rule, waits_s=60 * asked.wait_min)
    if asked.patrol_min is not None:
        rule = replace(rule, patrol_s=60 * asked.patrol_min)
    if asked.pace is not None:
        rule = replace(rule, pace=tuple(_number(each) for each in _parts(asked.pace)))
    if asked.batches is not None:
        rule = replace(rule, batches=tuple(_time(each) for each in _parts(asked.batches)))
    return rule


def equipment_typed(text: str) -> tuple[Equipment, ...]:
    """Things as they were typed, `name=units` each."""
    found = []
    for part in _parts(text):
        code, _, units = part.partition("=")
        found.append(Equipment(code.strip(), _number(units or "1")))
    return tuple(found)


def told(rule: DayRule, kits: tuple[Equipment, ...]) -> str:
    """The rule in words."""
    span = "the shift" if rule.span_s is None else f"{rule.span_s / 3600:g} h"
    return "\n".join(
        (
            f"Span {span}, overtime {rule.overtime_s // 60} min, wait at the depot {rule.waits_s // 60} min.",
            f"Patrol {rule.patrol_s // 60} min a van and day.",
            f"Pace: {','.join(map(str, rule.pace)) or 'the road table throughout'}.",
            f"Batches: {', '.join(f'{each:%H:%M}' for each in rule.batches) or 'the morning one only'}.",
            f"Equipment: {', '.join(f'{kit.code} x{kit.units}' for kit in kits) or 'none'}.",
        )
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidInput("{value!r} is not a whole number. Write digits only.", value=text) from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput("{value!r} is not a time of day. Write it as 09:30.", value=text) from None

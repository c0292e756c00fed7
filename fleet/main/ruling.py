"""What a district's planned days keep to, from the command line."""

from __future__ import annotations

from fleet.context import Context
from fleet.db import translate_errors
from fleet.main.registering import ACTOR
from routing import day_rules
from routing.day_rules import Asked, DayRules


def rule(context: Context, district_id: int, asked: Asked) -> None:
    """Change what was asked for and print what holds now.

    Raises
    ------
    InvalidInput : something typed cannot be read, or is not allowed.
    NotFound : there is no such district.
    """
    with translate_errors(), context.engine.begin() as conn:
        rules = day_rules.change(conn, district_id, asked, ACTOR)
    print(told(rules))


def told(rules: DayRules) -> str:
    """The rules in words."""
    rule, kits = rules.rule, rules.equipment
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

"""What a plan can be found guilty of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Rule: TypeAlias = Literal[
    "route",
    "order",
    "unreachable",
    "travel",
    "service",
    "shift",
    "span",
    "window",
    "break",
    "capacity",
    "food_clock",
    "kitchen",
    "skills",
    "vans",
    "beat",
    "handover",
    "equipment",
    "relation",
    "prefix",
    "duplicate",
    "unserved",
    "totals",
    "levels",
]
RULES: tuple[Rule, ...] = get_args(Rule)
"""All rules that the checker knows; `docs/planning.md` says what each asks for."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken: on which van's route, at which stop of it, and by what.

    `van` is -1 where the plan as a whole is at fault.
    """

    rule: Rule
    van: int
    stop: int
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: van {self.van}, stop {self.stop}: {self.detail}"

"""Whether a draft may be the day's plan: no rule broken, nothing assumed that the registry does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from fleet import tables
from fleet.errors import Conflict
from routing import agenda as agendas
from routing.scenario import Told, not_entered, told_of
from routing.stored import PlanRow

_REFUSALS: Mapping[str, str] = {
    "shift": "The plan assumes another end of shift for van {van}. Enter that shift in the registry,"
    " then publish.",
    "span": "The plan assumes that van {van} works longer. Enter the longer shift in the registry,"
    " then publish.",
    "rest": "The plan assumes a later break on van {van}. Begin its shift later in the registry,"
    " then publish.",
    "skill": "The plan assumes that van {van} has {what}. Enter it for the van or its crew, then publish.",
    "cups": "The plan assumes that van {van} holds {cups} more cups. Enter the container in the registry,"
    " then publish.",
    "window": "The plan assumes that a place is open {minutes} min longer. Enter its hours in the registry,"
    " then publish.",
    "keep": "The plan assumes that food keeps {minutes} min longer. Enter the holding times in the menu,"
    " then publish.",
    "kitchen_longer": "The plan assumes that a kitchen is open {minutes} min longer. Enter its hours in the"
    " registry, then publish.",
    "kitchen_closed": "The plan assumes that a kitchen is closed. Enter that in the registry, then publish.",
    "patrol": "The plan assumes a patrol target of {minutes} min, which is not the district's."
    " Plan the day without it, then publish.",
    "mandatory": "The plan assumes that a visit is mandatory. Make its cadence mandatory, then publish.",
    "van_more": "The plan assumes one more van. Enter the van, its crew and its shift in the registry,"
    " then plan the day anew and publish.",
    "van_down": "The plan assumes that a van is not there. Take its shift away in the registry,"
    " then publish.",
    "leave": "The plan assumes that van {van} leaves later. Allow more waiting at the depot in the rules,"
    " then publish.",
    "kit": "The plan assumes {cups} more {what}. Enter the equipment in the rules, then publish.",
}


def refuse(conn: sa.Connection, district_id: int, plan: PlanRow) -> None:
    """Say no to a draft that the vans cannot follow.

    Raises
    ------
    Conflict : it breaks a rule, or stands on what is not in the registry; the sentence says what to enter.
    """
    if plan.violations:
        raise Conflict(
            "Plan {plan} breaks {count} rules and cannot be published. Mend it at the planner's desk.",
            plan=plan.id,
            count=plan.violations,
        )
    missing = missing_of(conn, district_id, plan.day, [told_of(each) for each in plan.scenario])
    if missing:
        first = missing[0]
        codes = {row.id: row.code for row in conn.execute(_codes(district_id))}
        raise Conflict(
            _REFUSALS[first.kind],
            van=codes.get(first.van or 0, "+"),
            minutes=first.minutes,
            cups=first.cups,
            what=first.what,
        )


def missing_of(conn: sa.Connection, district_id: int, day: date, told: Sequence[Told]) -> tuple[Told, ...]:
    """The changes that the registry does not have. Roads do not matter for that."""
    return not_entered(agendas.layout(conn, district_id, day), told) if told else ()


def _codes(district_id: int) -> sa.Select[tuple[int, str]]:
    van = tables.van
    return sa.select(van.c.id, van.c.code).where(van.c.district_id == district_id)

"""What a district's day keeps to and has beside its registry: rules, equipment, what earlier days left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from fleet import tables
from fleet.errors import InvalidInput
from routing.problem import PATROL_TARGET_S, Break, Equipment

NOON_BATCH = time(12, 0)
_BREAK_S = 45 * 60
_BREAK_FROM_S, _BREAK_TO_S = 3 * 3600, 4 * 3600 + 1800
"""After this much of a shift the break may begin, and must have begun."""
_KNOWN_DAYS = 60
"""A crew that called on somebody so long ago is no longer familiar."""
Called: TypeAlias = tuple[int, int | None, int | None]
"""Who is called on: a site, and for a visit the person and the cadence."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """A district's own settings of a day.

    Parameters
    ----------
    span_s : the longest time from leaving to being back, without break and reloads; None is the shift
    overtime_s : how much later than the shift's end a van may be back, at a price
    waits_s : how long after the shift's start a van may wait at its depot for its first call's window
    pace : for each hour the percentage of the road's seconds that a drive takes; empty is 100 throughout
    batches : when kitchens' batches are ready, after the one that vans leave with
    """

    span_s: int | None = None
    overtime_s: int = 0
    waits_s: int = 0
    patrol_s: int = PATROL_TARGET_S
    pace: tuple[int, ...] = ()
    batches: tuple[time, ...] = (NOON_BATCH,)


def rest_of(starts_s: int, ends_s: int) -> Break | None:
    """The break of a shift; one that is over before the break must begin has none."""
    latest_s = starts_s + _BREAK_TO_S
    return Break(starts_s + _BREAK_FROM_S, latest_s, _BREAK_S) if latest_s + _BREAK_S <= ends_s else None


def rule_of(conn: sa.Connection, district_id: int) -> DayRule:
    """The district's rule; the default where it has none."""
    t = tables.day_rule
    row = conn.execute(sa.select(t).where(t.c.district_id == district_id)).mappings().one_or_none()
    if row is None:
        return DayRule()
    given = {name: value for name, value in row.items() if name != "district_id"}
    return DayRule(**{**given, "pace": tuple(row["pace"]), "batches": tuple(row["batches"])})


def set_rule(conn: sa.Connection, district_id: int, rule: DayRule) -> None:
    """Make a district's days keep to this.

    Raises
    ------
    InvalidInput : a pace that has neither no hours nor 24, or one that is not above 0.
    """
    if len(rule.pace) not in (0, 24) or any(each <= 0 for each in rule.pace):
        raise InvalidInput(
            "The pace {pace} is not 24 percentages above 0. Give one for each hour.", pace=rule.pace
        )
    t = tables.day_rule
    values = {
        "span_s": rule.span_s,
        "overtime_s": rule.overtime_s,
        "waits_s": rule.waits_s,
        "patrol_s": rule.patrol_s,
        "pace": list(rule.pace),
        "batches": list(rule.batches),
    }
    conn.execute(sa.delete(t).where(t.c.district_id == district_id))
    conn.execute(t.insert().values(district_id=district_id, **values))


def equipment_of(conn: sa.Connection, district_id: int) -> tuple[Equipment, ...]:
    """The district's portable things."""
    t = tables.equipment
    rows = conn.execute(
        sa.select(t.c.code, t.c.units).where(t.c.district_id == district_id).order_by(t.c.code)
    )
    return tuple(Equipment(row.code, row.units) for row in rows)


def check_equipment(kits: tuple[Equipment, ...]) -> None:
    """Refuse what cannot be.

    Raises
    ------
    InvalidInput : one without a name or without a unit, or named twice.
    """
    for kit in kits:
        if not kit.code or kit.units < 1 or [each.code for each in kits].count(kit.code) > 1:
            raise InvalidInput(
                "The equipment {code!r} with {units} units cannot be. Name each once, with a unit or more.",
                code=kit.code,
                units=kit.units,
            )


def set_equipment(conn: sa.Connection, district_id: int, kits: tuple[Equipment, ...]) -> None:
    """Make these the district's portable things.

    Raises
    ------
    InvalidInput : see `check_equipment`.
    """
    check_equipment(kits)
    t = tables.equipment
    conn.execute(sa.delete(t).where(t.c.district_id == district_id))
    for kit in kits:
        conn.execute(t.insert().values(district_id=district_id, code=kit.code, units=kit.units))


def familiar_vans(conn: sa.Connection, district_id: int, day: date) -> Mapping[int, frozenset[int]]:
    """For each person the vans on shift whose crew served them last; others are left out."""
    visit, then, today = tables.visit, tables.shift.alias(), tables.shift.alias()
    zone = sa.select(tables.district.c.timezone).where(tables.district.c.id == district_id).scalar_subquery()
    when = sa.cast(sa.func.timezone(zone, visit.c.began), sa.Date)
    newest = sa.func.row_number().over(partition_by=visit.c.recipient_id, order_by=visit.c.began.desc())
    called = (
        sa.select(visit.c.recipient_id, visit.c.van_id, when.label("day"), newest.label("newest"))
        .where(visit.c.district_id == district_id, visit.c.outcome == "served", visit.c.van_id.is_not(None))
        .where(visit.c.undone_at.is_(None), when < day, when >= day - timedelta(days=_KNOWN_DAYS))
        .subquery()
    )
    last = sa.select(called).where(called.c.newest == 1).subquery()
    query = (
        sa.select(last.c.recipient_id, today.c.van_id)
        .join(then, sa.and_(then.c.van_id == last.c.van_id, then.c.day == last.c.day))
        .join(today, sa.and_(today.c.crew_id == then.c.crew_id, today.c.day == day))
    )
    found: dict[int, frozenset[int]] = {}
    for row in conn.execute(query):
        found[row.recipient_id] = found.get(row.recipient_id, frozenset()) | {row.van_id}
    return found


def worked_s(conn: sa.Connection, district_id: int, day: date) -> Mapping[int, int]:
    """For each van the seconds of its published routes of this week before the day, Monday first."""
    plan, route = tables.plan, tables.plan_route
    seconds = sa.func.sum(sa.extract("epoch", route.c.ends - route.c.starts))
    query = (
        sa.select(route.c.van_id, seconds.label("seconds"))
        .join(plan, plan.c.id == route.c.plan_id)
        .where(plan.c.district_id == district_id, plan.c.status == "published")
        .where(plan.c.day >= day - timedelta(days=day.weekday()), plan.c.day < day)
        .group_by(route.c.van_id)
    )
    return {row.van_id: int(row.seconds) for row in conn.execute(query)}


def promises(conn: sa.Connection, district_id: int, day: date) -> Mapping[Called, tuple[int, datetime]]:
    """What the day's published plan told: van and begin of service, by who is called on."""
    plan, stop = tables.plan, tables.plan_stop
    query = (
        sa.select(stop.c.site_id, stop.c.recipient_id, stop.c.cadence_id, stop.c.van_id, stop.c.begins)
        .join(plan, plan.c.id == stop.c.plan_id)
        .where(plan.c.district_id == district_id, plan.c.day == day, plan.c.status == "published")
        .where(stop.c.kind.in_(("visit", "dropoff")))
    )
    return {
        (row.site_id, row.recipient_id, row.cadence_id): (row.van_id, row.begins)
        for row in conn.execute(query)
    }

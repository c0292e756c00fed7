"""What a plan came to, in three figures."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from fleet import tables


@dataclass(frozen=True, slots=True)
class Outcome:
    """Calls that a plan makes (visits and drop-offs), visits it leaves out, and the checker's findings."""

    served: int
    unserved: int
    violations: int


def of_plan(conn: sa.Connection, plan_id: int) -> Outcome:
    """The figures of a stored plan."""
    plan, stop, left = tables.plan, tables.plan_stop, tables.plan_unserved
    calls = sa.select(sa.func.count()).where(stop.c.plan_id == plan_id, stop.c.kind.in_(("visit", "dropoff")))
    unserved = sa.select(sa.func.count()).where(left.c.plan_id == plan_id)
    violations: int = conn.execute(sa.select(plan.c.violations).where(plan.c.id == plan_id)).scalar_one()
    return Outcome(conn.scalar(calls) or 0, conn.scalar(unserved) or 0, violations)

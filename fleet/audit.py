"""Who did what to which, with which result. Appended to, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from fleet import tables
from fleet.clock import wall_now


def record(
    conn: sa.Connection,
    actor: str,
    action: str,
    subject: str,
    district_id: int | None,
    *,
    result: Literal["done", "refused"] = "done",
    **detail: object,
) -> None:
    """Add a line, in the caller's transaction.

    Parameters
    ----------
    actor : ``account:3``, ``terminal:7``, ``webhook:1``, ``command``, ``keeper``, ``worker`` or
        ``schedule``
    action : noun and verb, ``plan.publish``
    subject : ``plan:12``
    detail : plain values; no secret, no name, no place of a person
    """
    conn.execute(
        tables.audit.insert().values(
            at=wall_now(),
            actor=actor,
            district_id=district_id,
            action=action,
            object=subject,
            result=result,
            detail=detail,
        )
    )


@dataclass(frozen=True, slots=True)
class Line:
    """Who did it, and when. `name` is what an account is called; empty where no person did it."""

    at: datetime
    actor: str
    name: str


def last(conn: sa.Connection, action: str, subject: str) -> Line | None:
    """The newest line of an action on a subject; None where there is none."""
    a, who = tables.audit, tables.account
    query = (
        sa.select(a.c.at, a.c.actor, sa.func.coalesce(sa.func.nullif(who.c.display, ""), who.c.login, ""))
        .select_from(a.outerjoin(who, a.c.actor == sa.func.concat("account:", who.c.id)))
        .where(a.c.action == action, a.c.object == subject, a.c.result == "done")
        .order_by(a.c.id.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else Line(*row)

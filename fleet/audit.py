"""Who did what to which, with which result. Appended to, never changed."""

from __future__ import annotations

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

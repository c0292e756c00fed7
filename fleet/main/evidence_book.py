"""The book of evidence, kept beside the ledger of a van's day: what its stops came to."""

from __future__ import annotations

import sqlalchemy as sa

from fleet.context import Context
from replay import evidence
from tracking import day_store
from tracking.day_store import Mark
from tracking.proof import DayProof


def keep_evidence(conn: sa.Connection, context: Context, proof: DayProof) -> None:
    """Write what the stops of a proved day came to, and the visits that it proves or unproves."""
    whose, now = proof.whose, context.clock.now()
    evidence.write_day(conn, whose.district_id, whose.van_id, whose.day, proof.track, proof.stays, now)


def mark_calls(conn: sa.Connection, context: Context, tap: evidence.Tap) -> None:
    """Mark the days that a stored tap is about: a late one is about that of its stop's plan."""
    marks = [Mark(van_id, day) for van_id, day in evidence.touched_by(conn, tap)]
    day_store.mark(conn, marks, context.clock.now())

"""A running day goes on another way: the published plan's stops that are still to come are written anew."""

from __future__ import annotations

import sqlalchemy as sa

from fleet import sos, sos_store
from fleet.context import Context
from fleet.errors import Conflict
from fleet.main import dispatch, running_day
from fleet.sos import Case
from routing import running_store, store


def adopt(conn: sa.Connection, context: Context, case: Case, *, by: str) -> Case:
    """Make the best rest of the day round a call the vans' plan.

    What the receipt proposed is worked out anew: the vans have moved since, nothing stale is sent to them.

    Raises
    ------
    Conflict : the call is with no van, or no plan is published that it could be put into.
    """
    told = dispatch.rearranged(conn, context, case)
    if told is None:
        raise Conflict(
            "SOS {id} changes no plan now: it must be offered to a van of a day with a published plan.",
            id=case.id,
        )
    situation, found, took_ms = told
    rewriting = running_store.Rewriting(
        situation.agenda, situation.published, situation.rest, found.problem, found.plan
    )
    running_store.rewrite(conn, situation.plan_id, rewriting)
    store.send_again(conn, case.district_id, situation.plan_id, by, situation.now)
    change = sos.Propose(running_day.proposal(situation, found, "adopted", took_ms, by))
    return sos_store.transition(conn, case.district_id, case.id, change, situation.now)

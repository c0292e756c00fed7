"""A call for help meets the vans: positions and road times as values, chosen by `routing.insert`."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from fleet import registry, sos, sos_store, tables
from fleet.context import Context
from fleet.errors import Conflict, NotFound
from fleet.sos import Candidate, Case, Decision
from routing import insert


def offer(conn: sa.Connection, context: Context, case: Case, *, by: str, van_id: int | None = None) -> Case:
    """Offer a call to the best van by road, or to `van_id` at the dispatcher's word.

    The receipt keeps every van that was weighed, its road time, and why each other one was refused.

    Raises
    ------
    Conflict : no van can go; the sentence says so and the receipt of the call stays as it was.
    NotFound : `van_id` is not the district's.
    """
    now = context.clock.now()
    weighed = _weigh(conn, context, case, now)
    chosen = weighed.chosen if van_id is None else van_id
    if chosen is None:
        raise Conflict(
            "No van can take SOS {id} now. Call 120 and a neighbour; try again in a minute.", id=case.id
        )
    if all(each.van_id != chosen for each in weighed.candidates):
        raise NotFound("There is no van {van} in this district.", van=chosen)
    candidates = tuple(
        Candidate(each.van_id, each.eta_s, each.why, weighed.basis) for each in weighed.candidates
    )
    decision = Decision(at=now, van_id=chosen, candidates=candidates, by=by)
    return sos_store.transition(conn, case.district_id, case.id, sos.Offer(decision), now)


def _weigh(conn: sa.Connection, context: Context, case: Case, now: datetime) -> insert.Receipt:
    t = tables.van_state
    query = sa.select(t.c.van_id, t.c.lon, t.c.lat, t.c.t.label("seen_at"))
    last = {row.van_id: row for row in conn.execute(query.where(t.c.district_id == case.district_id))}
    day = now.astimezone(insert.zone_of(registry.district(conn, case.district_id).timezone)).date()
    shifts = {each.van_id: each for each in registry.shifts(conn, case.district_id, day)}
    busy = {each.van_id for each in sos_store.list_open(conn, case.district_id) if each.id != case.id}
    vans = [
        insert.Position(
            van_id=van.id,
            at=(last[van.id].lon, last[van.id].lat) if van.id in last else None,
            seen_at=last[van.id].seen_at if van.id in last else None,
            on_shift=van.id in shifts and shifts[van.id].starts <= now <= shifts[van.id].ends,
            busy=van.id in busy,
            refused=van.id in case.receipt.refused_vans,
        )
        for van in registry.vans(conn, case.district_id)
    ]
    return insert.choose((case.lon, case.lat), vans, now, context.roads.table)

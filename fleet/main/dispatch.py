"""A call for help meets the vans: who could go by position, and who should by what the day has planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from fleet import registry, sos, sos_store, tables
from fleet.context import Context
from fleet.db import translate_errors
from fleet.errors import Conflict, FleetError, NotFound
from fleet.main import promises, running_day
from fleet.sos import Candidate, Case, Decision, Proposal
from routing import insert
from routing.running_repair import Repair

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Chosen:
    van_id: int | None
    candidates: tuple[Candidate, ...]
    proposal: Proposal | None = None


def offer(conn: sa.Connection, context: Context, case: Case, *, by: str, van_id: int | None = None) -> Case:
    """Offer a call to the van that is there first, or to `van_id` at the dispatcher's word.

    On a day with a published plan each van is weighed with what it has still to do: the stop that it drives
    to comes first, and what it gives up for the call is in the receipt. Else road times alone count. The
    receipt keeps every van that was weighed, its road time, and why each other one was refused.

    Raises
    ------
    Conflict : no van can go; the sentence says so and the receipt of the call stays as it was.
    NotFound : `van_id` is not the district's.
    """
    _lock_vans(conn, case.district_id)
    now = context.clock.now()
    weighed = _weigh(conn, context, case, now)
    if van_id is not None and all(each.van_id != van_id for each in weighed.candidates):
        raise NotFound("There is no van {van} in this district.", van=van_id)
    chosen = _by_plan(conn, context, case, weighed, van_id) or _by_road(weighed, van_id)
    if chosen.van_id is None:
        raise Conflict(
            "No van can take SOS {id} now. Call 120 and a neighbour; try again in a minute.", id=case.id
        )
    decision = Decision(
        at=now,
        van_id=chosen.van_id,
        candidates=chosen.candidates,
        moved=tuple(each.stop_id for each in chosen.proposal.shifted if not each.forced)
        if chosen.proposal
        else (),
        by=by,
    )
    change = sos.Offer(decision, chosen.proposal)
    return sos_store.transition(conn, case.district_id, case.id, change, now)


def improve(context: Context, district_id: int, case_id: int) -> None:
    """Look for a better way for the day to go on with a call that was offered, and put it in the receipt.

    Nobody waits for it: what goes wrong is logged, and the answer given at once stays.
    """
    try:
        with translate_errors(), context.engine.connect() as conn:
            found = _improved(conn, context, sos_store.get(conn, district_id, case_id))
        if found is not None:
            with translate_errors(), context.engine.begin() as conn:
                change = sos.Propose(found)
                sos_store.transition(conn, district_id, case_id, change, context.clock.now())
    except FleetError as error:
        log.warning("the day round an SOS was not improved", sos=case_id, why=error.text)


def _improved(conn: sa.Connection, context: Context, case: Case) -> Proposal | None:
    told = rearranged(conn, context, case)
    if told is None:
        return None
    situation, found, took_ms = told
    return promises.proposal(situation, found, "improved", took_ms)


def rearranged(
    conn: sa.Connection, context: Context, case: Case
) -> tuple[running_day.Situation, Repair, int] | None:
    """The best rest of the day round a call that is with a van; None without a plan or a van."""
    if case.van_id is None or case.state not in ("offered", "accepted"):
        return None
    situation = running_day.read(conn, context, case, context.clock.now(), [case.van_id])
    if situation is None:
        return None
    situation, at_once, first_ms = running_day.answer(situation, case, [case.van_id])
    if running_day.serves(at_once) is None:
        return None
    found, more_ms = running_day.improved(situation, at_once)
    return situation, found, first_ms + more_ms


def _by_road(weighed: insert.Receipt, van_id: int | None) -> _Chosen:
    candidates = tuple(
        Candidate(each.van_id, each.eta_s, each.why, weighed.basis) for each in weighed.candidates
    )
    return _Chosen(weighed.chosen if van_id is None else van_id, candidates)


def _by_plan(
    conn: sa.Connection, context: Context, case: Case, weighed: insert.Receipt, van_id: int | None
) -> _Chosen | None:
    """The choice by the running day; None where there is none, or where nobody in it can go."""
    free = [each.van_id for each in weighed.candidates if not each.why]
    asked = free if van_id is None else [van_id]
    if not asked:
        return None
    try:
        situation = running_day.read(conn, context, case, context.clock.now(), asked)
    except FleetError as error:  # an SOS does not wait until a registry is mended
        log.warning("an SOS was weighed without the day's plan", sos=case.id, why=error.text)
        return None
    if situation is None:
        return None
    situation, found, took_ms = running_day.answer(situation, case, asked)
    van = running_day.serves(found)
    if van is None:
        return None
    return _Chosen(
        situation.agenda.van_ids[van],
        tuple(_candidates(situation, found, weighed)),
        promises.proposal(situation, found, "answer", took_ms),
    )


def _candidates(
    situation: running_day.Situation, found: Repair, weighed: insert.Receipt
) -> Sequence[Candidate]:
    """Who was weighed by the plan, then who was not even asked, each with its reason."""
    basis = situation.agenda.problem.basis
    refused = {each.van_id: each for each in weighed.candidates if each.why}
    asked = [
        Candidate(
            situation.agenda.van_ids[each.van],
            None if each.begins_s is None else each.begins_s - situation.now_s,
            each.why,
            basis,
        )
        for each in found.weighed
    ]
    told = [each for each in asked if each.van_id not in refused or not each.why]
    known = {each.van_id for each in told}
    others = [
        Candidate(each.van_id, each.eta_s, each.why, weighed.basis)
        for each in weighed.candidates
        if each.van_id not in known
    ]
    return [*told, *others]


def _lock_vans(conn: sa.Connection, district_id: int) -> None:
    """Of two calls at once the second is weighed when the first has its van: no van is sent to both."""
    d = tables.district
    conn.execute(sa.select(d.c.id).where(d.c.id == district_id).with_for_update(key_share=True))


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

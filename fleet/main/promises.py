"""The promises that a rearranged day does not keep: kept in a call's receipt by their keys, told by names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from fleet import tables
from fleet.main import running_day
from fleet.main.running_day import Situation
from fleet.sos import Case, Proposal, Receipt, Shifted, Stage
from fleet.sos_messages import ShiftedJson, receipt_to_json
from fleet.words import Locale
from maps.naming import whose_name
from routing.agenda import Caller
from routing.running_changes import Change
from routing.running_repair import Repair


def proposal(situation: Situation, found: Repair, stage: Stage, took_ms: int, by: str = "") -> Proposal:
    """What of a repair the receipt keeps."""
    van = running_day.serves(found)
    assert van is not None, "only what serves the call is proposed"
    shifted = tuple(_shifted(situation, each) for each in found.changes)
    van_id = situation.agenda.van_ids[van]
    return Proposal(situation.now, van_id, stage, shifted, found.over, took_ms, by)


def _shifted(situation: Situation, each: Change) -> Shifted:
    agenda, visit = situation.agenda, situation.rest.visits[each.visit]
    caller = agenda.callers[visit]
    return Shifted(
        situation.published.stop_ids[visit],
        each.what,
        agenda.at(each.promised_s),
        None if each.van is None else agenda.van_ids[each.van],
        None if each.begins_s is None else agenda.at(each.begins_s),
        each.forced,
        agenda.van_ids[each.promised_van],
        caller.site_id,
        caller.recipient_id,
    )


def names(
    conn: sa.Connection, district_id: int, callers: Iterable[Caller], locale: Locale
) -> Mapping[Caller, str]:
    """Whom promises were made to: the place and the masked name, by caller.

    A stop that was left out is no longer in the plan: the registry is asked. Who is not in it has no name.
    """
    asked = set(callers)
    s, r = tables.site, tables.recipient
    places = sa.select(s.c.id, s.c.name, s.c.name_en).where(
        s.c.district_id == district_id, s.c.id.in_({each.site_id for each in asked})
    )
    people = sa.select(r.c.id, r.c.name).where(
        r.c.district_id == district_id, r.c.id.in_({each.recipient_id for each in asked})
    )
    at = {row.id: (row.name, row.name_en) for row in conn.execute(places)}
    who = {row.id: row.name for row in conn.execute(people)}
    return {
        each: whose_name(*at[each.site_id], who.get(each.recipient_id), locale)
        for each in asked
        if each.site_id in at
    }


def told(receipt: Receipt, said: Mapping[Caller, str] | None = None) -> dict[str, object]:
    """A receipt as it is told: no key of a person leaves, and a name only for who may be told one.

    Parameters
    ----------
    said : names as `names` gives them; without it nobody is named
    """
    kept = receipt_to_json(receipt)
    proposals = [
        {**each, "shifted": [_told(one, said) for one in each["shifted"]]} for each in kept["proposals"]
    ]
    return {**kept, "proposals": proposals}


def _told(kept: ShiftedJson, said: Mapping[Caller, str] | None) -> dict[str, object]:
    moved = {key: value for key, value in kept.items() if key not in ("site", "recipient")}
    caller = Caller(kept.get("site") or 0, kept.get("recipient"))
    return moved if said is None else {**moved, "who": said.get(caller, "")}


def callers(cases: Iterable[Case]) -> list[Caller]:
    """Whom the proposals of some calls move."""
    return [
        Caller(each.site_id, each.recipient_id)
        for case in cases
        for proposal in case.receipt.proposals
        for each in proposal.shifted
        if each.site_id is not None
    ]

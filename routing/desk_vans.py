"""Why this van: every van's bid for one visit as the desk shows it, in words."""

from __future__ import annotations

from fleet.units import ms_of
from routing import desk_sheet, explain, scenario
from routing.bid import Bid, bids
from routing.desk import plan
from routing.desk_edits import Form, Reader, check_free
from routing.desk_sheet import Json
from routing.desk_words import say_trouble, van_name
from routing.desk_work import Worked
from routing.plan import Levels
from routing.reason_places import said


def vans(worked: Worked, key: str, *, proved: bool) -> Json:
    """What moving a visit to each van would cost, or what forbids it.

    Raises
    ------
    InvalidInput : the day has no such visit, or it stands fast.
    """
    session = worked.session
    reader = Reader(worked.view.agenda)
    form = Form("move", key)
    edit = reader.edit(form)
    check_free(session, edit, form)
    now = plan(session).levels
    rows = [_row(worked, reader, bid, now) for bid in bids(session, edit.visit, proved=proved)]
    return {"visit": key, "name": worked.view.called[edit.visit].name, "vans": rows}


def _row(worked: Worked, reader: Reader, bid: Bid, now: Levels) -> Json:
    view = worked.view
    van_id = view.agenda.van_ids[bid.van]
    row = view.ground.vans.get(van_id)
    changes = [scenario.tell(view.agenda, each.change) for each in bid.edits if each.change]
    return {
        "van": van_id,
        "name": van_name(view.ground, van_id, view.locale),
        "colour": row.colour if row else desk_sheet.ADDED,
        "here": bid.here,
        "begins": None if bid.begins_s is None else ms_of(view.agenda.at(bid.begins_s)),
        "levels": _levels(bid, now),
        "better": bid.levels is not None and bid.levels < now,
        "said": _said(worked, bid),
        "changes": desk_sheet.told_json(view, changes),
        "edits": [reader.form(each).as_json() for each in bid.edits],
    }


def _levels(bid: Bid, now: Levels) -> list[Json]:
    """The levels that differ from those of the plan as it stands."""
    before, after = now.figures(), {} if bid.levels is None else bid.levels.figures()
    return [
        {"key": key, "value": value, "before": before[key]}
        for key, value in after.items()
        if value != before[key]
    ]


def _said(worked: Worked, bid: Bid) -> list[str]:
    view = worked.view
    if bid.reason is None:
        return [say_trouble(each, view.ground, view.locale, view.called) for each in bid.broken]
    van_ids = view.agenda.van_ids
    called = {each: van_name(view.ground, each, view.locale) for each in van_ids}
    told = explain.as_json(bid.reason, van_ids[bid.van], van_ids)
    return [said(told, called, view.ground.sites.values(), view.locale)]

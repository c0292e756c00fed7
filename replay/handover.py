"""What a screen must know that becomes a van's terminal in the middle of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry, sos_store
from fleet.sos_messages import task_body, task_id
from replay.store import bounds_of, rows

_STEPS = {"offered": "offered", "accepted": "accepted", "arrived": "arrived"}


def handover(conn: sa.Connection, district_id: int, van_id: int, now: datetime) -> dict[str, object]:
    """The day so far, as the van's screen keeps it.

    Parameters
    ----------
    now : domain time; the day is the district's

    Returns
    -------
    ``{"taps": [...], "tasks": {...}}``, to stand in the answer to a pairing. A tap's ``key`` names its stop
    over versions of the plan, as ``keyOf`` in the screen's ``day.js`` does.
    """
    zone = ZoneInfo(registry.district(conn, district_id).timezone)
    bounds = bounds_of(conn, district_id, now.astimezone(zone).date())
    params: dict[str, object] = {"van_id": van_id, "start": bounds.start, "end": bounds.end}
    taps = [_known(row) for row in rows(conn, "taps_for_screen", params)]
    mine = (case for case in sos_store.list_open(conn, district_id) if case.van_id == van_id)
    tasks = {
        task_id(case.id): {**task_body(case), "step": _STEPS[case.state]}
        for case in mine
        if case.state in _STEPS
    }
    return {"taps": taps, "tasks": tasks}


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}

"""A screen that is paired in the middle of the day knows what was tapped before."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from fleet import sos_store, tables
from fleet.sos import Accept, Candidate, Decision, Offer
from fleet.sos_webhook import Call
from replay.handover import handover
from tests.replay.seeding import LAT, LON, MORNING, seed


def test_taps_and_tasks_are_handed_over(conn: sa.Connection) -> None:
    here = seed(conn)
    van = here.vans[0]
    told: tuple[tuple[int, str, int | None, dict[str, object], datetime], ...] = (
        (1, "done", here.visit_stop, {"lon": LON}, MORNING),
        (2, "reading", None, {"container": "hot", "celsius": 61.5}, MORNING + timedelta(minutes=1)),
        (3, "done", here.visit_stop, {}, MORNING - timedelta(days=1)),
        (4, "seen", None, {"seq": 3}, MORNING),
    )
    for n, kind, stop_id, body, t in told:
        conn.execute(
            tables.event.insert().values(
                **{"terminal_id": here.terminals[0], "id": UUID(int=n), "district_id": here.district_id},
                **{"van_id": van, "t": t, "kind": kind, "stop_id": stop_id, "body": body, "received_at": t},
            )
        )
    case, _ = sos_store.create(conn, here.district_id, "account:1", Call("k", "E0", "", None, None), MORNING)
    for change in (Offer(Decision(MORNING, van, (Candidate(van, 240),))), Accept(MORNING, van)):
        sos_store.transition(conn, here.district_id, case.id, change, MORNING)
    found = handover(conn, here.district_id, van, MORNING + timedelta(hours=1))
    start_ms = 1784680200000
    assert found["taps"] == [
        {
            **{"t": start_ms, "kind": "done", "stop": here.visit_stop},
            "key": f"visit|{here.recipients[0]}|{LON + 0.01:.5f}|{LAT:.5f}",
        },
        {"t": start_ms + 60_000, "kind": "reading", "container": "hot", "celsius": 61.5},
    ]
    tasks = found["tasks"]
    assert isinstance(tasks, dict)
    assert tasks[f"sos:{case.id}"]["step"] == "accepted"
    assert tasks[f"sos:{case.id}"]["who"] == "刘*珍"
    assert handover(conn, here.district_id, here.vans[1], MORNING) == {"taps": [], "tasks": {}}

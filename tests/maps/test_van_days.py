"""What is kept of a day, as it is read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.errors import InvalidInput
from maps import van_days
from tests.maps import staging
from tests.maps.proofs import START, put_proofs
from tests.maps.staging import DAY


def test_a_day_is_read_as_it_is_kept(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    told = put_proofs(conn, stage)
    found = van_days.read(conn, stage.district_id, DAY)
    assert (found.start.hour, found.end - found.start) == (0, timedelta(days=1))
    first, second = stage.van_ids
    ledger = found.ledgers[first]
    assert [(span.kind, span.starts_ms) for span in ledger.spans][:2] == [
        ("depot", told.spans[0]["from"]),
        ("patrol", told.spans[1]["from"]),
    ]
    assert (ledger.cells_seen, ledger.cells, ledger.flagged) == (3, 4, 7)
    verdicts = [call.verdict for call in found.calls if call.van_id == first]
    assert verdicts == ["served", "served", "skipped", "pending"]
    graded = found.calls[0].evidence
    assert graded is not None and graded.grade == "A"
    assert [part.points for part in graded.parts] == [30, 22, 10, 15, 12, 0, 3]
    assert [alert.code for alert in found.alerts] == ["gps_lost", "two_sockets", "late"]
    assert all(call.verdict == "pending" for call in found.calls if call.van_id == second)


def test_a_stop_that_another_van_saw_to_is_shown_with_both(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    put_proofs(conn, stage)
    e, second = tables.stop_evidence, stage.van_ids[1]
    row = dict(conn.execute(sa.select(e).where(e.c.stop_id == stage.stop_ids[0])).mappings().one())
    conn.execute(e.insert().values({**row, "van_id": second}))
    found = van_days.read(conn, stage.district_id, DAY)
    whose = sorted(call.van_id for call in found.calls if call.stop.id == stage.stop_ids[0])
    assert whose == sorted(stage.van_ids)


def test_a_stop_of_an_older_plan_stays_while_something_is_proved_of_it(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    put_proofs(conn, stage)
    conn.execute(tables.plan.update().values(status="superseded"))
    found = van_days.read(conn, stage.district_id, DAY)
    assert {call.stop.id for call in found.calls} == set(stage.stop_ids[:3])


def test_other_days_and_districts_are_not_read(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    staging.make_partition(conn, START)
    put_proofs(conn, stage)
    for wrong in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
        found = van_days.read(conn, stage.district_id, wrong)
        # What is not over goes on.
        assert [alert.code for alert in found.alerts] == [] and not found.ledgers and not found.calls
    with pytest.raises(InvalidInput):
        van_days.read(conn, stage.district_id, date.max)

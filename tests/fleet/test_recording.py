"""What others did: written down once, verified by its channel, taken back and not deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import recording, tables, visits
from fleet.errors import Conflict, InvalidInput, NotFound
from fleet.recording import Clerk, Entry, record, undo
from tests.fleet.test_visits import elder

__all__ = ["elder"]

NOW = datetime(2026, 7, 20, 4, tzinfo=UTC)
LI = Clerk("li", "account:3", NOW)
HOUR = timedelta(hours=1)


def call(recipient_id: int, began: datetime = NOW - HOUR) -> Entry:
    return Entry(recipient_id, "call", began, "served", 240)


def actions(conn: sa.Connection) -> list[str]:
    a = tables.audit
    return list(conn.scalars(sa.select(a.c.action).where(a.c.actor == LI.actor).order_by(a.c.id)))


def test_a_call_counts_until_it_is_taken_back_and_may_be_written_anew(
    conn: sa.Connection, elder: tuple[int, int]
) -> None:
    district_id, who = elder
    key = who, "call"
    first = record(conn, district_id, call(who), LI)
    assert visits.last_visits(conn, district_id, NOW) == {key: NOW - HOUR}
    with pytest.raises(Conflict, match="in the ledger already"):
        record(conn, district_id, call(who), Clerk("wang", "account:4", NOW))
    undo(conn, district_id, first, LI)
    assert visits.last_visits(conn, district_id, NOW) == {}
    with pytest.raises(Conflict, match="li has taken this entry back"):
        undo(conn, district_id, first, LI)
    second = record(conn, district_id, call(who), LI)
    assert second != first
    assert visits.last_visits(conn, district_id, NOW) == {key: NOW - HOUR}
    newest, oldest = recording.lately(conn, district_id)
    assert (newest.id, newest.undone_by, oldest.id, oldest.undone_by) == (second, None, first, "li")
    assert actions(conn) == ["visit.record", "visit.undo", "visit.record"]


def test_what_a_track_told_cannot_be_taken_back_by_hand(conn: sa.Connection, elder: tuple[int, int]) -> None:
    district_id, who = elder
    visits.add(conn, district_id, [visits.Visit(who, "visit", NOW, 60, "verified", "served", "call:1")])
    (visit_id,) = conn.scalars(sa.select(tables.visit.c.id))
    with pytest.raises(NotFound, match="no written entry"):
        undo(conn, district_id, visit_id, LI)


@pytest.mark.parametrize(
    ("began", "why"), [(NOW + HOUR, "lies ahead"), (NOW - timedelta(days=93), "more than 92 days")]
)
def test_the_time_lies_behind_and_not_far(
    conn: sa.Connection, elder: tuple[int, int], began: datetime, why: str
) -> None:
    district_id, who = elder
    with pytest.raises(InvalidInput, match=why):
        record(conn, district_id, call(who, began), LI)


def test_nobody_writes_into_another_district(conn: sa.Connection, elder: tuple[int, int]) -> None:
    district_id, who = elder
    with pytest.raises(NotFound):
        record(conn, district_id + 1, call(who), LI)


def test_a_file_is_taken_once_and_whole(conn: sa.Connection, elder: tuple[int, int], tmp_path: Path) -> None:
    district_id, who = elder
    file = tmp_path / "calls.csv"
    heading = "编号,方式,时间,结果,分钟\n"
    good = "r1,电话,2026-07-20 09:30,接通,6\nr1,网格员上门,2026/7/19 15:00,未接,\n"
    file.write_text(heading + good + "r9,电话,2026-07-20 09:30,,\nr1,飞鸽,2026-07-20 09:31,,\n")
    report = recording.import_visits(conn, district_id, file, LI)
    assert [each.line for each in report.refused] == [4, 5]
    assert recording.lately(conn, district_id) == ()
    file.write_text(heading + good)
    assert "2 rows read, 2 new; 0 were there already" in str(
        recording.import_visits(conn, district_id, file, LI)
    )
    assert "2 rows read, 0 new; 2 were there already" in str(
        recording.import_visits(conn, district_id, file, LI)
    )
    rows = {each.channel: each for each in recording.lately(conn, district_id)}
    assert len(recording.lately(conn, district_id)) == 2
    assert (rows["call"].began, rows["call"].service_s) == (datetime(2026, 7, 20, 1, 30, tzinfo=UTC), 360)
    assert (rows["grid"].outcome, rows["grid"].service_s) == ("no_answer", 600)
    assert set(visits.last_visits(conn, district_id, NOW)) == {(who, "call")}

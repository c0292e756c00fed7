from datetime import UTC, datetime

import sqlalchemy as sa

from fleet import outbox, tables
from tests.fleet.test_journal import a_district

NOW = datetime(2026, 7, 20, 2, tzinfo=UTC)


def a_van(conn: sa.Connection, district_id: int, code: str = "v1") -> int:
    values = {"district_id": district_id, "code": code, "name": code}
    van_id: int = conn.execute(tables.van.insert().values(values).returning(tables.van.c.id)).scalar_one()
    return van_id


def test_messages_are_numbered_by_van(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    first, second = a_van(conn, district_id), a_van(conn, district_id, "v2")
    assert outbox.put(conn, first, "say", {"text": "午饭"}, NOW) == 1
    assert outbox.put(conn, first, "task", {"id": "sos:1"}, NOW) == 2
    assert outbox.put(conn, second, "say", {"text": "早"}, NOW) == 1
    assert [(m.seq, m.kind) for m in outbox.after(conn, first, 0)] == [(1, "say"), (2, "task")]
    assert [m.seq for m in outbox.after(conn, first, 1)] == [2]


def test_an_older_plan_of_a_day_is_not_delivered_behind_a_newer(conn: sa.Connection) -> None:
    van_id = a_van(conn, a_district(conn))
    outbox.put(conn, van_id, "plan", {"day": "2026-07-20", "version": 1}, NOW)
    outbox.put(conn, van_id, "say", {"text": "a"}, NOW)
    outbox.put(conn, van_id, "plan", {"day": "2026-07-20", "version": 2}, NOW)
    outbox.put(conn, van_id, "plan", {"day": "2026-07-21", "version": 1}, NOW)
    assert [(m.seq, m.kind) for m in outbox.after(conn, van_id, 0)] == [(2, "say"), (3, "plan"), (4, "plan")]

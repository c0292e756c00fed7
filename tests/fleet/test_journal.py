from datetime import UTC, datetime

import sqlalchemy as sa

from fleet import journal, tables

NOW = datetime(2026, 7, 20, 2, tzinfo=UTC)


def a_district(conn: sa.Connection, name: str = "测试区") -> int:
    values = {"name": name, "centre": "SRID=4326;POINT(116 36.5)"}
    district_id: int = conn.execute(
        tables.district.insert().values(values).returning(tables.district.c.id)
    ).scalar_one()
    return district_id


def test_states_count_up_by_one_in_each_district(conn: sa.Connection) -> None:
    here, there = a_district(conn), a_district(conn, "别处")
    assert journal.current(conn, here) == 0
    assert [journal.raise_state(conn, here, NOW, "tap", {"n": n}) for n in range(3)] == [1, 2, 3]
    assert journal.raise_state(conn, there, NOW, "plan", {}) == 1
    assert journal.current(conn, here) == 3
    assert [(e.state, e.body["n"]) for e in journal.since(conn, here, 1)] == [(2, 1), (3, 2)]
    assert [e.state for e in journal.latest(conn, here, 2)] == [3, 2]

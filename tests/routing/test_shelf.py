from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from fleet import tables
from fleet.roads import Roads
from routing.shelf import Shelf, read
from tests.routing.town import DAY, seed


def test_a_day_is_kept_until_a_row_of_it_changes(conn: sa.Connection) -> None:
    district_id = seed(conn)
    shelf, roads = Shelf(), Roads("")
    first = shelf.ground(conn, roads, district_id, DAY)
    assert shelf.ground(conn, roads, district_id, DAY) is first
    assert set(first.agenda.van_ids) == set(first.vans)
    t = tables.shift
    # A row that is gone changes the count; this test's own transaction wrote all rows that are there.
    conn.execute(t.delete().where(t.c.day == DAY, t.c.van_id == first.agenda.van_ids[1]))
    second = shelf.ground(conn, roads, district_id, DAY)
    assert second is not first
    assert second.agenda.van_ids == first.agenda.van_ids[:1]
    assert read(conn, roads, district_id, DAY).agenda.van_ids == second.agenda.van_ids


def test_the_shelf_holds_few_days(conn: sa.Connection) -> None:
    district_id = seed(conn)
    shelf, roads = Shelf(), Roads("")
    t = tables.shift
    first = shelf.ground(conn, roads, district_id, DAY)
    rows = conn.execute(sa.select(t).where(t.c.day == DAY)).mappings().all()
    for n in range(1, 10):
        later = timedelta(days=100 + n)
        changed = [
            {**row, "day": DAY + later, "starts": row["starts"] + later, "ends": row["ends"] + later}
            for row in rows
        ]
        conn.execute(t.insert(), changed)
        shelf.ground(conn, roads, district_id, DAY + later)
    assert shelf.ground(conn, roads, district_id, DAY) is not first

"""A day read from the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet import sos_store
from fleet.errors import NotFound
from fleet.sos_webhook import Call
from maps import day
from tests.maps import staging
from tests.maps.staging import NOW


def test_everything_of_the_day_is_read(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    sos_store.create(conn, stage.district_id, "account:1", Call("k", None, "滨河社区", *staging.CENTRE), NOW)
    found = day.read_day(conn, stage.district_id, NOW)
    assert str(found.day) == "2026-07-24"
    assert found.start.isoformat() == "2026-07-24T00:00:00+08:00"
    assert found.plan == day.Plan(stage.plan_id, 3, "great-circle")
    assert [stop.id for stop in found.stops] == list(stage.stop_ids)
    assert found.stops[0].doorstep
    assert found.stops[0].recipient == "刘淑珍"
    assert len(found.routes[0].points) == 4
    assert sorted(found.closed) == [*stage.stop_ids[0:2], *stage.stop_ids[4:6]]
    assert [call.place for call in found.calls] == ["滨河社区"]
    assert [entry.kind for entry in found.journal] == ["sos", "plan"]
    assert found.positions[stage.van_ids[0]].at == pytest.approx((115.959, 36.442))
    assert len(found.unserved) == 1


def test_visits_count_from_their_own_gaps(conn: sa.Connection) -> None:
    stage = staging.stage(conn)  # eight elders, last seen 1, 4, ... 22 days ago, at most 9 apart
    found = day.read_day(conn, stage.district_id, NOW)
    assert found.monthly == day.Count(8, 8)
    assert (found.overdue.n, round(found.overdue.days)) == (5, 13)


def test_another_day_has_nothing_of_this_one(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    found = day.read_day(conn, stage.district_id, NOW + timedelta(days=1))
    assert (found.plan, found.stops, found.taps, found.shifts) == (None, (), (), ())


def test_homes_are_counted_and_strangers_have_no_day(conn: sa.Connection) -> None:
    stage = staging.stage(conn)
    assert sum(n for _, n in day.read_homes(conn, stage.district_id)) == 8
    with pytest.raises(NotFound):
        day.read_day(conn, stage.district_id + 1, NOW)

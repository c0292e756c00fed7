"""The day as the database kept it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from fleet import registry, sos_store, tables
from fleet.errors import NotFound
from fleet.sos_webhook import Call
from replay import store
from replay.playback import Span
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add_fixes, point, seed


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def van_day(conn: sa.Connection, here: Seeded, n: int = 0) -> store.VanDay:
    """The day of one of the vans."""
    van = store.find_van(conn, here.district_id, here.vans[n])
    return store.van_day(conn, here.district_id, van, store.bounds_of(conn, here.district_id, DAY))


def test_a_day_is_the_districts_own(conn: sa.Connection, here: Seeded) -> None:
    bounds = store.bounds_of(conn, here.district_id, DAY)
    assert bounds.start == datetime(2026, 7, 21, 16, tzinfo=UTC)
    assert bounds.end - bounds.start == timedelta(days=1)


def test_a_track_in_any_order_comes_back_in_time(conn: sa.Connection, here: Seeded) -> None:
    late, early = MORNING + timedelta(minutes=10), MORNING
    yesterday = MORNING - timedelta(days=1)
    fixes = [(late, LON + 0.01, LAT), (early, LON, LAT), (yesterday, 0.0, 0.0)]
    add_fixes(conn, here.vans[0], here.terminals[0], fixes)
    found = van_day(conn, here)
    start = 1784680200000
    assert found.t_ms == (start, start + 600_000)
    assert found.lon_e6 == (115_980_000, 115_990_000)
    assert found.gaps == (Span(start, start + 600_000),)
    assert van_day(conn, here, 1).t_ms == ()
    assert store.days_with_tracks(conn, here.district_id) == [DAY, DAY - timedelta(days=1)]


def test_of_two_fixes_of_one_instant_the_primary_terminals_is_played(
    conn: sa.Connection, here: Seeded
) -> None:
    spare = conn.execute(
        tables.terminal.insert()
        .values(district_id=here.district_id, van_id=here.vans[0], code="spare", created_at=MORNING)
        .returning(tables.terminal.c.id)
    ).scalar_one()
    add_fixes(conn, here.vans[0], spare, [(MORNING, 1.0, 1.0)])
    add_fixes(conn, here.vans[0], here.terminals[0], [(MORNING, LON, LAT)])
    assert van_day(conn, here).lon_e6 == (115_980_000,)


def test_flagged_fixes_are_not_played(conn: sa.Connection, here: Seeded) -> None:
    add_fixes(conn, here.vans[0], here.terminals[0], [(MORNING, LON, LAT)])
    conn.execute(tables.fix.update().values(flags=2))
    assert van_day(conn, here).t_ms == ()


def test_stays_are_found_on_a_dense_track(conn: sa.Connection, here: Seeded) -> None:
    dwell = [(MORNING + timedelta(seconds=2 * n), LON, LAT) for n in range(120)]
    add_fixes(conn, here.vans[0], here.terminals[0], dwell)
    (stay,) = van_day(conn, here).stays
    assert stay.dwell_s == 238


def test_the_plan_lies_beneath(conn: sa.Connection, here: Seeded) -> None:
    found = van_day(conn, here)
    assert [(stop.kind, stop.name) for stop in found.stops] == [("visit", "刘*珍"), ("dropoff", "地点S1")]
    assert [lon for lon, _ in found.route] == pytest.approx([LON, LON + 0.02])
    assert van_day(conn, here, 1).route == ()


def test_taps_and_calls_are_marks(conn: sa.Connection, here: Seeded) -> None:
    event = tables.event
    for n, kind in enumerate(("seen", "done")):
        conn.execute(
            event.insert().values(
                terminal_id=here.terminals[0],
                id=UUID(int=n),
                district_id=here.district_id,
                van_id=here.vans[0],
                t=MORNING,
                kind=kind,
                stop_id=here.visit_stop,
                body={"lon": LON, "lat": LAT},
                received_at=MORNING,
            )
        )
    (tap,) = van_day(conn, here).taps
    assert (tap.kind, tap.stop_id, tap.lon) == ("done", here.visit_stop, LON)
    case, _ = sos_store.create(conn, here.district_id, "account:1", Call("k", "E0", "", None, None), MORNING)
    bounds = store.bounds_of(conn, here.district_id, DAY)
    assert store.cases_of_day(conn, here.district_id, bounds) == [case]


def test_another_districts_van_is_not_found(conn: sa.Connection, here: Seeded) -> None:
    other = seed(conn, "另一区")
    assert {van.id for van in registry.vans(conn, other.district_id)} == set(other.vans)
    with pytest.raises(NotFound, match="no van"):
        store.find_van(conn, here.district_id, other.vans[0])


def test_points_are_points() -> None:
    assert point(1.5, 2.5) == "SRID=4326;POINT(1.5 2.5)"

"""What a van's day is judged by, as the database holds it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fleet import tables
from replay.calls import bounds_of, calls_of_stops, calls_of_van, readings_of_van
from tests.replay.day import at
from tests.replay.seeding import DAY, Seeded, seed
from tests.replay.stored import photo, published_anew, told


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def of_van(conn: sa.Connection, here: Seeded, van: int = 0) -> dict[str, object]:
    """A van's calls, and the newest stop of each."""
    bounds = bounds_of(conn, here.district_id, DAY)
    found = calls_of_van(conn, here.district_id, here.vans[van], DAY, bounds)
    return {call.source: call.stop.id for call in found}


def test_the_calls_of_a_van_are_its_published_stops(conn: sa.Connection, here: Seeded) -> None:
    assert of_van(conn, here) == {
        f"call:{DAY}:visit:{here.recipients[0]}:1": here.visit_stop,
        f"call:{DAY}:dropoff:{here.stop_point_id}:1": here.dropoff_stop,
    }
    assert of_van(conn, here, van=1) == {}


def test_a_call_keeps_its_name_and_its_taps_when_the_plan_is_published_anew(
    conn: sa.Connection, here: Seeded
) -> None:
    told(conn, here, 1, 34, here.visit_stop)
    newer = published_anew(conn, here)
    (call,) = calls_of_stops(conn, here.district_id, [here.visit_stop])
    assert call.stop.id == newer and call.is_planned
    assert [each.tap.stop_id for each in call.taps] == [newer]
    # The drop-off stands in the older plan alone and nobody tapped there: it is no call any more.
    assert of_van(conn, here) == {call.source: newer}
    told(conn, here, 2, 50, here.dropoff_stop)
    assert of_van(conn, here)[f"call:{DAY}:dropoff:{here.stop_point_id}:1"] == here.dropoff_stop


def test_a_van_that_taps_at_anothers_stop_has_it_among_its_calls(conn: sa.Connection, here: Seeded) -> None:
    told(conn, here, 1, 34, here.visit_stop, van=1)
    assert list(of_van(conn, here, van=1).values()) == [here.visit_stop]
    (call,) = calls_of_stops(conn, here.district_id, [here.visit_stop])
    assert call.van_id == here.vans[0] and [each.van_id for each in call.taps] == [here.vans[1]]


def test_drafts_and_other_districts_have_no_calls(conn: sa.Connection, here: Seeded) -> None:
    elsewhere = seed(conn, "另一区")
    assert calls_of_stops(conn, elsewhere.district_id, [here.visit_stop]) == ()
    conn.execute(tables.plan.update().where(tables.plan.c.id == here.plan_id).values(status="draft"))
    assert calls_of_stops(conn, here.district_id, [here.visit_stop]) == ()
    assert calls_of_stops(conn, here.district_id, []) == ()


def test_only_pictures_that_are_kept_count_and_no_task_of_an_sos(conn: sa.Connection, here: Seeded) -> None:
    body = {"blobs": [photo(conn, here), "0" * 64], "lon": 116.0, "lat": 36.5, "celsius": 66.5}
    told(conn, here, 1, 34, here.visit_stop, body=body)
    told(conn, here, 2, 35, here.visit_stop, body={"task": "sos:7"})
    (call,) = calls_of_stops(conn, here.district_id, [here.visit_stop])
    ((tap),) = [each.tap for each in call.taps]
    assert (tap.pictures, tap.lon, tap.lat, tap.celsius, tap.t_ms) == (1, 116.0, 36.5, 66.5, at(34))


def test_a_picture_that_goes_with_several_stops_counts_for_the_first(
    conn: sa.Connection, here: Seeded
) -> None:
    again = {"blobs": [photo(conn, here)]}
    told(conn, here, 2, 56, here.dropoff_stop, body=again)
    told(conn, here, 1, 34, here.visit_stop, body=again)
    told(conn, here, 3, 35, here.visit_stop, body=again)
    found = calls_of_stops(conn, here.district_id, [here.visit_stop, here.dropoff_stop])
    assert {call.stop.kind: [each.tap.pictures for each in call.taps] for call in found} == {
        "visit": [1, 1],
        "dropoff": [0],
    }


def test_the_days_readings_that_name_no_stop(conn: sa.Connection, here: Seeded) -> None:
    told(conn, here, 1, 34, None, "reading", body={"celsius": 61.0})
    told(conn, here, 2, 60 * 24, None, "reading", body={"celsius": 62.0})
    bounds = bounds_of(conn, here.district_id, DAY)
    assert [each.celsius for each in readings_of_van(conn, here.district_id, here.vans[0], bounds)] == [61.0]

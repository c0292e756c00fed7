"""What guests see, out of stored fixes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet.geo import destination
from maps import sightings
from maps.redact import cell_of, told
from maps.sightings import Spot
from tests.replay.seeding import LAT, LON, MORNING, Seeded, add_fixes, seed

HOME = (LON + 0.02, LAT + 0.01)
AWAY = (LON - 0.02, LAT)
DOOR = (HOME[0] + 0.0004, HOME[1])


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def seen(conn: sa.Connection, here: Seeded, seconds: float, *vans: int) -> dict[int, Spot]:
    found = sightings.spots(conn, here.district_id, vans or None, at=at(seconds), delay_s=60)
    return {each.van_id: each for each in found}


def test_near_homes_only_the_cell_is_seen_and_late(conn: sa.Connection, here: Seeded) -> None:
    first, second = here.vans
    track = [(at(s), *(DOOR if 123 <= s < 731 else AWAY)) for s in range(0, 1500, 2)]
    add_fixes(conn, first, here.terminals[0], track)
    add_fixes(conn, second, here.terminals[1], [(at(0), *AWAY)])
    place, cell = told(AWAY), told(cell_of(DOOR))
    for s in (0, 60, 89):
        assert seen(conn, here, s)[first] == Spot(first, *place, stale=False, held=False)
    for s in (90, 122, 124, 299):
        assert seen(conn, here, s)[first] == Spot(first, *place, stale=False, held=True)
    for s in (300, 729, 733, 1199):
        assert seen(conn, here, s)[first] == Spot(first, *cell, stale=False, held=True)
    assert seen(conn, here, 1200)[first] == Spot(first, *place, stale=False, held=False)
    assert seen(conn, here, 100)[second] == Spot(second, *place, stale=True, held=False)
    assert seen(conn, here, 31 * 60).keys() == {first}
    assert seen(conn, here, 100, second).keys() == {second}
    assert seen(conn, here, -1) == {}


def test_when_a_receiver_falls_silent_at_a_door_is_told_late_too(conn: sa.Connection, here: Seeded) -> None:
    van = here.vans[0]
    add_fixes(conn, van, here.terminals[0], [(at(s), *AWAY) for s in range(0, 60, 5)])
    add_fixes(conn, van, here.terminals[0], [(at(s), *DOOR) for s in range(60, 200, 5)])
    cell = told(cell_of(DOOR))
    # Silent since 195 s: stale from 255 s on, which is told at 300 s.
    assert not seen(conn, here, 299)[van].stale
    assert seen(conn, here, 300)[van] == Spot(van, *cell, stale=True, held=True)
    # Not heard for half an hour since 1995 s, which is told at 2100 s.
    assert seen(conn, here, 2099)[van] == Spot(van, *cell, stale=True, held=True)
    assert seen(conn, here, 2100) == {}


def test_a_van_first_heard_at_a_door_is_not_there_until_the_next_five_minutes(
    conn: sa.Connection, here: Seeded
) -> None:
    van = here.vans[0]
    add_fixes(conn, van, here.terminals[0], [(at(s), *DOOR) for s in range(100, 400, 5)])
    assert seen(conn, here, 299) == {}
    assert seen(conn, here, 300)[van].held


def test_the_databases_cells_are_those_of_the_rule(conn: sa.Connection, here: Seeded) -> None:
    places = [destination((LON, LAT), 37.0 * n, 211.0 * n) for n in range(60)]
    fixes = [(at(n), *place) for n, place in enumerate(places)]
    add_fixes(conn, here.vans[0], here.terminals[0], fixes)
    (course,) = sightings.courses(conn, here.district_id, None, begins=at(-1), until=at(99)).values()
    expected = [cell_of(place) for place in places]
    come = [cell for n, cell in enumerate(expected) if n == 0 or cell != expected[n - 1]]
    assert [each.cell for each in course] == come

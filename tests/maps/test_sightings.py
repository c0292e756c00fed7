"""What guests see, out of stored fixes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.geo import destination
from maps import sightings
from maps.redact import cell_of, told
from maps.scope import Scope
from maps.sightings import STEP_MS, Spot
from tests.replay.seeding import DAY, LAT, LON, MORNING, Seeded, add, add_fixes, seed

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
    scope = Scope(60, vans or None)
    found = sightings.live(conn, here.district_id, scope, at=at(seconds), day=DAY)
    return {each.van_id: each for each in found}


def test_near_homes_only_the_cell_is_seen_and_late(conn: sa.Connection, here: Seeded) -> None:
    first, second = here.vans
    track = [(at(s), *(DOOR if 123 <= s < 731 else AWAY)) for s in range(0, 1500, 2)]
    add_fixes(conn, first, here.terminals[0], track)
    add_fixes(conn, second, here.terminals[1], [(at(0), *AWAY)])
    place, cell = told(AWAY), told(cell_of(DOOR))
    for s in (0, 60, 99):
        assert seen(conn, here, s)[first] == Spot(first, *place, stale=False, held=False)
    for s in (100, 122, 124, 299):
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


def put_beat(conn: sa.Connection, here: Seeded, west: float, east: float, *vans: int) -> int:
    """A beat from one meridian to another, patrolled by these vans from the day on."""
    south, north = LAT - 0.05, LAT + 0.05
    ring = f"(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
    beat = add(
        conn, tables.beat, district_id=here.district_id, code=f"B{west}", name="网格",
        geom=f"SRID=4326;MULTIPOLYGON({ring})",
    )  # fmt: skip
    for van in vans:
        conn.execute(tables.beat_assignment.insert().values(van_id=van, beat_id=beat, day_from=DAY))
    return beat


def test_of_a_beat_the_vans_that_patrol_it_are_seen_while_inside(conn: sa.Connection, here: Seeded) -> None:
    first, second = here.vans
    beat = put_beat(conn, here, LON - 0.03, LON - 0.01, first)
    other = put_beat(conn, here, LON + 0.05, LON + 0.06, second)
    for van, terminal in zip(here.vans, here.terminals, strict=True):
        track = [(at(s), *(AWAY if s < 600 else (LON + 0.055, LAT))) for s in range(0, 1200, 5)]
        add_fixes(conn, van, terminal, track)

    def seen_of(
        seconds: float,
        day: date = DAY,
        *,
        beats: tuple[int, ...] | None = None,
        vans: tuple[int, ...] | None = None,
    ) -> list[int]:
        found = sightings.live(conn, here.district_id, Scope(60, vans, beats), at=at(seconds), day=day)
        return [each.van_id for each in found]

    assert seen_of(300) == [first, second]
    assert seen_of(300, beats=(beat,)) == [first]
    assert seen_of(900, beats=(beat,)) == []
    assert seen_of(900, beats=(beat, other)) == [first, second]
    assert seen_of(900, beats=(other,)) == [second]  # the first does not patrol where it is
    assert seen_of(300, beats=(beat,), vans=(second,)) == []
    assert seen_of(300, day=DAY - timedelta(days=1), beats=(beat,)) == []


def test_a_cell_is_in_a_beat_by_its_middle_wherever_in_it_the_van_is(
    conn: sa.Connection, here: Seeded
) -> None:
    van = here.vans[0]
    middle = cell_of(DOOR)
    add_fixes(conn, van, here.terminals[0], [(at(s), *DOOR) for s in range(0, 900, 5)])
    around = put_beat(conn, here, middle[0] - 1e-4, middle[0] + 1e-4, van)
    beside = put_beat(conn, here, DOOR[0] - 1e-5, DOOR[0] + 1e-5, van)
    for beat, inside in ((around, True), (beside, False)):
        seen = sightings.live(conn, here.district_id, Scope(60, None, (beat,)), at=at(600), day=DAY)
        assert bool(seen) is inside


def test_a_day_that_is_over_is_told_as_a_late_live_map_would_have(conn: sa.Connection, here: Seeded) -> None:
    first, second = here.vans
    track = [(at(s), *(DOOR if 723 <= s < 1531 else AWAY)) for s in range(0, 3000, 3)]
    add_fixes(conn, first, here.terminals[0], track)
    add_fixes(conn, second, here.terminals[1], [(at(1200), *AWAY)])
    (looked_back,) = sightings.over(conn, here.district_id, Scope(60), begins=at(0), ends=at(3600), day=DAY)
    scope = Scope(900)
    for n in range(60):
        seen = sightings.live(conn, here.district_id, scope, at=at(n * STEP_MS / 1000), day=DAY)
        expected = {each.van_id: each for each in seen}
        assert {van: rows[n] for van, rows in looked_back.items() if rows[n]} == expected
    assert not list(sightings.over(conn, here.district_id, scope, begins=at(0), ends=at(0), day=DAY))

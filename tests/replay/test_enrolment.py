"""Vans and terminals for recorded vehicles."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fleet import registry, terminals
from fleet.errors import NotFound
from replay.enrolment import count_stored, enrol
from tests.replay.seeding import LAT, LON, MORNING, add_fixes, seed


def test_vehicles_become_vans_once(conn: sa.Connection) -> None:
    here = seed(conn)
    first = enrol(conn, here.district_id, ("V1", "34745"), create_vans=True, now=MORNING)
    again = enrol(conn, here.district_id, ("34745", "V1"), create_vans=False, now=MORNING)
    assert first["V1"].van_id == here.vans[0]
    assert [van.code for van in registry.vans(conn, here.district_id)] == ["V1", "V2", "34745"]
    assert {name: each.terminal_id for name, each in first.items()} == {
        name: each.terminal_id for name, each in again.items()
    }
    assert terminals.by_token(conn, first["V1"].token) is None
    known = terminals.by_token(conn, again["V1"].token)
    assert known is not None
    assert (known.kind, known.is_primary) == ("feed", False)


def test_missing_vans_are_named(conn: sa.Connection) -> None:
    here = seed(conn)
    with pytest.raises(NotFound, match=r"no van 7, 8 \(2 are missing\).*--create-vans"):
        enrol(conn, here.district_id, ("V1", "7", "8"), create_vans=False, now=MORNING)


def test_only_the_feeds_own_fixes_are_counted(conn: sa.Connection) -> None:
    here = seed(conn)
    enrolled = enrol(conn, here.district_id, ("V1",), create_vans=False, now=MORNING)
    add_fixes(conn, here.vans[0], here.terminals[0], [(MORNING, LON, LAT)])
    assert count_stored(conn, enrolled) == 0
    add_fixes(conn, here.vans[0], enrolled["V1"].terminal_id, [(MORNING, LON, LAT)])
    assert count_stored(conn, enrolled) == 1


def test_colours_are_never_red(conn: sa.Connection) -> None:
    here = seed(conn)
    names = tuple(f"x{n}" for n in range(40))
    enrol(conn, here.district_id, names, create_vans=True, now=MORNING)
    for van in registry.vans(conn, here.district_id):
        red, green, blue = (int(van.colour[n : n + 2], 16) for n in (1, 3, 5))
        assert not (red > 1.5 * green and red > 1.5 * blue), van.colour

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fleet import tables, visits
from fleet.visits import Visit
from tests.fleet.test_journal import a_district

NOON = datetime(2026, 7, 20, 4, tzinfo=UTC)


@pytest.fixture
def elder(conn: sa.Connection) -> tuple[int, int]:
    """District and recipient."""
    district_id = a_district(conn)
    values = {
        "district_id": district_id,
        "code": "h1",
        "kind": "home",
        "name": "家",
        "geom": "SRID=4326;POINT(116 36)",
    }
    home_id = conn.execute(tables.site.insert().values(values).returning(tables.site.c.id)).scalar_one()
    person = {
        "district_id": district_id,
        "code": "r1",
        "name": "刘淑珍",
        "birth_year": 1940,
        "home_id": home_id,
    }
    recipient_id: int = conn.execute(
        tables.recipient.insert().values(person).returning(tables.recipient.c.id)
    ).scalar_one()
    return district_id, recipient_id


def test_a_visit_told_twice_counts_once(conn: sa.Connection, elder: tuple[int, int]) -> None:
    district_id, recipient_id = elder
    visit = Visit(recipient_id, "visit", NOON, 1200, "claimed", "served", "event:7:x")
    assert visits.add(conn, district_id, [visit]) == 1
    assert visits.add(conn, district_id, [visit, replace(visit, source="event:7:y")]) == 1
    assert visits.add(conn, district_id, []) == 0


def test_the_last_visit_is_the_last_that_was_served_before(
    conn: sa.Connection, elder: tuple[int, int]
) -> None:
    district_id, recipient_id = elder
    told = [
        Visit(recipient_id, "visit", NOON - timedelta(days=3), 1200, "verified", "served", "a"),
        Visit(recipient_id, "visit", NOON - timedelta(days=2), 0, "claimed", "no_answer", "b"),
        Visit(recipient_id, "visit", NOON, 1200, "claimed", "served", "c"),
        Visit(recipient_id, "call", NOON - timedelta(days=1), 120, "verified", "served", "d"),
    ]
    assert visits.add(conn, district_id, told) == 4
    assert visits.last_visits(conn, district_id, NOON) == {
        (recipient_id, "visit"): NOON - timedelta(days=3),
        (recipient_id, "call"): NOON - timedelta(days=1),
    }


def test_a_claim_counts_until_it_is_looked_at_and_then_only_if_it_is_proved(
    conn: sa.Connection, elder: tuple[int, int]
) -> None:
    district_id, recipient_id = elder
    key = (recipient_id, "visit")
    claimed = Visit(recipient_id, "visit", NOON, 1200, "claimed", "served", "call:1")
    before = NOON + timedelta(days=1)
    assert visits.put(conn, district_id, [claimed]) == 1
    assert visits.last_visits(conn, district_id, before) == {key: NOON}
    unproved = replace(claimed, grade="D")
    assert visits.put(conn, district_id, [unproved]) == 1
    assert visits.last_visits(conn, district_id, before) == {}
    proved = replace(claimed, standing="verified", grade="C", began=NOON + timedelta(minutes=3))
    assert visits.put(conn, district_id, [proved]) == 1
    assert visits.last_visits(conn, district_id, before) == {key: proved.began}


def test_what_was_looked_at_no_claim_takes_back(conn: sa.Connection, elder: tuple[int, int]) -> None:
    district_id, recipient_id = elder
    proved = Visit(recipient_id, "visit", NOON, 1200, "verified", "served", "call:1", grade="A")
    assert visits.put(conn, district_id, [proved]) == 1
    assert visits.put(conn, district_id, [proved]) == 0
    assert visits.put(conn, district_id, [replace(proved, standing="claimed", grade=None)]) == 0
    assert visits.put(conn, district_id, [replace(proved, standing="claimed", grade="D")]) == 1
    assert visits.put(conn, district_id, []) == 0


def test_whom_a_call_served(conn: sa.Connection, elder: tuple[int, int]) -> None:
    district_id, recipient_id = elder
    assert visits.called_on(conn, district_id, "call:1") == ()
    visits.put(conn, district_id, [Visit(recipient_id, "check", NOON, 900, "claimed", "served", "call:1")])
    assert visits.called_on(conn, district_id, "call:1") == (recipient_id,)

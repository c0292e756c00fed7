"""What taps write into the ledger of visits."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from fleet import tables
from replay.evidence import Tap, draw
from tests.replay.seeding import MORNING, Seeded, seed


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def tap(here: Seeded, kind: str, stop_id: int | None) -> Tap:
    """A tap of the first van."""
    t = MORNING + timedelta(minutes=40)
    return Tap(here.terminals[0], UUID(int=7), here.district_id, here.vans[0], t, kind, stop_id)


def ledger(conn: sa.Connection) -> list[tuple[int, str, str, str, int]]:
    """What stands in the ledger."""
    visit = tables.visit
    rows = conn.execute(
        sa.select(
            visit.c.recipient_id, visit.c.channel, visit.c.outcome, visit.c.standing, visit.c.service_s
        ).order_by(visit.c.recipient_id)
    )
    return [(each[0], each[1], each[2], each[3], each[4]) for each in rows]


def test_a_done_tap_claims_the_cadence_it_closes(conn: sa.Connection, here: Seeded) -> None:
    done = tap(here, "done", here.visit_stop)
    assert draw(conn, done) == 1
    assert ledger(conn) == [(here.recipients[0], "monthly", "served", "claimed", 900)]
    began = conn.scalar(sa.select(tables.visit.c.began))
    assert began == done.t - timedelta(minutes=15)


def test_a_tap_drawn_twice_counts_once(conn: sa.Connection, here: Seeded) -> None:
    assert [draw(conn, tap(here, "done", here.visit_stop)) for _ in range(2)] == [1, 0]


def test_a_dropoff_serves_everybody_of_the_stop_point(conn: sa.Connection, here: Seeded) -> None:
    assert draw(conn, tap(here, "done", here.dropoff_stop)) == 2
    assert [row[:2] for row in ledger(conn)] == [(who, "check") for who in here.recipients[1:]]


@pytest.mark.parametrize("kind", ["no_answer", "declined"])
def test_an_unserved_visit_says_why(conn: sa.Connection, here: Seeded, kind: str) -> None:
    draw(conn, tap(here, kind, here.visit_stop))
    assert ledger(conn) == [(here.recipients[0], "monthly", kind, "claimed", 0)]


def test_other_taps_claim_nothing(conn: sa.Connection, here: Seeded) -> None:
    assert draw(conn, tap(here, "arrived", here.visit_stop)) == 0
    assert draw(conn, tap(here, "done", None)) == 0
    assert draw(conn, tap(here, "done", here.visit_stop + 1000)) == 0
    elsewhere = seed(conn, "另一区")
    foreign = dataclasses.replace(tap(here, "done", here.visit_stop), district_id=elsewhere.district_id)
    assert draw(conn, foreign) == 0
    assert ledger(conn) == []

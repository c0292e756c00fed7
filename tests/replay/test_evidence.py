"""What taps and tracks write into the ledger of visits."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.units import moment_of
from replay.evidence import Tap, draw, touched_by, write_day
from tests.replay.day import FAR, at, drive, east, stays_of
from tests.replay.seeding import DAY, MORNING, Seeded, seed
from tests.replay.stored import kept, ledger, photo, place_of, published_anew, second_terminal, told
from tracking.track import Track


@pytest.fixture
def here(conn: sa.Connection) -> Seeded:
    """A small district."""
    return seed(conn)


def tap(here: Seeded, kind: str, stop_id: int | None) -> Tap:
    """A tap of the first van."""
    t = MORNING + timedelta(minutes=40)
    return Tap(here.terminals[0], UUID(int=7), here.district_id, here.vans[0], t, kind, stop_id)


def claims(conn: sa.Connection) -> list[tuple[int, str, str, str, int]]:
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
    assert claims(conn) == [(here.recipients[0], "monthly", "served", "claimed", 900)]
    began = conn.scalar(sa.select(tables.visit.c.began))
    assert began == done.t - timedelta(minutes=15)


def test_a_tap_drawn_twice_counts_once(conn: sa.Connection, here: Seeded) -> None:
    assert [draw(conn, tap(here, "done", here.visit_stop)) for _ in range(2)] == [1, 0]


def test_a_dropoff_serves_everybody_of_the_stop_point(conn: sa.Connection, here: Seeded) -> None:
    assert draw(conn, tap(here, "done", here.dropoff_stop)) == 2
    assert [row[:2] for row in claims(conn)] == [(who, "check") for who in here.recipients[1:]]


@pytest.mark.parametrize("kind", ["no_answer", "declined"])
def test_an_unserved_visit_says_why(conn: sa.Connection, here: Seeded, kind: str) -> None:
    draw(conn, tap(here, kind, here.visit_stop))
    assert claims(conn) == [(here.recipients[0], "monthly", kind, "claimed", 0)]


def test_other_taps_claim_nothing(conn: sa.Connection, here: Seeded) -> None:
    assert draw(conn, tap(here, "arrived", here.visit_stop)) == 0
    assert draw(conn, tap(here, "done", None)) == 0
    assert draw(conn, tap(here, "done", here.visit_stop + 1000)) == 0
    elsewhere = seed(conn, "另一区")
    foreign = dataclasses.replace(tap(here, "done", here.visit_stop), district_id=elsewhere.district_id)
    assert draw(conn, foreign) == 0
    assert claims(conn) == []


EVENING = moment_of(at(600))


def write(conn: sa.Connection, here: Seeded, track: Track, van: int = 0, now: datetime = EVENING) -> int:
    """Compute a van's day."""
    return write_day(conn, here.district_id, here.vans[van], DAY, track, stays_of(track), now)


def a_good_day(conn: sa.Connection, here: Seeded) -> Track:
    """At both stops for as long as planned."""
    visited, handed = place_of(conn, here.visit_stop), place_of(conn, here.dropoff_stop)
    return drive([(20, 35, visited), (41, 57, handed), (70, 80, east(9000))])


def test_a_claim_is_verified_by_the_track_and_stays_one_visit(conn: sa.Connection, here: Seeded) -> None:
    draw(conn, told(conn, here, 1, 34, here.visit_stop, body={"blobs": [photo(conn, here)]}))
    assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "claimed", None)]
    track = a_good_day(conn, here)
    assert write(conn, here, track) == 3
    assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "verified", "A")]
    assert kept(conn, here) == [(here.visit_stop, "served", "A"), (here.dropoff_stop, "arrived", None)]
    began, service_s = conn.execute(sa.select(tables.visit.c.began, tables.visit.c.service_s)).one()
    assert began == moment_of(at(20)) and abs(service_s - 900) <= 60


def test_computed_again_it_writes_nothing(conn: sa.Connection, here: Seeded) -> None:
    track = a_good_day(conn, here)
    draw(conn, told(conn, here, 1, 34, here.visit_stop))
    told(conn, here, 2, 56, here.dropoff_stop)
    assert write(conn, here, track) == 5
    assert write(conn, here, track, now=EVENING + timedelta(hours=1)) == 0


def test_a_drop_off_verifies_the_check_of_every_elder_it_served(conn: sa.Connection, here: Seeded) -> None:
    draw(conn, told(conn, here, 1, 56, here.dropoff_stop))
    write(conn, here, a_good_day(conn, here))
    both = here.recipients[1:]
    assert ledger(conn, here) == [(who, "check", "served", "verified", "B") for who in both]
    # One moves to no stop point at all; they were served there all the same.
    recipient = tables.recipient
    conn.execute(recipient.update().where(recipient.c.id == both[0]).values(stop_id=None))
    assert write(conn, here, a_good_day(conn, here)) == 0
    assert len(ledger(conn, here)) == 2


def test_two_done_taps_from_two_terminals_are_one_visit(conn: sa.Connection, here: Seeded) -> None:
    second = second_terminal(conn, here)
    taps = [
        told(conn, here, 1, 33, here.visit_stop),
        told(conn, here, 1, 34, here.visit_stop, terminal_id=second),
    ]
    assert [draw(conn, each) for each in taps] == [1, 0]
    write(conn, here, a_good_day(conn, here))
    assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "verified", "B")]


def test_a_completion_tapped_75_km_away_stays_a_claim_graded_d(conn: sa.Connection, here: Seeded) -> None:
    body = {"blobs": [photo(conn, here)], "lon": FAR[0], "lat": FAR[1]}
    draw(conn, told(conn, here, 1, 34, here.visit_stop, body=body))
    write(conn, here, a_good_day(conn, here))
    assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "claimed", "D")]
    told(conn, here, 2, 56, here.dropoff_stop)
    write(conn, here, drive([(0, 100, FAR)]))
    assert kept(conn, here) == [(here.visit_stop, "served", "D"), (here.dropoff_stop, "served", "D")]


def test_a_verified_visit_whose_evidence_is_gone_is_a_claim_again_and_comes_back(
    conn: sa.Connection, here: Seeded
) -> None:
    draw(conn, told(conn, here, 1, 34, here.visit_stop))
    track = a_good_day(conn, here)
    seen = []
    for known in (drive([]), track, drive([]), track):
        write(conn, here, known)
        ((*_, standing, grade),) = ledger(conn, here)
        seen.append((standing, grade))
    assert seen == [("claimed", "D"), ("verified", "B")] * 2


def test_a_reload_is_graded_and_visits_nobody(conn: sa.Connection, here: Seeded) -> None:
    stop = tables.plan_stop
    conn.execute(stop.update().where(stop.c.id == here.dropoff_stop).values(kind="reload"))
    draw(conn, told(conn, here, 1, 56, here.dropoff_stop, "reload"))
    write(conn, here, a_good_day(conn, here))
    assert kept(conn, here)[1] == (here.dropoff_stop, "served", "B")
    assert ledger(conn, here) == []


def test_a_crew_that_forgot_to_tap_closes_nothing(conn: sa.Connection, here: Seeded) -> None:
    write(conn, here, a_good_day(conn, here))
    assert kept(conn, here) == [(here.visit_stop, "arrived", None), (here.dropoff_stop, "arrived", None)]
    assert ledger(conn, here) == []


def test_a_late_correction_takes_the_visit_back(conn: sa.Connection, here: Seeded) -> None:
    draw(conn, told(conn, here, 1, 33, here.visit_stop))
    track = a_good_day(conn, here)
    write(conn, here, track)
    # What was looked at is not touched by a claim: the day is computed again for that.
    assert draw(conn, told(conn, here, 2, 34, here.visit_stop, "no_answer")) == 0
    assert write(conn, here, track) == 2
    assert [row[2:] for row in ledger(conn, here)] == [("no_answer", "verified", "B")]


def test_a_plan_published_anew_carries_the_visit_along(conn: sa.Connection, here: Seeded) -> None:
    draw(conn, told(conn, here, 1, 34, here.visit_stop))
    track = a_good_day(conn, here)
    write(conn, here, track)
    newer = published_anew(conn, here)
    write(conn, here, track)
    assert kept(conn, here) == [(newer, "served", "B")]
    assert len(ledger(conn, here)) == 1
    draw(conn, told(conn, here, 2, 74, newer))
    write(conn, here, track)
    assert len(ledger(conn, here)) == 1


def test_a_van_that_comes_in_anothers_stead_has_the_visit(conn: sa.Connection, here: Seeded) -> None:
    draw(conn, told(conn, here, 1, 34, here.visit_stop, van=1))
    track, away = a_good_day(conn, here), drive([(0, 100, east(9000))])
    for order in ((0, 1), (1, 0)):
        for van in order:
            write(conn, here, track if van else away, van)
        assert [row[3:] for row in ledger(conn, here)] == [("verified", "B")]
        assert kept(conn, here) == [(here.dropoff_stop, "skipped", None)]
        assert kept(conn, here, van=1) == [(here.visit_stop, "served", "B")]
    assert conn.scalar(sa.select(tables.visit.c.van_id)) == here.vans[1]


def test_what_is_due_while_the_day_runs(conn: sa.Connection, here: Seeded) -> None:
    nothing = drive([])
    write(conn, here, nothing, now=moment_of(at(10)))
    assert [row[1] for row in kept(conn, here)] == ["pending", "pending"]
    write(conn, here, drive([(41, 57, place_of(conn, here.dropoff_stop))]), now=moment_of(at(57)))
    assert [row[1] for row in kept(conn, here)] == ["skipped", "arrived"]


def test_a_tap_makes_its_plans_day_due_however_late_it_comes(conn: sa.Connection, here: Seeded) -> None:
    late = told(conn, here, 1, 60 * 30, here.visit_stop, van=1)
    assert touched_by(conn, late) == {(here.vans[0], DAY), (here.vans[1], DAY)}
    assert touched_by(conn, dataclasses.replace(late, stop_id=None)) == frozenset()
    draw(conn, late)
    write(conn, here, a_good_day(conn, here), van=1)
    # The van stood there; what it tapped the day after earns no point for its place.
    assert kept(conn, here, van=1) == [(here.visit_stop, "served", "C")]


TOLD = (("done", 33, 0), ("no_answer", 30, 0), ("done", 34, 1), ("arrived", 20, 0))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_taps_in_any_order_with_the_day_computed_between_give_one_ledger(
    conn: sa.Connection, here: Seeded, order: tuple[int, ...]
) -> None:
    second, track = second_terminal(conn, here), a_good_day(conn, here)
    for n in order:
        kind, minutes, terminal = TOLD[n]
        terminal_id = second if terminal else here.terminals[0]
        draw(conn, told(conn, here, n + 1, minutes, here.visit_stop, kind, terminal_id=terminal_id))
        if n % 2:
            write(conn, here, track if n == 1 else drive([]))
    write(conn, here, track)
    assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "verified", "B")]
    assert kept(conn, here)[0] == (here.visit_stop, "served", "B")

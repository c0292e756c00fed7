"""From a stored tap and stored fixes to a verified visit, through follower and bookkeeper."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from fleet import tables
from fleet.clock import Clock
from fleet.main.bookkeeping import Desk, keep_van_day
from fleet.main.evidence_book import keep_evidence
from fleet.main.follower import follow_next
from fleet.units import moment_of
from tests.replay.day import at, drive, east
from tests.replay.seeding import DAY, add_fixes, seed
from tests.replay.serving import context_on
from tests.replay.stored import kept, ledger, place_of, told
from tracking.day_store import Pace
from tracking.touched import Touched


def test_a_tap_is_a_claim_at_once_and_verified_once_its_day_is_proved(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(moment_of(at(60))), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            told(conn, here, 1, 34, here.visit_stop)
            track = drive([(0, 5, east(900)), (20, 35, place_of(conn, here.visit_stop))], every_s=10)
            fixes = zip(track.t_ms.tolist(), track.lon.tolist(), track.lat.tolist(), strict=True)
            seen = [(moment_of(t_ms), lon, lat) for t_ms, lon, lat in fixes]
            add_fixes(conn, here.vans[0], here.terminals[0], seen)
        assert follow_next(context)
        with context.engine.connect() as conn:
            assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "claimed", None)]
        books = Desk(context, Touched(), (keep_van_day, keep_evidence), Pace(quiet_s=0.0, every_s=0.0))
        assert books.keep_next()
        with context.engine.connect() as conn:
            assert ledger(conn, here) == [(here.recipients[0], "monthly", "served", "verified", "B")]
            assert kept(conn, here)[0] == (here.visit_stop, "served", "B")


def test_a_tap_of_the_day_after_makes_its_plans_day_due(database: str, tmp_path: Path) -> None:
    with context_on(database, Clock.opening(moment_of(at(60 * 31))), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            told(conn, here, 1, 60 * 30, here.visit_stop)
        assert follow_next(context)
        with context.engine.connect() as conn:
            due = tables.van_day_due
            assert DAY in conn.scalars(sa.select(due.c.day).where(due.c.van_id == here.vans[0])).all()

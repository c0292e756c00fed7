"""A beat that nobody passes: told only as far as the van's way is known, and put right by what comes late."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fleet import tables
from fleet.geo import destination
from fleet.main import alarming
from fleet.main.alarming import Watch
from tests.fleet.main.alarms import look, only, put_fixes, told_by_journal
from tests.fleet.main.conftest import Desk
from tests.world import CENTRE, DAY, OPENS
from tracking import alert_store
from tracking.alert_store import Stored

SHIFT = OPENS - timedelta(hours=2)
CELL = destination(CENTRE, 0, 2000)
AWAY = destination(CENTRE, 180, 2000)


@pytest.fixture
def beat(desk: Desk) -> Desk:
    """The district with one beat of one cell, the first van's, and no other rule."""
    only(desk, "beat_unseen")
    ring = ", ".join(
        f"{CELL[0] + x} {CELL[1] + y}" for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    )
    with desk.context.engine.begin() as conn:
        shape = {"code": "b1", "name": "网格1", "geom": f"SRID=4326;MULTIPOLYGON((({ring})))"}
        made = tables.beat.insert().values(district_id=desk.world.district_id, **shape)
        beat_id = conn.execute(made.returning(tables.beat.c.id)).scalar_one()
        cell = {"beat_id": beat_id, "geom": f"SRID=4326;POINT({CELL[0]} {CELL[1]})"}
        conn.execute(tables.beat_cell.insert().values(**cell))
        given = {"van_id": desk.world.vans[0], "beat_id": beat_id, "day_from": DAY}
        conn.execute(tables.beat_assignment.insert().values(**given))
    return desk


def now(desk: Desk) -> datetime:
    return desk.context.clock.now()


def away(desk: Desk, starts: datetime, until: datetime, received: datetime | None = None) -> None:
    """The first van drives far from its beat."""
    put_fixes(desk, starts, round((until - starts).total_seconds()), by=AWAY, received=received)


def passes(desk: Desk, at: datetime, *, van: int = 1, received: datetime | None = None) -> None:
    """A van comes by the cell for a minute."""
    put_fixes(desk, at, 60, van=van, by=CELL, received=received)


def kept(desk: Desk) -> list[Stored]:
    with desk.context.engine.connect() as conn:
        span = SHIFT - timedelta(hours=1), OPENS + timedelta(hours=9)
        return list(alert_store.between(conn, desk.world.district_id, span))


def test_a_shift_whose_morning_is_not_stored_yet_is_told_of_nothing(beat: Desk) -> None:
    watch = Watch(beat.context)
    away(beat, OPENS - timedelta(seconds=60), now(beat))
    assert look(beat, watch) == [], "nobody knows yet where the van was"
    away(beat, OPENS - timedelta(minutes=70), OPENS - timedelta(seconds=60), OPENS)
    assert look(beat, watch) == [], "the newest of the backlog is an hour and ten minutes"
    passes(beat, OPENS - timedelta(minutes=45), received=OPENS)
    away(beat, SHIFT, OPENS - timedelta(minutes=70), OPENS)
    assert look(beat, watch) == []
    assert told_by_journal(beat) == []


def test_a_morning_away_from_the_beat_is_told_and_ends_when_somebody_passes(beat: Desk) -> None:
    watch = Watch(beat.context)
    away(beat, SHIFT, now(beat))
    assert look(beat, watch) == [("beat_unseen", "raised")]
    assert look(beat, watch) == []
    at = now(beat)
    passes(beat, at - timedelta(seconds=59), received=at)
    assert look(beat, watch) == [("beat_unseen", "ended")]
    (one,) = kept(beat)
    assert one.began == SHIFT and one.ended is not None
    assert abs(one.ended - (at - timedelta(seconds=59))) < timedelta(milliseconds=1)
    assert look(beat, watch) == []


def test_a_pass_that_comes_late_takes_back_what_never_was(beat: Desk) -> None:
    watch = Watch(beat.context)
    away(beat, SHIFT, now(beat))
    look(beat, watch)
    passes(beat, OPENS - timedelta(minutes=45), received=OPENS)
    assert look(beat, watch) == [("beat_unseen", "withdrawn")]
    assert kept(beat) == []
    assert look(beat, watch) == []


def test_what_is_over_is_taken_back_too(beat: Desk) -> None:
    """A van comes out of a dead zone: its live fix comes first, what it kept after it."""
    watch = Watch(beat.context)
    away(beat, SHIFT, now(beat))
    look(beat, watch)
    passes(beat, now(beat) - timedelta(seconds=59), received=now(beat))
    assert look(beat, watch) == [("beat_unseen", "ended")]
    passes(beat, OPENS - timedelta(minutes=45), received=OPENS)
    assert look(beat, watch) == [("beat_unseen", "withdrawn")]


def test_a_pass_that_comes_late_moves_the_beginning_where_it_stays_true(beat: Desk) -> None:
    watch = Watch(beat.context)
    away(beat, SHIFT, now(beat))
    look(beat, watch)
    passes(beat, SHIFT + timedelta(minutes=10), received=OPENS)
    assert look(beat, watch) == [("beat_unseen", "corrected")]
    (one,) = kept(beat)
    assert (one.began, one.ended) == (SHIFT + timedelta(minutes=10, seconds=50), None)


def test_late_facts_put_a_past_day_right(beat: Desk) -> None:
    watch = Watch(beat.context)
    away(beat, SHIFT, now(beat))
    look(beat, watch)
    passes(beat, now(beat) - timedelta(seconds=59), received=now(beat))
    assert look(beat, watch) == [("beat_unseen", "ended")]
    passes(beat, OPENS - timedelta(minutes=45), received=OPENS + timedelta(days=1))
    world = beat.world
    with beat.context.engine.begin() as conn:
        told = alarming.recount(conn, world.district_id, world.vans[1], DAY, OPENS + timedelta(days=1))
    assert [(each.code, each.change) for each in told] == [("beat_unseen", "withdrawn")]

"""What the screens show of patrol and coverage: what `tracking` proves, however the fixes come in."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.geo import M_PER_DEG, LonLat
from fleet.units import moment_of
from maps.patrol import DayTracks, shift_start
from tests.maps import staging
from tests.maps.days import START, day
from tests.maps.staging import DAY, NOW, Stage
from tests.tracking.proving import Drive
from tracking.day_proof import district_day, proof_of_day
from tracking.track import Fixes

CORNER = staging.CENTRE[0] - 0.03, staging.CENTRE[1] - 0.01
"""Of the first van's beat; its centre stands there."""
SHIFT = datetime.fromisoformat("2026-07-24T08:30:00+08:00")


@pytest.fixture
def stage(conn: sa.Connection) -> Stage:
    made = staging.stage(conn)
    staging.make_partition(conn, NOW)
    return made


def at(east_m: float, north_m: float) -> LonLat:
    east = east_m / M_PER_DEG / float(np.cos(np.radians(CORNER[1])))
    return CORNER[0] + east, CORNER[1] + north_m / M_PER_DEG


def drive(minute: float, start: LonLat) -> Drive:
    return Drive(start, 15.0, round((SHIFT.timestamp() + minute * 60) * 1000))


def put(conn: sa.Connection, stage: Stage, fixes: Fixes, received: datetime, van: int = 0) -> None:
    rows = [
        {
            "van_id": stage.van_ids[van], "t": moment_of(t), "terminal_id": 1, "digest": digest, "flags": 0,
            "geom": f"SRID=4326;POINT({lon} {lat})", "received_at": received,
        }
        for t, digest, lon, lat in zip(
            fixes.t_ms.tolist(), fixes.digest.tolist(), fixes.lon.tolist(), fixes.lat.tolist(), strict=True
        )
    ]  # fmt: skip
    if rows:
        conn.execute(tables.fix.insert(), rows)


@pytest.mark.parametrize("seed", range(4))
def test_the_screen_and_the_ledger_prove_the_same_whatever_comes_first(
    conn: sa.Connection, stage: Stage, seed: int
) -> None:
    rng, van_id = random.Random(seed), stage.van_ids[0]
    way = drive(0, at(300, 700)).loop(20).stand(9).go(at(-600, 300), 6).silence(7).go(at(300, 700), 6)
    fixes = way.stand(12).loop(10).fixes()
    order = list(range(len(fixes)))
    rng.shuffle(order)
    tracks = DayTracks(district_day(conn, stage.district_id, DAY))
    for part in range(5):
        now = NOW + timedelta(seconds=40 * part)
        put(conn, stage, fixes.take(np.array(order[part::5])), now - timedelta(seconds=rng.randrange(20)))
        tracks.follow(conn, now)
        proof = proof_of_day(conn, stage.district_id, van_id, DAY, now)
        assert tracks.proved_s(van_id) == proof.ledger.proved_s
        assert tracks.claimed_s(van_id) == proof.ledger.claimed_s
    assert proof.ledger.proved_s > 0
    assert {span.kind for span in proof.ledger.spans} >= {"patrol", "idle", "off_beat", "gap"}


def test_a_tap_changes_the_proof_though_no_fix_has_come(conn: sa.Connection, stage: Stage) -> None:
    van_id = stage.van_ids[0]
    put(conn, stage, drive(100, at(300, 700)).loop(30).fixes(), NOW)
    tracks = DayTracks(district_day(conn, stage.district_id, DAY))
    tracks.follow(conn, NOW)
    assert tracks.proved_s(van_id) == 1800
    for minute, kind in ((110, "break"), (120, "departed")):
        conn.execute(
            tables.event.insert().values(
                terminal_id=1, id=uuid4(), district_id=stage.district_id, van_id=van_id, kind=kind, body={},
                t=SHIFT + timedelta(minutes=minute), received_at=NOW,
            )
        )  # fmt: skip
    tracks.follow(conn, NOW)
    assert tracks.proved_s(van_id) == 1200


def test_a_cell_is_seen_within_150_m_by_any_van_of_the_beat(conn: sa.Connection, stage: Stage) -> None:
    beats = conn.scalars(sa.select(tables.beat.c.id).order_by(tables.beat.c.id)).all()
    conn.execute(
        tables.beat_assignment.insert().values(van_id=stage.van_ids[1], beat_id=beats[0], day_from=DAY)
    )
    cell = conn.execute(
        sa.select(sa.func.ST_X(tables.beat_cell.c.geom), sa.func.ST_Y(tables.beat_cell.c.geom))
        .where(tables.beat_cell.c.beat_id == beats[0])
        .order_by(tables.beat_cell.c.id)
        .limit(1)
    ).one()
    for metres, seen in ((155.0, 0.0), (145.0, 0.25)):
        east = metres / M_PER_DEG / float(np.cos(np.radians(cell[1])))
        put(conn, stage, drive(metres, (cell[0] - east, cell[1])).fixes(), NOW, van=1)
        tracks = DayTracks(district_day(conn, stage.district_id, DAY))
        tracks.follow(conn, NOW)
        assert tracks.seen(beats[0], SHIFT, NOW).share == seen
    found = tracks.seen(beats[0], SHIFT, NOW)
    assert found.away_s == int((NOW - SHIFT - timedelta(minutes=145)).total_seconds())
    assert found.longest_s == int((NOW - SHIFT).total_seconds())


def test_vans_without_a_word_prove_nothing_and_shifts_begin_coverage(
    conn: sa.Connection, stage: Stage
) -> None:
    tracks = DayTracks(district_day(conn, stage.district_id, DAY))
    assert tracks.proved_s(99) == tracks.claimed_s(99) == 0
    tracks.follow(conn, NOW)
    assert tracks.proved_s(stage.van_ids[0]) == 0
    assert shift_start(day(), [1]) == START
    assert shift_start(day(shifts=()), [1]) == day().start

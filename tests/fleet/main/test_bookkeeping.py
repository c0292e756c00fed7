"""The books of vans' days on a real database: what is touched is proved again, whenever it comes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.clock import Clock
from fleet.context import Context
from fleet.main.bookkeeping import Bookkeeper, Desk, keep_van_day
from fleet.main.follower import follow_next
from fleet.units import moment_of
from tests.fleet.main.conftest import Desk as Office
from tests.tracking.proving import ABROAD, CORNER, DAY, MIDNIGHT_MS, RING, Drive, at, minutes_after
from tests.tracking.storing import Ear
from tracking import day_store
from tracking.day_store import KeptDay, Pace
from tracking.fix import Fix
from tracking.ingest import Flusher
from tracking.parcel import Parcel
from tracking.partitions import Partitions
from tracking.proof import DayProof
from tracking.source import Source
from tracking.touched import Touched, Van

YESTERDAY = DAY - timedelta(days=1)
DAY_MS = 86_400_000
AT_ONCE = Pace(quiet_s=0.0, every_s=0.0)


@pytest.fixture
def office(desk: Office) -> Office:
    """The district of `people`, with a beat of the first van."""
    ring = ", ".join(f"{lon} {lat}" for lon, lat in RING)
    with desk.context.engine.begin() as conn:
        beat = conn.execute(
            tables.beat.insert()
            .values(
                district_id=desk.world.district_id, code="b1", name="一格",
                geom=f"SRID=4326;MULTIPOLYGON((({ring})))",
            )
            .returning(tables.beat.c.id)
        ).scalar_one()  # fmt: skip
        lon, lat = at(1500, 500)
        conn.execute(tables.beat_cell.insert().values(beat_id=beat, geom=f"SRID=4326;POINT({lon} {lat})"))
        conn.execute(
            tables.beat_assignment.insert().values(
                van_id=desk.world.vans[0], beat_id=beat, day_from=DAY - timedelta(days=30)
            )
        )
    return desk


def wire(drive: Drive, days_ago: int = 0) -> list[Fix]:
    """A drive as a terminal sends it."""
    fixes = drive.fixes()
    rows = np.stack([fixes.lon, fixes.lat]).T.tolist()
    return [
        Fix(t=int(t) - days_ago * DAY_MS, lon=lon, lat=lat)
        for t, (lon, lat) in zip(fixes.t_ms, rows, strict=True)
    ]


def deliver(office: Office, touched: Touched, lots: Sequence[tuple[int, Sequence[Fix]]]) -> None:
    """Commit messages of the first van's terminals, in this order; whoever listens is told."""
    world = office.world

    async def run() -> None:
        clock = office.context.clock
        flusher = Flusher(office.context.database_url, Partitions(90), clock, on_commit=[touched.committed])
        ear = Ear()
        flusher.start()
        for n, (terminal_id, fixes) in enumerate(lots, 1):
            source = Source(terminal_id, world.vans[0], world.district_id)
            numbered = list(enumerate(fixes))
            await flusher.put(Parcel(ear, source, n, clock.now_ms(), numbered, repeats=True))
        await ear.until(len(lots))
        await flusher.stop()

    asyncio.run(run())


def cut(fixes: Sequence[Fix], terminals: Sequence[int], rng: random.Random) -> list[tuple[int, list[Fix]]]:
    """A day as messages out of order, some of them twice, from several terminals."""
    shuffled = [*fixes, *rng.sample(fixes, len(fixes) // 3)]
    rng.shuffle(shuffled)
    return [
        (rng.choice(list(terminals)), shuffled[start : start + 50]) for start in range(0, len(shuffled), 50)
    ]


def books(office: Office, touched: Touched, pace: Pace = AT_ONCE) -> Desk:
    return Desk(office.context, touched, (keep_van_day,), pace)


def keep_all(desk: Desk) -> int:
    desk.mark()
    kept = 0
    while desk.keep_next():
        kept += 1
    return kept


def kept(office: Office, day: date = DAY) -> KeptDay | None:
    with office.context.engine.connect() as conn:
        rows = day_store.read(conn, office.world.district_id, day, day)
    found = [each for each in rows if each.van_id == office.world.vans[0]]
    return found[0] if found else None


def quiet(office: Office) -> None:
    """Take away the shifts: only what is heard counts."""
    with office.context.engine.begin() as conn:
        conn.execute(sa.delete(tables.shift))


def test_a_day_that_was_touched_is_proved_and_kept(office: Office) -> None:
    quiet(office)
    touched = Touched()
    deliver(office, touched, [(office.world.terminals[0], wire(Drive(CORNER).loop(30).silence(10).loop(20)))])
    desk = books(office, touched)
    assert keep_all(desk) == 1
    row = kept(office)
    assert row is not None
    assert (row.proved_s, row.fixes, row.flagged, row.cells_seen, row.cells) == (3000, 602, 0, 1, 1)
    assert [(each.kind, (each.ends_ms - each.starts_ms) // 60_000) for each in row.spans] == [
        ("patrol", 30),
        ("gap", 10),
        ("patrol", 20),
    ]
    # Its one cell lies at the corner: passed at each loop's ends, on both sides of the silence.
    (beat,) = row.beats
    assert (beat.name, beat.cells_seen, beat.cells, beat.passes) == ("一格", 1, 1, 4 + 3)
    assert not desk.keep_next()


def test_a_backlog_of_yesterday_corrects_yesterday(office: Office) -> None:
    quiet(office)
    touched, terminal = Touched(), office.world.terminals[0]
    desk = books(office, touched)
    late = wire(Drive(CORNER).loop(60), days_ago=1)
    deliver(office, touched, [(terminal, late[:121] + late[600:])])
    keep_all(desk)
    before = kept(office, YESTERDAY)
    assert before is not None
    assert (before.proved_s, [each.kind for each in before.spans]) == (1200, ["patrol", "gap", "patrol"])
    deliver(office, touched, [(terminal, late[121:600][::-1]), (terminal, wire(Drive(CORNER).loop(10)))])
    assert keep_all(desk) == 2
    after = kept(office, YESTERDAY)
    assert after is not None
    assert (after.proved_s, [each.kind for each in after.spans]) == (3600, ["patrol"])


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_arrival_gives_the_same_books(office: Office, seed: int) -> None:
    quiet(office)
    rng, touched = random.Random(seed), Touched()
    drive = Drive(CORNER).loop(20).stand(8).go(at(-800, 500), 8).silence(7).go(CORNER, 8).loop(10)
    fixes = wire(drive) + wire(drive, days_ago=1)
    desk = books(office, touched)
    deliver(office, touched, cut(fixes, office.world.terminals[:1], rng))
    keep_all(desk)
    found = [kept(office, day) for day in (YESTERDAY, DAY)]
    with office.context.engine.begin() as conn:
        conn.execute(sa.delete(tables.fix))
        conn.execute(sa.delete(tables.van_day))
    deliver(office, touched, [(office.world.terminals[0], sorted(fixes, key=lambda fix: fix.t))])
    keep_all(desk)
    for one, day in zip(found, (YESTERDAY, DAY), strict=True):
        other = kept(office, day)
        assert one is not None
        assert other is not None
        assert (one.spans, one.proved_s, one.distance_m) == (other.spans, other.proved_s, other.distance_m)
        assert (one.cells_seen, one.longest_unseen_s) == (other.cells_seen, other.longest_unseen_s)


def test_fixes_of_two_terminals_are_one_track(office: Office) -> None:
    quiet(office)
    touched = Touched()
    fixes = wire(Drive(CORNER).loop(30))
    deliver(
        office,
        touched,
        [(office.world.terminals[1], fixes[1::2]), (office.world.terminals[0], fixes[::2])],
    )
    keep_all(books(office, touched))
    row = kept(office)
    assert row is not None
    assert row.proved_s == 1800


def test_a_late_tap_corrects_its_day(office: Office) -> None:
    quiet(office)
    touched = Touched()
    desk = books(office, touched)
    deliver(office, touched, [(office.world.terminals[0], wire(Drive(CORNER).loop(60)))])
    keep_all(desk)
    with office.context.engine.begin() as conn:
        for minute, kind in ((10, "break"), (40, "departed")):
            conn.execute(
                tables.event.insert().values(
                    terminal_id=office.world.terminals[0], id=uuid4(), district_id=office.world.district_id,
                    van_id=office.world.vans[0], t=moment_of(minutes_after(minute)), kind=kind, body={},
                    received_at=office.context.clock.now(),
                )
            )  # fmt: skip
    while follow_next(office.context):
        pass
    assert keep_all(desk) == 1
    row = kept(office)
    assert row is not None
    assert (row.proved_s, row.claimed_s) == (1800, 0)


def test_what_a_crash_has_left_unmarked_is_found_at_the_next_start(office: Office) -> None:
    quiet(office)
    desk = books(office, Touched())
    desk.recover()
    deliver(office, Touched(), [(office.world.terminals[0], wire(Drive(CORNER).loop(10)))])
    assert keep_all(desk) == 0
    desk.recover()
    assert keep_all(desk) == 1
    row = kept(office)
    assert row is not None
    assert row.proved_s == 600


def test_a_proof_outlives_the_track_that_it_rests_on(office: Office) -> None:
    quiet(office)
    touched, terminal = Touched(), office.world.terminals[0]
    desk = books(office, touched)
    deliver(office, touched, [(terminal, wire(Drive(CORNER).loop(30)))])
    keep_all(desk)
    with office.context.engine.begin() as conn:
        conn.execute(sa.delete(tables.fix))
    deliver(office, touched, [(terminal, wire(Drive(CORNER).loop(10)))])
    assert keep_all(desk) == 1
    row = kept(office)
    assert row is not None
    assert row.proved_s == 1800


def test_one_day_that_cannot_be_proved_keeps_no_other_from_it(office: Office) -> None:
    quiet(office)

    def stumble(conn: sa.Connection, context: Context, proof: DayProof) -> None:
        if proof.whose.day == YESTERDAY:
            raise ValueError("no book of this day")

    touched = Touched()
    fixes = wire(Drive(CORNER).loop(10)) + wire(Drive(CORNER).loop(10), days_ago=1)
    deliver(office, touched, [(office.world.terminals[0], fixes)])
    desk = Desk(office.context, touched, (keep_van_day, stumble), AT_ONCE)
    assert keep_all(desk) == 2
    assert kept(office, YESTERDAY) is None
    assert kept(office) is not None
    with office.context.engine.connect() as conn:
        assert conn.scalars(sa.select(tables.van_day_due.c.day)).all() == [YESTERDAY]


def test_a_shift_of_which_nothing_was_heard_is_closed_when_its_day_is_over(office: Office) -> None:
    desk = books(office, Touched())
    assert keep_all(desk) == 0
    later = Clock.opening(moment_of(MIDNIGHT_MS + DAY_MS))
    after = replace(office.context, clock=later)
    assert keep_all(Desk(after, Touched(), (keep_van_day,), AT_ONCE)) == 2
    row = kept(office)
    assert row is not None
    assert (row.proved_s, [each.kind for each in row.spans]) == (0, ["offline"])
    assert keep_all(Desk(after, Touched(), (keep_van_day,), AT_ONCE)) == 0


def test_a_past_day_is_judged_anew_when_its_beat_is_drawn_anew(office: Office) -> None:
    quiet(office)
    touched = Touched()
    drive = Drive(CORNER).loop(30).go(ABROAD, 10).loop(20)
    deliver(office, touched, [(office.world.terminals[0], wire(drive, days_ago=1))])
    desk = books(office, touched)
    keep_all(desk)
    before = kept(office, YESTERDAY)
    with office.context.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE beat SET geom = ST_Multi(ST_Expand(geom, 0.1))")
    assert keep_all(desk) == 1
    after = kept(office, YESTERDAY)
    assert before is not None
    assert after is not None
    assert 1800 < before.proved_s < 2400
    assert after.proved_s == 3600
    assert keep_all(desk) == 0


def test_a_call_that_is_closed_at_a_desk_corrects_its_day(office: Office) -> None:
    quiet(office)
    touched = Touched()
    deliver(office, touched, [(office.world.terminals[0], wire(Drive(ABROAD).loop(60)))])
    keep_all(books(office, touched))
    with office.context.engine.begin() as conn:
        conn.execute(
            tables.sos.insert().values(
                district_id=office.world.district_id, source="account:1", source_key="k", state="closed",
                geom=f"SRID=4326;POINT({ABROAD[0]} {ABROAD[1]})", van_id=office.world.vans[0],
                called_at=moment_of(minutes_after(5)), accepted_at=moment_of(minutes_after(10)),
                closed_at=moment_of(minutes_after(25)),
            )
        )  # fmt: skip
    before = replace(office.context, clock=Clock.opening(moment_of(minutes_after(26))))
    assert keep_all(Desk(before, Touched(), (keep_van_day,), AT_ONCE)) == 1
    row = kept(office)
    assert row is not None
    assert (row.proved_s, row.sos_s) == (900, 900)


def test_the_task_keeps_books_by_itself(office: Office) -> None:
    quiet(office)
    touched = Touched()

    async def run() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(conn: sa.Connection, context: Context, proof: DayProof) -> None:
            loop.call_soon_threadsafe(done.set)

        keeper = Bookkeeper(office.context, touched, (keep_van_day, tell), AT_ONCE)
        await keeper.start()
        async with asyncio.timeout(60):
            await done.wait()
        await keeper.stop()

    deliver(office, touched, [(office.world.terminals[0], wire(Drive(CORNER).loop(10)))])
    asyncio.run(run())


def test_marks_of_a_van_that_is_gone_are_left_out(office: Office) -> None:
    touched = Touched()
    touched.put_back({Van(999_999, office.world.district_id): {1}, Van(1, 999_999): {1}})
    books(office, touched).mark()
    with office.context.engine.connect() as conn:
        assert conn.scalars(sa.select(tables.van_day_due.c.van_id)).all() == []

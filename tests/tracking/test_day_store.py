"""Marks, and the proofs that are kept."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import timedelta

import sqlalchemy as sa

from fleet import tables
from tests.world import DAY, OPENS, people
from tracking import day_store
from tracking.coverage import BeatCells
from tracking.day_proof import proof_of_day
from tracking.day_store import Mark, Pace

AT_ONCE = Pace(quiet_s=0.0, every_s=0.0)


def test_a_mark_is_taken_by_one_and_stands_when_it_is_made_again(conn: sa.Connection) -> None:
    world = people(conn)
    mark = Mark(world.vans[0], DAY)
    day_store.mark(conn, [mark, mark], OPENS)
    assert day_store.take_due(conn, OPENS, AT_ONCE, [mark]) is None
    assert day_store.take_due(conn, OPENS, AT_ONCE) == (world.district_id, world.vans[0], DAY)
    assert day_store.take_due(conn, OPENS, AT_ONCE) is None
    day_store.mark(conn, [mark], OPENS)
    assert day_store.take_due(conn, OPENS, AT_ONCE) is not None


def test_a_live_day_waits_its_time_and_a_quiet_one_does_not(conn: sa.Connection) -> None:
    world = people(conn)
    proof = proof_of_day(conn, world.district_id, world.vans[0], DAY, OPENS)
    day_store.write(conn, proof, OPENS)

    def turn(marked_s: float, later_s: float) -> bool:
        day_store.mark(conn, [Mark(world.vans[0], DAY)], OPENS + timedelta(seconds=marked_s))
        return day_store.take_due(conn, OPENS + timedelta(seconds=later_s), Pace()) is not None

    assert not turn(9, 10)
    assert turn(9, 15)
    assert turn(29, 31)


def test_what_is_kept_comes_back_as_it_was(conn: sa.Connection) -> None:
    world = people(conn)
    proof = proof_of_day(conn, world.district_id, world.vans[0], DAY, OPENS)
    assert not day_store.has_lost_fixes(conn, proof)
    for _ in range(2):
        day_store.write(conn, proof, OPENS)
    (kept,) = day_store.read(conn, world.district_id, DAY, DAY)
    assert (kept.spans, kept.proved_s, kept.computed_at) == (proof.ledger.spans, 0, OPENS)
    assert [span.kind for span in kept.spans] == ["offline"]
    assert kept.received_until is None
    assert day_store.read(conn, world.district_id, DAY + timedelta(days=1), DAY + timedelta(days=9)) == ()
    assert not day_store.has_lost_fixes(conn, proof)


def test_beats_are_kept_beside_the_day_and_those_that_are_no_longer_its_go(conn: sa.Connection) -> None:
    world = people(conn)
    ring = "MULTIPOLYGON(((116 36, 116.1 36, 116.1 36.1, 116 36)))"
    beats = []
    for code in ("b2", "b1"):
        values = {"code": code, "name": f"网格{code}", "name_en": code, "geom": f"SRID=4326;{ring}"}
        made = (
            tables.beat.insert().values(district_id=world.district_id, **values).returning(tables.beat.c.id)
        )
        beats.append(conn.execute(made).scalar_one())
    proof = proof_of_day(conn, world.district_id, world.vans[0], DAY, OPENS)

    def kept_of(*ids: int) -> list[tuple[object, ...]]:
        own = tuple(BeatCells(each, 0) for each in ids)
        day_store.write(conn, replace(proof, facts=replace(proof.facts, beats=own)), OPENS)
        (kept,) = day_store.read(conn, world.district_id, DAY, DAY)
        return [astuple(each) for each in kept.beats]

    first, second = (
        (beats[n], f"网格{name}", name, 0, 0, 0, 0, None, None) for n, name in ((1, "b1"), (0, "b2"))
    )
    assert kept_of(*beats) == [first, second]
    assert kept_of(beats[0], 999_999) == [second]
    assert kept_of() == []


def test_the_watermark_is_one(conn: sa.Connection) -> None:
    assert day_store.marked_until(conn) is None
    for minute in (0, 5):
        day_store.raise_watermark(conn, OPENS + timedelta(minutes=minute))
    assert day_store.marked_until(conn) == OPENS + timedelta(minutes=5)
    assert day_store.received_lately(conn, OPENS) == []


def test_a_day_that_is_over_goes_with_those_whose_facts_have_changed(conn: sa.Connection) -> None:
    """Though a change of its shift had marked it already, as one that may wait."""
    world = people(conn)
    day_store.write(conn, proof_of_day(conn, world.district_id, world.vans[0], DAY, OPENS), OPENS)
    conn.execute(tables.shift.update().values(ends=OPENS + timedelta(hours=7)))
    due = sa.select(tables.van_day_due.c.van_id, tables.van_day_due.c.since)
    assert conn.execute(due).all() == [(world.vans[0], None)]
    tomorrow = OPENS + timedelta(days=1)
    day_store.mark_ended(conn, tomorrow)
    assert conn.execute(due).all() == [(van, tomorrow) for van in world.vans]

"""What past days are judged by changes behind them: which of them that makes due, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import importing, tables
from routing import store
from tests.fleet.main.conftest import Desk as Office
from tests.world import DAY, OPENS
from tracking import day_store
from tracking.day_store import Mark, Pace

AT_ONCE = Pace(quiet_s=0.0, every_s=0.0)
KEPT = [DAY - timedelta(days=n) for n in (0, 1, 30, 89, 90)]
"""The last of these is too long ago."""
AREA = "MULTIPOLYGON(((116 36, 116.1 36, 116.1 36.1, 116 36)))"
ELSEWHERE = "MULTIPOLYGON(((116 36, 116.2 36, 116.2 36.2, 116 36)))"


@dataclass(frozen=True, slots=True)
class Grounds:
    """A district with kept days of both its vans, and a second one that no change of the first concerns."""

    office: Office
    beat_id: int
    other_van: int

    def run(self, *statements: str) -> None:
        """Change something in one transaction; `{beat}`, `{van}`, `{district}` stand for what there is."""
        world = self.office.world
        known = {
            "beat": self.beat_id,
            "van": world.vans[0],
            "district": world.district_id,
            "home": world.home_id,
        }
        with self.office.context.engine.begin() as conn:
            for each in statements:
                conn.exec_driver_sql(each.format(**known, day=DAY, area=AREA, elsewhere=ELSEWHERE))

    def due(self) -> list[tuple[int, int]]:
        """The marks that stand, as (van 0 or 1, days ago); then they are gone."""
        world, t = self.office.world, tables.van_day_due
        with self.office.context.engine.begin() as conn:
            rows = conn.execute(sa.select(t.c.van_id, t.c.day).order_by(t.c.van_id, t.c.day.desc())).all()
            conn.execute(sa.delete(t))
        return [(world.vans.index(row.van_id), (DAY - row.day).days) for row in rows]


@pytest.fixture
def grounds(desk: Office) -> Grounds:
    """A beat of the first van from 30 days ago to yesterday."""
    world = desk.world
    with desk.context.engine.begin() as conn:
        other = _one(conn, tables.district, name="邻区", centre="SRID=4326;POINT(117 36)")
        other_van = _one(conn, tables.van, district_id=other, code="v", name="邻车")
        beat = _one(
            conn, tables.beat, district_id=world.district_id, code="b1", name="一格", geom=f"SRID=4326;{AREA}"
        )
        conn.execute(
            tables.beat_assignment.insert().values(
                van_id=world.vans[0], beat_id=beat, day_from=KEPT[2], day_to=KEPT[1]
            )
        )
        for van_id, district_id in (
            (world.vans[0], world.district_id),
            (world.vans[1], world.district_id),
            (other_van, other),
        ):
            for day in KEPT:
                _keep(conn, van_id, district_id, day)
        conn.execute(sa.delete(tables.van_day_due))
    return Grounds(desk, beat, other_van)


def _one(conn: sa.Connection, table: sa.Table, **values: object) -> int:
    made: int = conn.execute(table.insert().values(**values).returning(table.c.id)).scalar_one()
    return made


def _keep(conn: sa.Connection, van_id: int, district_id: int, day: date) -> None:
    conn.execute(
        tables.van_day.insert().values(
            van_id=van_id, day=day, district_id=district_id, proved_s=0, claimed_s=0, sos_s=0, distance_m=0.0,
            fixes=0, flagged=0, spans=[], cells_seen=0, cells=0, longest_unseen_s=0, computed_at=OPENS,
        )
    )  # fmt: skip


ALL = [(van, ago) for van in (0, 1) for ago in (0, 1, 30, 89)]
ASSIGNED = [(0, 1), (0, 30)]
TODAY = [(0, 0), (1, 0)]
PLAN = (
    "INSERT INTO plan (district_id, day, version, status, basis, seed, levels, violations, created_at,"
    " created_by) VALUES ({district}, '{day}', 1, '%s', 'road', 1, '{{}}', 0, '{day}', 'test')"
)
CHANGES: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "a site is moved": ("UPDATE site SET geom = 'SRID=4326;POINT(116 36)' WHERE id = {home}", ALL),
    "a site becomes a depot": ("UPDATE site SET is_depot = true WHERE id = {home}", ALL),
    "a site is no kitchen": ("UPDATE site SET is_kitchen = false", ALL),
    "a site is named anew": ("UPDATE site SET name = '2号楼', opens = '09:00' WHERE id = {home}", []),
    "a site is added": (
        "INSERT INTO site (district_id, code, kind, name, geom)"
        " VALUES ({district}, 'x', 'home', '家', 'SRID=4326;POINT(116 36)')",
        ALL,
    ),
    "a beat is drawn anew": ("UPDATE beat SET geom = 'SRID=4326;{elsewhere}'", ASSIGNED),
    "a beat is drawn as it was": ("UPDATE beat SET geom = 'SRID=4326;{area}', name = '格'", []),
    "a beat is taken away": ("DELETE FROM beat", ASSIGNED),
    "a cell is added": (
        "INSERT INTO beat_cell (beat_id, geom) VALUES ({beat}, 'SRID=4326;POINT(116 36)')",
        ASSIGNED,
    ),
    "a beat is given to a van": (
        "INSERT INTO beat_assignment (van_id, beat_id, day_from) SELECT max(id), {beat}, '{day}'::date - 50"
        " FROM van WHERE district_id = {district}",
        [(1, 0), (1, 1), (1, 30)],
    ),
    "a beat is a van's for longer": ("UPDATE beat_assignment SET day_to = NULL", [(0, 0), *ASSIGNED]),
    "a beat's assignment stays": ("UPDATE beat_assignment SET day_from = day_from", []),
    "a beat is taken from its van": ("DELETE FROM beat_assignment", ASSIGNED),
    "a shift ends later": ("UPDATE shift SET ends = ends + '1 hour' WHERE van_id = {van}", [(0, 0)]),
    "a shift has another crew": ("UPDATE shift SET crew_id = crew_id", []),
    "a shift is on another day": (
        "UPDATE shift SET day = day - 1 WHERE van_id = {van}", [(0, 0), (0, 1)]
    ),
    "a shift is added": (
        "INSERT INTO shift SELECT van_id, day - 30, crew_id, starts - '30 days'::interval,"
        " ends - '30 days'::interval FROM shift WHERE van_id = {van}",
        [(0, 30)],
    ),
    "a shift of tomorrow is added": (
        "INSERT INTO shift SELECT van_id, day + 1, crew_id, starts + '1 day'::interval,"
        " ends + '1 day'::interval FROM shift",
        [],
    ),
    "a shift is taken away": ("DELETE FROM shift WHERE van_id = {van}", [(0, 0)]),
    "a plan is drafted": (PLAN % "draft", []),
    "a plan is published": (PLAN % "published", TODAY),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_marks_the_kept_days_that_rest_on_it_and_no_other(grounds: Grounds, change: str) -> None:
    statement, marks = CHANGES[change]
    grounds.run(statement)
    assert grounds.due() == marks


def test_cells_that_move_or_go_mark_the_days_of_their_beat(grounds: Grounds) -> None:
    cell = "INSERT INTO beat_cell (beat_id, geom) VALUES ({beat}, 'SRID=4326;POINT(116 36)')"
    grounds.run(cell, cell)
    assert grounds.due() == ASSIGNED
    grounds.run("UPDATE beat_cell SET passes = 3")
    assert grounds.due() == []
    grounds.run("UPDATE beat_cell SET geom = 'SRID=4326;POINT(116 36.01)'")
    assert grounds.due() == ASSIGNED
    grounds.run("DELETE FROM beat_cell")
    assert grounds.due() == ASSIGNED


def test_a_site_that_goes_marks_its_districts_days(grounds: Grounds) -> None:
    grounds.run("DELETE FROM recipient", "DELETE FROM site WHERE id = {home}")
    assert grounds.due() == ALL


def test_a_plan_that_is_superseded_or_deleted_marks_its_day(grounds: Grounds) -> None:
    grounds.run(PLAN % "published", "DELETE FROM van_day_due", "UPDATE plan SET published_by = 'test'")
    assert grounds.due() == []
    grounds.run("UPDATE plan SET status = 'superseded'")
    assert grounds.due() == TODAY
    grounds.run("UPDATE plan SET status = 'published'", "DELETE FROM van_day_due", "DELETE FROM plan")
    assert grounds.due() == TODAY


def test_publishing_marks_the_plans_day(grounds: Grounds) -> None:
    grounds.run(PLAN % "draft")
    with grounds.office.context.engine.begin() as conn:
        (plan_id,) = conn.scalars(sa.select(tables.plan.c.id))
        store.publish(conn, grounds.office.world.district_id, plan_id, "account:1", OPENS)
    assert grounds.due() == TODAY


def test_an_import_marks_once_and_one_that_changes_nothing_marks_nothing(
    grounds: Grounds, tmp_path: Path
) -> None:
    file, world = tmp_path / "sites.csv", grounds.office.world
    lines = [f"h{n},home,{n}号楼,116.0{n},36.46" for n in range(1, 9)]
    file.write_text("\n".join(["code,kind,name,lon,lat", *lines]))
    for marks in (ALL, []):
        with grounds.office.context.engine.begin() as conn:
            assert importing.import_file(conn, world.district_id, "sites", file).accepted
            told = conn.exec_driver_sql("SELECT current_setting('carevan.changed', true)").scalar_one()
        assert (told or "").count("sites of") == (1 if marks else 0)
        assert grounds.due() == marks


def test_a_change_that_is_taken_back_marks_nothing(grounds: Grounds) -> None:
    """Be it the whole transaction, or a part of it that is then made again."""
    engine = grounds.office.context.engine
    moved = "UPDATE site SET geom = 'SRID=4326;POINT(116 36)'"
    with engine.connect() as conn:
        conn.exec_driver_sql(moved)
        conn.rollback()
    assert grounds.due() == []
    with engine.begin() as conn:
        part = conn.begin_nested()
        conn.exec_driver_sql(moved)
        part.rollback()
        conn.exec_driver_sql(moved)
    assert grounds.due() == ALL


def test_a_van_that_goes_takes_its_marks_along(grounds: Grounds) -> None:
    grounds.run("UPDATE site SET is_kitchen = NOT is_kitchen")
    with grounds.office.context.engine.begin() as conn:
        assert len(conn.execute(sa.select(tables.van_day_due)).all()) == len(ALL)
        conn.execute(sa.delete(tables.van).where(tables.van.c.id == grounds.office.world.vans[1]))
    assert grounds.due() == [each for each in ALL if each[0] == 0]


def test_nobody_proves_a_day_while_a_change_of_it_is_being_made(grounds: Grounds) -> None:
    """A mark that stood before would be taken, the day proved by what was, and the change forgotten."""
    world, engine, later = grounds.office.world, grounds.office.context.engine, OPENS + timedelta(seconds=40)
    with engine.begin() as conn:
        day_store.mark(conn, [Mark(world.vans[0], DAY)], OPENS)
    with engine.begin() as changing, engine.begin() as proving:
        changing.exec_driver_sql("UPDATE shift SET ends = ends + '1 hour'::interval")
        assert day_store.take_due(proving, later, AT_ONCE) is None
    with engine.begin() as proving:
        assert day_store.take_due(proving, later, AT_ONCE) == (world.district_id, world.vans[0], DAY)
        proving.rollback()
    assert grounds.due() == [(0, 0), (1, 0)]


def test_days_whose_facts_have_changed_go_first(grounds: Grounds) -> None:
    """However many a change of sites has marked: a van on the road is not to wait for them."""
    grounds.run("UPDATE site SET is_kitchen = NOT is_kitchen")
    world, engine = grounds.office.world, grounds.office.context.engine
    van = world.vans[1]
    with engine.begin() as conn:
        for day in (KEPT[0], KEPT[2]):
            day_store.mark(conn, [Mark(van, day)], OPENS)
    taken: list[tuple[int, date]] = []
    with engine.begin() as conn:
        while (due := day_store.take_due(conn, OPENS + timedelta(seconds=40), AT_ONCE)) is not None:
            taken.append((due.van_id, due.day))
    assert taken[:2] == [(van, KEPT[2]), (van, KEPT[0])]
    rest = [(world.vans[n], DAY - timedelta(days=ago)) for n, ago in ALL]
    newest_first = sorted(
        (each for each in rest if each not in taken[:2]), key=lambda each: (-each[1].toordinal(), each[0])
    )
    assert taken[2:] == newest_first

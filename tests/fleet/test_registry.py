from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from fleet import registry, tables
from fleet.errors import NotFound
from tests.fleet.test_journal import a_district
from tests.fleet.test_outbox import a_van

SQUARE = "SRID=4326;MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1)),((8 8,9 8,9 9,8 8)))"


@pytest.mark.parametrize(
    ("name", "masked"), [("刘淑珍", "刘*珍"), ("张三", "张*"), ("欧阳明珠", "欧**珠"), ("李", "*"), ("", "*")]
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert registry.mask_name(name) == masked


def test_a_district_shows_its_own_rows_only(conn: sa.Connection) -> None:
    here, there = a_district(conn), a_district(conn, "别处")
    van_id = a_van(conn, here)
    a_van(conn, there)
    assert [each.id for each in registry.vans(conn, here)] == [van_id]
    assert registry.district(conn, here).lon == 116
    with pytest.raises(NotFound):
        registry.district(conn, -1)


def test_sites_give_lon_then_lat(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    values = {"district_id": district_id, "code": "c1", "kind": "centre", "name": "中心", "is_kitchen": True}
    conn.execute(tables.site.insert().values(**values, geom="SRID=4326;POINT(116.5 36.25)"))
    (site,) = registry.sites(conn, district_id)
    assert (site.lon, site.lat, site.is_kitchen, site.is_depot) == (116.5, 36.25, True, False)
    assert registry.sites(conn, district_id, "home") == ()


def test_beats_keep_holes_parts_and_cells(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    values = {"district_id": district_id, "code": "b1", "name": "网格1", "geom": SQUARE}
    beat_id = conn.execute(tables.beat.insert().values(values).returning(tables.beat.c.id)).scalar_one()
    conn.execute(tables.beat_cell.insert().values(beat_id=beat_id, geom="SRID=4326;POINT(3 3)", passes=3))
    (beat,) = registry.beats(conn, district_id)
    assert [len(polygon) for polygon in beat.polygons] == [2, 1]
    assert beat.polygons[0][0][0] == beat.polygons[0][0][-1] == (0.0, 0.0)
    assert [(c.lon, c.lat, c.passes) for c in beat.cells] == [(3.0, 3.0, 3)]


def test_assignments_hold_between_their_days(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    van_id = a_van(conn, district_id)
    values = {"district_id": district_id, "code": "b1", "name": "网格1", "geom": SQUARE}
    beat_id = conn.execute(tables.beat.insert().values(values).returning(tables.beat.c.id)).scalar_one()
    conn.execute(
        tables.beat_assignment.insert().values(
            van_id=van_id, beat_id=beat_id, day_from=date(2026, 7, 1), day_to=date(2026, 7, 20)
        )
    )
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 20), date(2026, 7, 21)]
    found = [registry.beats_of(conn, district_id, day) for day in days]
    assert found == [{}, {van_id: [beat_id]}, {van_id: [beat_id]}, {}]


def test_shifts_and_the_planners_word_on_the_season(conn: sa.Connection) -> None:
    district_id = a_district(conn)
    van_id = a_van(conn, district_id)
    crew_id = conn.execute(
        tables.crew.insert()
        .values(district_id=district_id, name="一组", skills=["nurse"])
        .returning(tables.crew.c.id)
    ).scalar_one()
    day = date(2026, 7, 20)
    span = {
        "starts": datetime(2026, 7, 20, 0, 30, tzinfo=UTC),
        "ends": datetime(2026, 7, 20, 8, 30, tzinfo=UTC),
    }
    conn.execute(tables.shift.insert().values(van_id=van_id, day=day, crew_id=crew_id, **span))
    (shift,) = registry.shifts(conn, district_id, day)
    assert (shift.van_id, shift.starts, shift.ends) == (van_id, span["starts"], span["ends"])
    assert registry.crews(conn, district_id)[0].skills == ("nurse",)
    assert registry.season_override(conn, district_id, day) is None
    conn.execute(
        tables.season_override.insert().values(
            district_id=district_id, day_from=day, day_to=day, season="winter"
        )
    )
    assert registry.season_override(conn, district_id, day) == "winter"

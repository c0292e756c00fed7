"""The invented district in a real database."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from fleet import registry, tables, visits
from fleet.synthetic import people
from fleet.synthetic.people import Size

DAY = date(2026, 7, 28)
NOW = datetime(2026, 7, 28, 0, 30, tzinfo=UTC)


def _seed(conn: sa.Connection, size: Size, day: date = DAY, now: datetime = NOW) -> int:
    return people.seed_district(conn, size, day=day, seed=2026, now=now)


def _count(conn: sa.Connection) -> dict[str, int]:
    of = (tables.site, tables.recipient, tables.cadence, tables.beat_cell, tables.visit, tables.shift)
    return {t.name: conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in of}


def test_the_whole_district_and_again_nothing_new(conn: sa.Connection) -> None:
    district_id = _seed(conn, Size())
    assert registry.district(conn, district_id).synthetic
    kinds = Counter(site.kind for site in registry.sites(conn, district_id))
    assert kinds == {"centre": 11, "stop_point": 30, "home": 241}
    assert all(site.is_kitchen for site in registry.sites(conn, district_id, "centre"))
    vans = registry.vans(conn, district_id)
    assert [van.name for van in vans] == ["1号车", "2号车", "3号车", "4号车", "5号车"]
    assert tuple(van.colour for van in vans) == people.COLOURS
    assert [van.features for van in vans].count(("stair_climber",)) == 1
    assert len({van.depot_id for van in vans}) == 5
    beats = registry.beats_of(conn, district_id, DAY)
    assert [len(own) for own in beats.values()] == [2] * 5
    assert sorted(itertools.chain(*beats.values())) == [beat.id for beat in registry.beats(conn, district_id)]
    assert all(beat.cells for beat in registry.beats(conn, district_id))
    for shift in registry.shifts(conn, district_id, DAY):
        assert (shift.starts, shift.ends) == (NOW, NOW + timedelta(hours=8))
    assert {item.season for item in registry.menu(conn, district_id)} == {"summer", "winter"}
    before = _count(conn)
    assert before["recipient"] == 241
    assert _seed(conn, Size()) == district_id
    assert _count(conn) == before


def test_skills_asked_for_are_aboard_somewhere(conn: sa.Connection) -> None:
    district_id = _seed(conn, Size())
    asked = {skill for cadence in registry.cadences(conn, district_id) for skill in cadence.skills}
    crews = {crew.id: set(crew.skills) for crew in registry.crews(conn, district_id)}
    aboard = [
        crews[shift.crew_id] | set(van.features)
        for shift, van in zip(
            registry.shifts(conn, district_id, DAY), registry.vans(conn, district_id), strict=True
        )
    ]
    assert {"haircut", "stair_climber"} <= asked <= set().union(*aboard)


def test_the_past_is_verified_and_the_next_day_adds_no_more_of_it(conn: sa.Connection) -> None:
    district_id = _seed(conn, Size(vans=2, elders=40))
    last = visits.last_visits(conn, district_id, NOW)
    assert len(last) > 60
    assert max(last.values()) < NOW
    before = _count(conn)
    evening = NOW + timedelta(hours=9)
    _seed(conn, Size(vans=2, elders=40), day=DAY + timedelta(days=1), now=evening)
    after = _count(conn)
    assert after["visit"] == before["visit"]
    assert after["shift"] == before["shift"] + 2
    # A week later the days between, on which nobody was seen, are filled in.
    _seed(conn, Size(vans=2, elders=40), DAY + timedelta(days=7), NOW + timedelta(days=7))
    assert _count(conn)["visit"] > before["visit"]


def test_more_vans_and_elders_are_added_to_those_there(conn: sa.Connection) -> None:
    district_id = _seed(conn, Size(vans=2, elders=10))
    _seed(conn, Size(vans=7, elders=20))
    assert len(registry.vans(conn, district_id)) == 7
    assert len(registry.recipients(conn, district_id)) == 20
    assert all(len(own) == 2 for own in registry.beats_of(conn, district_id, DAY).values())


def test_colours_never_come_near_red() -> None:
    seen = [people.colour(n) for n in range(60)]
    assert seen[:5] == list(people.COLOURS)
    for each in seen:
        red, green, blue = (int(each[k : k + 2], 16) for k in (1, 3, 5))
        assert not (red > 200 and green < 110 and blue < 110)

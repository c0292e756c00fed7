from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from fleet import seasons, tables, visits
from fleet.errors import InvalidInput, NotFound
from fleet.roads import Roads
from fleet.season import Temperature
from routing import agenda as agendas
from routing.agenda import build, layout, tabled
from routing.vetting import vet
from tests.routing.town import DAY, MORNING, seed


def drops(conn: sa.Connection, district_id: int) -> int:
    """How many drop-offs a day's plan is asked for."""
    problem = build(conn, Roads(""), district_id, DAY).problem
    return sum(visit.kind == "dropoff" for visit in problem.visits)


def test_a_day_is_laid_out_from_the_registry(conn: sa.Connection) -> None:
    district_id = seed(conn)
    agenda = build(conn, Roads(""), district_id, DAY)
    problem = agenda.problem
    vet(problem)
    assert problem.basis == "great-circle"
    assert len(problem.vans) == len(agenda.van_ids) == 2
    assert len(problem.visits) == len(agenda.callers) > 0
    assert len(problem.cells) == len(agenda.beat_ids) > 0
    assert len(problem.sites) == len(agenda.site_ids)
    assert agenda.at(8 * 3600) == MORNING + timedelta(hours=1)
    people = {caller.recipient_id for caller in agenda.callers if caller.recipient_id}
    assert len(people) == sum(visit.kind == "visit" for visit in problem.visits)
    assert any(visit.kind == "dropoff" and visit.cups for visit in problem.visits) == (
        agenda.season != "none"
    )
    assert problem.kitchens
    for van in problem.vans:
        assert van.rest is not None
        assert van.inside is not None
        assert van.inside.any()


def test_heat_takes_drop_offs_away(conn: sa.Connection) -> None:
    district_id = seed(conn)
    usual = drops(conn, district_id)
    for max_c, left in ((35.0, usual * 3 // 4), (40.0, 0)):
        told = seasons.Noted(DAY, Temperature("forecast", max_c, None))
        seasons.note(conn, district_id, [told], by="test", at=MORNING)
        assert drops(conn, district_id) == left < usual


def test_a_day_is_laid_out_without_roads_and_given_its_tables_later(
    conn: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    district_id = seed(conn)
    bare = layout(conn, district_id, DAY)
    vet(bare.problem)
    assert bare.problem.seconds.size == bare.problem.metres.size == 0
    assert all(van.inside is not None and van.in_beat_s is None for van in bare.problem.vans)
    whole, built = tabled(bare, Roads("")).problem, build(conn, Roads(""), district_id, DAY).problem
    assert (whole.seconds == built.seconds).all() and whole.visits == built.visits
    monkeypatch.setattr(agendas, "MOST_SITES", len(whole.sites) - 1)
    with pytest.raises(InvalidInput, match=f"has {len(whole.sites)} sites"):
        tabled(bare, Roads(""))


def test_a_day_without_shifts_says_what_to_do(conn: sa.Connection) -> None:
    district_id = seed(conn)
    with pytest.raises(InvalidInput, match="No van has a shift on 2027-03-03"):
        build(conn, Roads(""), district_id, DAY.replace(year=2027, month=3, day=3))


def test_a_van_without_a_depot_is_named(conn: sa.Connection) -> None:
    district_id = seed(conn)
    t = tables.van
    conn.execute(t.update().where(t.c.district_id == district_id).values(depot_id=None))
    with pytest.raises(InvalidInput, match="has no depot"):
        build(conn, Roads(""), district_id, DAY)


def test_an_unknown_district_is_not_found(conn: sa.Connection) -> None:
    with pytest.raises(NotFound):
        build(conn, Roads(""), 987_654, DAY)


def test_only_visits_that_hold_close_a_cadence(conn: sa.Connection) -> None:
    district_id = seed(conn)

    def due() -> set[int]:
        return {
            each.recipient_id
            for each in build(conn, Roads(""), district_id, DAY, look_ahead=False).callers
            if each.recipient_id
        }

    conn.execute(tables.visit.delete().where(tables.visit.c.district_id == district_id))
    who = min(due())
    yesterday = MORNING - timedelta(days=1)
    claim = visits.Visit(who, "monthly", yesterday, 3600, "claimed", "served", "call:of-yesterday")
    steps = (
        (claim, False),  # nobody has looked at it yet
        (replace(claim, grade="D"), True),  # looked at, and not proved
        (replace(claim, grade="C", standing="verified"), False),
        (replace(claim, grade="D"), True),  # its evidence is gone
        (replace(claim, grade="A", standing="verified", outcome="no_answer"), True),
    )
    for told, is_due in steps:
        assert visits.put(conn, district_id, [told]) == 1
        assert (who in due()) is is_due, told

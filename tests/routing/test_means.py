from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import tables
from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing import means
from routing.agenda import build
from routing.means import DayRule
from routing.planner import Wish, plan_day
from routing.problem import Equipment
from routing.store import publish
from tests.routing.town import DAY, MORNING, context_on, seed


def test_a_district_without_a_rule_has_the_default(conn: sa.Connection) -> None:
    assert means.rule_of(conn, seed(conn)) == DayRule()


def test_a_rule_is_read_as_it_was_set_and_laid_into_the_day(conn: sa.Connection) -> None:
    district_id = seed(conn)
    pace = (100,) * 7 + (140,) * 2 + (100,) * 15
    rule = DayRule(7 * 3600, 1800, 900, 300 * 60, pace, (time(9, 30), time(12, 0)))
    means.set_rule(conn, district_id, DayRule())
    means.set_rule(conn, district_id, rule)
    assert means.rule_of(conn, district_id) == rule
    problem = build(conn, Roads(""), district_id, DAY).problem
    assert problem.pace == pace and problem.patrol_target_s == 300 * 60
    assert {kitchen.ready_s for kitchen in problem.kitchens} == {34_200, 43_200}
    for van in problem.vans:
        assert (van.span_s, van.overtime_s, van.leaves_by_s) == (7 * 3600, 1800, van.starts_s + 900)


def test_a_pace_of_too_few_hours_is_refused(conn: sa.Connection) -> None:
    with pytest.raises(InvalidInput, match="24 percentages"):
        means.set_rule(conn, seed(conn), DayRule(pace=(100, 120)))


def test_what_is_portable_is_asked_of_the_thing_and_not_of_a_van(conn: sa.Connection) -> None:
    district_id = seed(conn)
    t = tables.cadence
    conn.execute(t.update().where(t.c.channel == "check").values(skills=["stair_climber"]))
    before = build(conn, Roads(""), district_id, DAY, look_ahead=False).problem
    wanted = {n for n, visit in enumerate(before.visits) if "stair_climber" in visit.skills}
    assert wanted
    means.set_equipment(conn, district_id, (Equipment("stair_climber", 1),))
    problem = build(conn, Roads(""), district_id, DAY, look_ahead=False).problem
    assert problem.equipment == (Equipment("stair_climber", 1),)
    assert {n for n, visit in enumerate(problem.visits) if visit.equipment} == wanted
    assert not any("stair_climber" in visit.skills for visit in problem.visits)


@pytest.mark.parametrize(
    "kits", [(Equipment("", 1),), (Equipment("a", 0),), (Equipment("a"), Equipment("a"))]
)
def test_equipment_that_cannot_be_is_refused(conn: sa.Connection, kits: tuple[Equipment, ...]) -> None:
    with pytest.raises(InvalidInput, match="Name each once"):
        means.set_equipment(conn, seed(conn), kits)


def test_who_served_somebody_last_is_familiar_while_on_shift(conn: sa.Connection) -> None:
    district_id = seed(conn)
    vans = conn.execute(sa.select(tables.shift.c.van_id).where(tables.shift.c.day == DAY)).scalars().all()
    person = conn.execute(sa.select(sa.func.min(tables.recipient.c.id))).scalar_one()
    yesterday = DAY - timedelta(days=1)
    t = tables.shift
    conn.execute(t.delete().where(t.c.day == yesterday))
    crew = conn.execute(sa.select(t.c.crew_id).where(t.c.day == DAY, t.c.van_id == vans[1])).scalar_one()
    began = datetime(2026, 1, 13, 2, tzinfo=UTC)
    # The crew of today's second van drove the first one yesterday.
    conn.execute(
        t.insert().values(
            van_id=vans[0], day=yesterday, crew_id=crew, starts=began, ends=began + timedelta(hours=8)
        )
    )
    conn.execute(
        tables.visit.insert().values(
            district_id=district_id, recipient_id=person, channel="check", began=began, service_s=300,
            standing="verified", outcome="served", van_id=vans[0], source="test",
        )
    )  # fmt: skip
    assert means.familiar_vans(conn, district_id, DAY)[person] == {vans[1]}


def test_a_published_day_is_a_promise_and_counts_in_the_week(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
    plan_id = plan_day(context, district_id, DAY, Wish(seconds=1.0))
    with context.engine.begin() as conn:
        publish(conn, district_id, plan_id, "planner", MORNING)
    with context.engine.connect() as conn:
        told = means.promises(conn, district_id, DAY)
        agenda = build(conn, Roads(""), district_id, DAY)
        week = means.worked_s(conn, district_id, DAY + timedelta(days=1))
        assert means.worked_s(conn, district_id, DAY + timedelta(days=7)) == {}
    context.engine.dispose()
    promised = [visit.promise for visit in agenda.problem.visits if visit.promise]
    assert len(promised) == len(told) > 0
    assert {agenda.van_ids[each.van] for each in promised} <= set(week)
    assert all(seconds > 3600 for seconds in week.values())

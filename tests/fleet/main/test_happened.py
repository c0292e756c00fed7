"""What was adopted today is known when the day is read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import journal, tables
from fleet.main import happened, running_day
from routing import agenda as agendas
from tests.fleet.main.running_town import NOON, Town, at_noon
from tests.routing.town import DAY


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def note(town: Town, body: dict[str, object], day: date = DAY) -> None:
    with town.context.engine.begin() as conn:
        kept = {"plan": town.plan_id, "day": day.isoformat(), "version": 2, "happened": body}
        journal.raise_state(conn, town.district_id, NOON, "plan", kept)


def test_only_the_days_own_events_count(town: Town) -> None:
    note(town, {"kind": "food_cold", "van": 1, "container": "hot"})
    note(town, {"kind": "van_down", "van": 1}, DAY - timedelta(days=1))
    with town.context.engine.connect() as conn:
        (only,) = happened.today(conn, town.district_id, DAY)
    assert (only.at, only.body["kind"]) == (NOON, "food_cold")


def test_cold_food_stays_cold_until_a_reload(town: Town) -> None:
    note(town, {"kind": "food_cold", "van": 1, "container": "cold"})
    with town.context.engine.connect() as conn:
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert found is not None
    van = found.agenda.van_ids.index(1)
    assert found.rest.problem.vans[van].cold_aboard == 0


def test_a_newer_plan_counts_more_than_a_van_that_was_down(town: Town) -> None:
    note(town, {"kind": "van_down", "van": 1})
    with town.context.engine.connect() as conn:
        found = running_day.look(conn, town.context, town.district_id, NOON)
    assert found is not None
    assert found.rest.orders[found.agenda.van_ids.index(1)]


def test_an_elder_is_put_into_the_agenda_once(town: Town) -> None:
    with town.context.engine.connect() as conn:
        agenda = agendas.build(conn, town.context.roads, town.district_id, DAY)
        on_it = {caller.recipient_id for caller in agenda.callers}
        t = tables.recipient
        ids = conn.scalars(sa.select(t.c.id).where(t.c.district_id == town.district_id)).all()
        other = next(each for each in ids if each not in on_it)
        wider = happened.with_elders(conn, town.context.roads, agenda, [other, other])
    assert len(wider.problem.visits) == len(agenda.problem.visits) + 1
    assert wider.callers[-1].recipient_id == other
    assert len(wider.problem.sites) == len(wider.problem.seconds) == len(wider.site_ids)

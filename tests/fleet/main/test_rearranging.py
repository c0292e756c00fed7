"""Something happens at noon: the rest of the day is proposed, adopted, and stays so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet import journal, outbox, tables
from fleet.errors import Conflict, InvalidInput, NotFound
from fleet.main import rearranging, running_day
from fleet.main.rearranging import Absent, Asked, Cold, Down, Rearrangement, Told
from routing import store
from routing.stored import StopRow
from tests.fleet.main.running_town import NOON, Town, at_noon


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    with at_noon(database, tmp_path) as made:
        yield made


def proposed(town: Town, told: Told) -> Rearrangement:
    with town.context.engine.connect() as conn:
        return rearranging.propose(conn, town.context, town.district_id, told)


def adopted(town: Town, told: Told, version: int = 1) -> Rearrangement:
    seen = town.plan_id, version
    with town.context.engine.begin() as conn:
        return rearranging.adopt(conn, town.context, town.district_id, told, seen, by="account:1")


def calls(town: Town, van: int | None = None) -> list[StopRow]:
    """The calls that are still to come."""
    with town.context.engine.connect() as conn:
        stops = store.stops_of(conn, town.plan_id)
    ahead = [s for s in stops if s.kind in ("visit", "dropoff") and s.leaves > NOON]
    return [stop for stop in ahead if van is None or stop.van_id == van]


def test_a_proposal_writes_nothing(town: Town) -> None:
    before = calls(town)
    found = proposed(town, Down(kind="van_down", van=1))
    assert found.version == 1 and found.found.changes
    assert calls(town) == before


def test_a_van_that_is_down_gives_its_calls_away_and_gets_none_back(town: Town) -> None:
    with town.context.engine.connect() as conn:
        heads, state = outbox.heads(conn, [1, 2]), journal.current(conn, town.district_id)
        line = {route.van_id: route.line for route in store.routes_of(conn, town.plan_id)}
    found = adopted(town, Down(kind="van_down", van=1))
    moved = {each.what for each in found.found.changes}
    assert moved and moved <= {"van", "dropped", "time"}
    with town.context.engine.connect() as conn:
        assert store.find_plan(conn, town.district_id, town.plan_id).version == 2
        assert all(seq > heads[van] for van, seq in outbox.heads(conn, [1, 2]).items())
        assert journal.current(conn, town.district_id) > state
        after = {route.van_id: route.line for route in store.routes_of(conn, town.plan_id)}
        message = outbox.after(conn, 1, heads[1])[-1]
        rest = running_day.look(conn, town.context, town.district_id, NOON)
    assert after[2] != line[2]
    assert rest is not None
    ahead = {stop.id for stop in calls(town)}
    assert message.kind == "plan" and "2" in str(message.body["version"])
    assert not ahead & {stop["id"] for stop in message.body["stops"]}
    down = rest.agenda.van_ids.index(1)
    assert not rest.rest.orders[down]
    assert all(visit.vans is not None and down not in visit.vans for visit in rest.rest.problem.visits)


def test_who_is_not_there_is_no_longer_called_on_nor_missed(town: Town) -> None:
    gone = calls(town)[-1]
    adopted(town, Absent(kind="no_show", stop=gone.id))
    assert gone.id not in {stop.id for stop in calls(town)}
    with town.context.engine.connect() as conn:
        left = {(u.site_id, u.recipient_id) for u in store.unserved_of(conn, town.plan_id)}
        assert (gone.site_id, gone.recipient_id) not in left
    again = adopted(town, Cold(kind="food_cold", van=1), version=2)
    assert (gone.site_id, gone.recipient_id) not in {(s.site_id, s.recipient_id) for s in calls(town)}
    assert again.version == 2


def test_an_elder_who_asks_is_put_in_and_stays(town: Town) -> None:
    with town.context.engine.connect() as conn:
        t, s = tables.recipient, tables.plan_stop
        on_plan = sa.select(s.c.recipient_id).where(
            s.c.plan_id == town.plan_id, s.c.recipient_id.is_not(None)
        )
        code, elder = conn.execute(sa.select(t.c.code, t.c.id).where(t.c.id.not_in(on_plan))).first() or (
            0,
            0,
        )
    adopted(town, Asked(kind="new_visit", recipient=str(code)))
    assert elder in {stop.recipient_id for stop in calls(town)}
    with pytest.raises(InvalidInput, match="already"):
        proposed(town, Asked(kind="new_visit", recipient=str(code)))
    found = proposed(town, Cold(kind="food_cold", van=2))
    assert found.situation.published.lost == ()


def test_the_second_is_told_who_changed_what(town: Town) -> None:
    adopted(town, Down(kind="van_down", van=1))
    with pytest.raises(Conflict, match=r"12:00 \(van down\); it is version 2"):
        adopted(town, Cold(kind="food_cold", van=2))


def test_what_cannot_happen_is_said(town: Town) -> None:
    with pytest.raises(NotFound, match="Van 99"):
        proposed(town, Down(kind="van_down", van=99))
    with pytest.raises(NotFound, match="nobody"):
        proposed(town, Asked(kind="new_visit", recipient="nobody"))
    with pytest.raises(InvalidInput, match="Stop 999999"):
        proposed(town, Absent(kind="no_show", stop=999999))


def test_a_crew_takes_no_break_before_the_door_that_it_drives_to(town: Town) -> None:
    found = proposed(town, Down(kind="van_down", van=1))
    problem = found.found.problem
    for route in found.found.plan.routes:
        prefix = problem.vans[route.van].prefix
        kinds = [stop.kind for stop in route.stops if stop.kind in ("break", "visit", "dropoff")]
        assert not prefix or kinds[0] != "break"
    assert any(van.prefix for van in problem.vans)

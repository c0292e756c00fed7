from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.errors import InvalidInput
from fleet.roads import Roads
from routing import begun, variant
from routing.agenda import Agenda, build
from routing.begun import Begun
from routing.checker import violations
from routing.desk import Edit, edited, opened, plan
from routing.desk_edits import Form, Reader
from routing.place import squeeze
from routing.search import Effort, solve
from tests.routing.town import DAY, context_on, seed


@pytest.fixture
def agenda(conn: sa.Connection) -> Agenda:
    return build(conn, Roads(""), seed(conn), DAY)


def first_of(agenda: Agenda, n: int) -> tuple[Begun, ...]:
    """The first calls of each van in some plan of the day."""
    orders = squeeze(agenda.problem, ((), ()))
    found = []
    for van, calls in enumerate(orders):
        for call in calls[:n]:
            caller = agenda.callers[call.index]
            found.append(Begun(agenda.van_ids[van], caller.site_id, caller.recipient_id))
    return tuple(found)


def test_what_is_begun_is_kept_with_a_job_and_found_again(agenda: Agenda) -> None:
    first = (*first_of(agenda, 2), Begun(agenda.van_ids[0], 987_654, None), Begun(987_654, 1, None))
    kept = variant.read(variant.Variant(begun=first).as_json())
    assert kept.begun == first
    assert "begun" not in kept.pins
    held = variant.varied(agenda, kept)
    assert [len(van.prefix) for van in held.problem.vans] == [2, 2]
    assert begun.held(agenda, ()) is agenda


def test_a_run_keeps_it_first(agenda: Agenda) -> None:
    held = begun.held(agenda, first_of(agenda, 3))
    made = solve(held.problem, Effort(1.0, 3))
    assert violations(held.problem, made) == ()
    for route in made.routes:
        calls = [stop.visit for stop in route.stops if stop.visit is not None]
        assert calls[:3] == list(held.problem.vans[route.van].prefix)


def test_the_desk_puts_nothing_before_it_and_takes_nothing_of_it_away(agenda: Agenda) -> None:
    orders = squeeze(agenda.problem, ((), ()))
    held = begun.held(agenda, first_of(agenda, 2))
    session = opened(held.problem, orders)
    last = orders[1][-1].index
    after = edited(session, [Edit("move", last, 0, 0)])
    assert after.where(last) == (0, 2)
    assert "prefix" not in {each.rule for each in violations(after.problem, plan(after))}
    reader = Reader(held)
    key = next(key for key, n in reader.keys.items() if n == orders[0][0].index)
    for kind in ("move", "remove", "forbid", "lock"):
        with pytest.raises(InvalidInput, match="stands fast"):
            reader.edit(Form(kind, key, agenda.van_ids[1]))
    free = Reader(replace(agenda))
    assert free.edit(Form("remove", key)).kind == "remove"


def test_a_late_crew_is_late_in_a_run_too(agenda: Agenda) -> None:
    first = first_of(agenda, 3)
    (last,) = (n for n, each in enumerate(first) if n == 2)
    begins = agenda.origin + timedelta(hours=12, minutes=10)
    late = (*first[:last], replace(first[last], late_s=7200, begins=begins), *first[last + 1 :])
    assert begun.of_json([each.as_json() for each in late]) == late
    assert begun.late_of(late)[late[last].van] == 7200
    held = begun.held(agenda, late)
    made = solve(held.problem, Effort(1.0, 3))
    assert violations(held.problem, made) == ()
    (route,) = (each for each in made.routes if each.van == 0)
    calls = [stop for stop in route.stops if stop.visit is not None]
    assert [stop.visit for stop in calls[:3]] == list(held.problem.vans[0].prefix)
    assert calls[2].begins_s >= 12 * 3600 + 600
    # However late it is: what nobody can mend stands in no run's way.
    for hour in (16, 20):
        far = replace(late[last], begins=agenda.origin + timedelta(hours=hour))
        held = begun.held(agenda, (*late[:last], far, *late[last + 1 :]))
        assert violations(held.problem, solve(held.problem, Effort(0.5, 3))) == ()


def test_nobody_looks_unless_the_application_does(database: str, tmp_path: Path) -> None:
    context = context_on(database, tmp_path)
    with context.engine.begin() as conn:
        district_id = seed(conn)
        assert begun.read(begun.look_of(object()), conn, context, district_id, DAY) == ()
    context.engine.dispose()

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from fleet.roads import Roads
from routing import kept
from routing.agenda import Agenda, build
from routing.place import Orders
from routing.search import Effort, Progress, plan_along, solve
from routing.timetable import calls_of, timetable
from tests.routing.town import DAY, seed


@pytest.fixture
def agenda(conn: sa.Connection) -> Agenda:
    return build(conn, Roads(""), seed(conn), DAY)


def orders_for(agenda: Agenda) -> Orders:
    plan = solve(agenda.problem, Effort(seconds=0.5))
    return tuple(calls_of(agenda.problem, route.stops) for route in plan.routes)


def test_orders_are_read_back_as_they_were_even_from_a_problem_in_another_order(agenda: Agenda) -> None:
    orders = orders_for(agenda)
    assert any(call.kind == "pass" for calls in orders for call in calls)
    told = json.loads(json.dumps(kept.as_json(agenda, orders)))
    assert kept.orders_of(agenda, told) == orders

    n = len(agenda.problem.visits)
    turned = replace(
        agenda,
        problem=replace(agenda.problem, visits=agenda.problem.visits[::-1]),
        callers=agenda.callers[::-1],
    )
    again = kept.orders_of(turned, told)
    assert [
        [c.index if c.kind in ("pass", "reload") else n - 1 - c.index for c in calls] for calls in again
    ] == [[c.index for c in calls] for calls in orders]


def test_what_is_asked_for_no_more_is_left_out_and_nothing_is_done_twice(agenda: Agenda) -> None:
    orders = orders_for(agenda)
    told = kept.as_json(agenda, orders)
    first = next(c for c in orders[0] if c.kind in ("visit", "dropoff"))
    gone = replace(
        agenda,
        problem=replace(agenda.problem, visits=agenda.problem.visits[:-1]),
        callers=agenda.callers[:-1],
    )
    last = len(agenda.problem.visits) - 1
    served = {
        c.index for calls in kept.orders_of(gone, told) for c in calls if c.kind in ("visit", "dropoff")
    }
    before = {c.index for calls in orders for c in calls if c.kind in ("visit", "dropoff")}
    assert served == before - {last}

    told[str(agenda.van_ids[1])].append(told[str(agenda.van_ids[0])][orders[0].index(first)])
    again = kept.orders_of(agenda, told)
    assert sum(c.index == first.index and c.kind == first.kind for calls in again for c in calls) == 1
    assert kept.orders_of(agenda, {"987654": told[str(agenda.van_ids[0])]}) == ((), ())


def test_orders_that_break_a_limit_now_are_mended(agenda: Agenda) -> None:
    orders = orders_for(agenda)
    short = tuple(replace(van, ends_s=van.starts_s + 2 * 3600, rest=None) for van in agenda.problem.vans)
    problem = replace(agenda.problem, vans=short)
    mended = kept.mended(problem, orders)
    assert all(not timetable(problem, van, calls).breaches for van, calls in enumerate(mended))
    assert any(mended) and sum(map(len, mended)) < sum(map(len, orders))


def test_a_search_begins_with_what_was_kept_and_tells_its_best(agenda: Agenda) -> None:
    heard: list[Progress] = []
    solve(agenda.problem, Effort(seconds=1.0, progress=heard.append))
    best = [each for each in heard if each.orders][-1]
    assert best.levels is not None
    again = kept.orders_of(agenda, kept.as_json(agenda, best.orders))
    assert again == best.orders
    resumed: list[Progress] = []
    plan = solve(agenda.problem, Effort(0.3, progress=resumed.append, start=again))
    assert plan.levels <= plan_along(agenda.problem, best.orders).levels
    assert plan.levels.figures()["mandatory_missed"] <= best.levels.mandatory_missed

"""Whoever lost their place is put where nobody else's promise is broken for it."""

from __future__ import annotations

from dataclasses import replace

from routing.housing import house
from routing.running_changes import moved_on
from routing.timetable import timetable
from tests.routing.instances import day_visit
from tests.routing.running_days import road


def test_whoever_is_housed_delays_nobody_past_a_promise() -> None:
    problem, orders = road(1, 2, 3)
    more = replace(problem, visits=(*problem.visits, day_visit("long", 2, 4000)))
    housed, homeless = house(more, orders, [3])
    assert homeless == ()
    tables = [timetable(more, van, calls) for van, calls in enumerate(housed)]
    assert sum(moved_on(more, van, table.stops) for van, table in enumerate(tables)) == 0
    assert sum(stop.visit == 3 for table in tables for stop in table.stops) == 1

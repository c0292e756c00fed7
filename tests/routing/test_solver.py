from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from routing.place import Orders
from routing.problem import Item, Kitchen, Portion, TimeWindow, Van
from routing.solver import Run, improve
from routing.stage import Stage, stage_of
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, district, in_a_row


def never() -> bool:
    return False


def run(seconds: float, start: Orders, found: Callable[[Orders], None]) -> Run:
    return Run(seconds, start, found, never)


def test_solutions_come_as_orders_that_the_timetable_agrees_with() -> None:
    problem = district(vans=2, visits=14, dropoffs=2, cells=0, side_m=3000)
    found: list[Orders] = []
    improve(problem, Stage("visits"), run(2.0, ((), ()), found.append), seed=1)
    assert found
    improve(problem, stage_of(found[-1]), run(0.2, found[-1], found.append), seed=1)
    for orders in found:
        assert not any(timetable(problem, van, calls).breaches for van, calls in enumerate(orders))


def test_a_start_is_taken_up() -> None:
    problem = in_a_row((Van("V1", 0, 0, 20_000),), tuple(day_visit(f"A{n}", n) for n in (1, 2, 3)))
    start: Orders = ((Call("visit", 2), Call("visit", 0), Call("visit", 1)),)
    found: list[Orders] = []
    improve(problem, Stage("visits"), run(0.2, start, found.append), seed=1)
    assert any(sorted(call.index for call in orders[0]) == [0, 1, 2] for orders in found)


def test_only_vans_with_the_skill_are_asked() -> None:
    vans = (Van("V1", 0, 0, 9000), Van("V2", 5, 0, 9000, skills=frozenset({"care"})))
    problem = in_a_row(vans, (day_visit("A", 1, skills=frozenset({"care"})),))
    found: list[Orders] = []
    improve(problem, Stage("visits"), run(1.0, ((), ()), found.append), seed=1)
    assert found[-1] == ((), (Call("visit", 0),))


def test_a_nap_is_closed_until_its_stage_opens_it() -> None:
    problem = in_a_row((Van("V1", 0, 0, 2000),), (day_visit("A", 1, nap=TimeWindow(0, 5000)),))
    closed: list[Orders] = []
    improve(problem, Stage("visits"), run(0.5, ((),), closed.append), seed=1)
    assert all(orders == ((),) for orders in closed)
    opened: list[Orders] = []
    improve(problem, Stage("naps", in_nap=frozenset({0})), run(0.5, ((),), opened.append), seed=1)
    assert opened[-1] == ((Call("visit", 0, in_nap=True),),)


def test_a_search_ends_when_it_is_halted_or_has_taken_its_steps() -> None:
    problem = district(vans=2, visits=20, dropoffs=0, cells=0)
    found: list[Orders] = []
    improve(problem, Stage("visits"), Run(300.0, ((), ()), found.append, lambda: True), seed=1)
    counts = []
    for _ in range(2):
        told: list[Orders] = []
        improve(problem, Stage("visits"), Run(0.0, ((), ()), told.append, never, ticks=3000), seed=1)
        counts.append(told)
    assert counts[0] == counts[1]


def test_hours_that_no_shift_reaches_are_left_out_and_break_nothing() -> None:
    van = Van("V1", 0, 0, 2000, cold_cups=9)
    visits = (
        day_visit("A", 1, windows=(TimeWindow(5000, 6000),)),
        day_visit("B", 1, windows=(TimeWindow(-500, -5),)),
        day_visit("C", 1, nap=TimeWindow(0, 9000)),
        day_visit("S", 2, kind="dropoff", windows=(TimeWindow(1500, 9000),), portions=(Portion(0, 1),)),
        day_visit("D", 1),
    )
    kitchens = (Kitchen(0, TimeWindow(0, 90_000), 60, 50_000),)
    problem = in_a_row((replace(van, batch_s=-7000),), visits, (Item("soup", "cold", 0),), kitchens=kitchens)
    for stage in (Stage("visits"), Stage("unserved", frozenset({(0, 0)}), frozenset({2}))):
        found: list[Orders] = []
        improve(problem, stage, run(0.5, ((),), found.append), seed=1)
        assert {call.index for call in found[-1][0]} == {4} | stage.in_nap


def test_an_error_of_the_listener_ends_the_search_and_comes_out() -> None:
    problem = district(vans=2, visits=8, dropoffs=0, cells=0)

    def broken(_: Orders) -> None:
        raise ValueError("the listener broke")

    with pytest.raises(ValueError, match="the listener broke"):
        improve(problem, Stage("visits"), run(300.0, ((), ()), broken), seed=1)


def test_locked_visits_stay_a_vans_first_and_its_route_ends_at_its_home() -> None:
    van = Van("V1", 0, 0, 20_000, home=5, prefix=(2, 0))
    problem = in_a_row((van,), tuple(day_visit(f"A{n}", n) for n in (1, 2, 3)))
    start: Orders = ((Call("visit", 2), Call("visit", 0), Call("visit", 1)),)
    found: list[Orders] = []
    improve(problem, Stage("visits"), run(0.2, start, found.append), seed=1)
    assert found
    assert all([call.index for call in orders[0][:2]] == [2, 0] for orders in found)


def test_only_what_is_aboard_is_handed_out_until_a_reload() -> None:
    van = Van("V1", 0, 0, 20_000, hot_cups=9, hot_aboard=3)
    drops = tuple(day_visit(f"S{n}", n, kind="dropoff", portions=(Portion(0, 3),)) for n in (1, 2))
    items = (Item("tea", "hot", 20_000),)
    problem = in_a_row((van,), drops, items, kitchens=(Kitchen(0, TimeWindow(0, 9000), 60, 0),))
    found: list[Orders] = []
    improve(problem, Stage("visits"), run(0.5, ((),), found.append), seed=1)
    first = found[-1][0]
    improve(problem, Stage("reloads", frozenset({(0, 0)})), run(0.5, ((),), found.append), seed=1)
    assert (len(first), len(found[-1][0])) == (1, 3)
    assert timetable(problem, 0, found[-1][0]).breaches == ()

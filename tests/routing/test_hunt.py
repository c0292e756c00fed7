from __future__ import annotations

from dataclasses import replace

from routing.hunt import Hunt
from routing.problem import TimeWindow, Van
from routing.timetable import Call, timetable
from tests.bench.orienteering import generate
from tests.routing.instances import day_visit, in_a_row


def test_the_same_seed_and_steps_hunt_the_same() -> None:
    found = []
    for seed in (1, 1, 2):
        hunt = Hunt(generate(3, 60, 4), seed)
        hunt.go(500, hunt.heat())
        found.append(hunt.orders())
    assert found[0] == found[1] != found[2]


def test_orders_come_back_as_they_were_given() -> None:
    problem = generate(2, 30, 4)
    hunt = Hunt(problem, 1)
    hunt.go(200, hunt.heat())
    orders = hunt.orders()
    other = Hunt(problem, 9)
    other.begin(orders)
    assert other.orders() == orders
    assert not any(timetable(problem, van, calls).breaches for van, calls in enumerate(orders))


def test_who_is_reached_in_a_nap_is_marked() -> None:
    problem = in_a_row((Van("V1", 0, 0, 2000),), (day_visit("A", 1, nap=TimeWindow(0, 5000)),))
    assert Hunt(problem, 1).orders() == ((Call("visit", 0, in_nap=True),),)


def test_a_van_whose_locked_call_cannot_be_kept_takes_no_others() -> None:
    late = day_visit("A", 5, windows=(TimeWindow(0, 100),))
    vans = (Van("V1", 0, 0, 9000, prefix=(0,)), Van("V2", 0, 0, 9000))
    hunt = Hunt(in_a_row(vans, (late, day_visit("B", 1))), 1)
    assert hunt.orders() == ((Call("visit", 0, in_nap=True),), (Call("visit", 1),))


def test_columns_are_distinct_sound_and_hold_the_incumbent() -> None:
    problem = generate(3, 60, 4)
    hunt = Hunt(problem, 1)
    hunt.go(800, hunt.heat())
    columns = hunt.columns()
    assert len({(column.van, column.visits) for column in columns}) == len(columns) > 3
    best = {(van, frozenset(nodes)) for van, nodes in enumerate(hunt.nodes())}
    assert best <= {(column.van, column.visits) for column in columns}
    for column in columns[:200]:
        calls = tuple(Call("visit", node) for node in column.nodes)
        assert timetable(problem, column.van, calls).breaches == ()


def test_a_worse_pack_is_not_adopted() -> None:
    problem = generate(3, 60, 4)
    hunt, other = Hunt(problem, 1), Hunt(problem, 2)
    hunt.go(2000, hunt.heat())
    before = hunt.levels
    other.adopt([(), (), ()], hunt)
    assert other.levels == before


def test_a_cooler_end_comes_after_a_hotter_beginning() -> None:
    served = Hunt(in_a_row((Van("V1", 0, 0, 9000),), (day_visit("A", 1),)), 1)
    crowded = Hunt(generate(2, 200, 4), 1)
    assert crowded.heat()[0] > served.heat()[0] > served.heat()[1]
    assert replace(crowded.problem).visits

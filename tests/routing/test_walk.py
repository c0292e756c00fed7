"""The compiled walk beside the timetable, on random days with all their rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.gap import put
from routing.grid import Grid, grid_of
from routing.place import Orders
from routing.problem import DANGER_S, Break, Item, Portion, Problem, TimeWindow, Van
from routing.timetable import Call, Timetable, timetable
from routing.tours import BEGIN, COST, LATEST, LEAVE, NODE, OWED, REST_AT, Walks, empty_walks, place_before
from routing.walk import drive, walk
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import random_sample

VAN = Van("V1", 0, 0, 10_000)


def walked(problem: Problem, van: int, calls: tuple[Call, ...]) -> tuple[bool, Grid, Walks]:
    grid = grid_of(problem)
    walks = empty_walks(grid, 40)
    for k, call in enumerate(calls):
        node = call.index if call.kind in ("visit", "dropoff") else len(problem.visits) + call.index
        put(grid, walks, van, k, node)
    return walk(grid, walks, van), grid, walks


def eager(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Nobody's nap is waited out, and only what the search knows is left: visits and reloads."""
    return tuple(
        Call(c.kind, c.index, c.kind in ("visit", "dropoff"))
        for c in calls
        if c.kind not in ("pass", "handover")
    )


def called(table: Timetable) -> list[tuple[int, int]]:
    kinds = ("visit", "dropoff", "reload")
    return [(stop.begins_s, stop.leaves_s) for stop in table.stops if stop.kind in kinds]


@pytest.mark.parametrize("seed", range(60))
def test_it_keeps_the_timetables_rules(seed: int) -> None:
    sample = random_sample(seed)
    orders: Orders = tuple(eager(calls) for calls in sample.orders)
    for van, calls in enumerate(orders):
        table = timetable(sample.problem, van, calls)
        good, _, walks = walked(sample.problem, van, calls)
        # By the pace of an hour the break may be had where the search does not look for it.
        if not sample.problem.pace:
            assert good == (table.breaches == ()), van
        if good:
            assert table.breaches == ()
        if good and walks.tour[van, REST_AT] < 0 and all(stop.kind != "break" for stop in table.stops):
            times = [(int(s[BEGIN]), int(s[LEAVE])) for s in walks.stop[van, : len(calls)]]
            assert times == called(table)


def test_food_does_not_keep_longer_for_a_break_behind_it() -> None:
    """Without its reload a drop-off is too late; the break, which comes later, changes nothing of that."""
    van = replace(VAN, cold_cups=9, rest=Break(1500, 1900, 300))
    soup = day_visit("A", 1, kind="dropoff", windows=(TimeWindow(1000, 1100),), portions=(Portion(0, 4),))
    items, batch = (Item("soup", "cold", 0),), 1000 - DANGER_S - 301
    problem = in_a_row((replace(van, batch_s=batch),), (soup, day_visit("B", 2)), items)
    calls = Call("dropoff", 0), Call("visit", 1)
    assert [breach.code for breach in timetable(problem, 0, calls).breaches] == ["food_clock"]
    assert not walked(problem, 0, calls)[0]


@pytest.mark.parametrize("seed", range(60))
def test_what_lacks_its_reloads_is_no_better_by_the_walk(seed: int) -> None:
    sample = random_sample(seed)
    for van, calls in enumerate(eager(each) for each in sample.orders):
        bare = tuple(call for call in calls if call.kind != "reload")
        assert not walked(sample.problem, van, bare)[0] or not timetable(sample.problem, van, bare).breaches


@pytest.mark.parametrize("seed", range(30))
def test_no_stop_is_reached_later_than_it_may_be(seed: int) -> None:
    sample = random_sample(seed)
    for van, calls in enumerate(eager(each) for each in sample.orders):
        good, grid, walks = walked(sample.problem, van, calls)
        if not good or sample.problem.pace:
            continue
        left = sample.problem.vans[van].starts_s
        for k, stop in enumerate(walks.stop[van, : len(calls)]):
            arrives = left + drive(grid, place_before(grid, walks, van, k), int(stop[NODE]), left)
            assert arrives <= stop[LATEST]
            left = int(stop[LEAVE])


def test_it_tells_what_driving_and_extras_cost() -> None:
    visits = (
        day_visit("A", 1, nap=TimeWindow(0, 200)),
        day_visit("B", 2, familiar=frozenset({5})),
        day_visit("C", 3),
    )
    problem = in_a_row((replace(VAN, ends_s=1300, overtime_s=900),), visits)
    good, _, walks = walked(problem, 0, tuple(Call("visit", n) for n in range(3)))
    late_s = 600 + 3 * 300 - 1300
    assert good
    assert walks.tour[0, COST] == 600 + 900 + 300 + 3 * late_s
    assert walks.tour[0, OWED] < 0, "a van without a beat owes no patrol"


def test_the_break_is_taken_where_the_day_ends_earliest() -> None:
    van = replace(VAN, rest=Break(600, 1900, 300))
    problem = in_a_row((van,), (day_visit("A", 1), day_visit("B", 2, windows=(TimeWindow(1500, 9000),))))
    good, _, walks = walked(problem, 0, (Call("visit", 0), Call("visit", 1)))
    assert good
    assert walks.tour[0, REST_AT] == 1
    assert walks.stop[0, 1, LEAVE] == 1800

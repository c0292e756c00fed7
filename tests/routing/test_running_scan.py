"""The rough walk finds the strings that make room, the least lost first."""

from __future__ import annotations

from dataclasses import replace

from routing.problem import TimeWindow
from routing.running_scan import Scan
from tests.routing.instances import day_visit
from tests.routing.running_days import call_for_help, road


def test_nothing_is_given_up_where_all_fit() -> None:
    problem, orders = road(1, 2, 3)
    strings = Scan(problem, 0, orders[0]).strings(0, day_visit("new", 1, 60), (6, False))
    assert strings[0].given == ()
    assert strings[0].lost[:5] == (0, 0, 0, 0, 0)


def test_the_cheapest_string_comes_first_and_the_mandatory_stay() -> None:
    problem, orders = road(1, 2, 3, 4)
    prizes = (5, 9, 2, 7)
    visits = tuple(
        replace(v, prize=prizes[n], mandatory=n == 2, windows=(TimeWindow(0, 1400 + 300 * n),))
        for n, v in enumerate(problem.visits)
    )
    scan = Scan(replace(problem, visits=visits), 0, orders[0])
    strings = scan.strings(0, call_for_help(problem, 1, 0), (6, False))
    assert strings and all(2 not in each.given for each in strings)
    assert strings == sorted(strings)
    grave = scan.strings(0, call_for_help(problem, 1, 0), (6, True))
    assert grave and all(2 in each.given for each in grave)


def test_begins_count_from_what_is_locked() -> None:
    problem, orders = road(1, 2, 3)
    locked = replace(problem, vans=(replace(problem.vans[0], prefix=(0,)), problem.vans[1]))
    begins = list(Scan(locked, 0, orders[0]).begins(call_for_help(problem, 0, 0)))
    assert begins == [(500, 1), (1000, 2), (1500, 3)]


def test_what_loses_more_than_is_known_is_not_walked() -> None:
    problem, orders = road(1, 2, 3, 4)
    prizes = (5, 9, 2, 7)
    visits = tuple(
        replace(v, prize=prizes[n], windows=(TimeWindow(0, 1400 + 300 * n),))
        for n, v in enumerate(problem.visits)
    )
    scan, asked = Scan(replace(problem, visits=visits), 0, orders[0]), call_for_help(problem, 1, 0)
    strings = scan.strings(0, asked, (6, False))
    for known in (each.lost for each in strings):
        fewer = scan.strings(0, asked, (6, False), known)
        assert [each for each in strings if each.lost[:4] <= known[:4]] == fewer


def test_a_detour_counts_the_way_there_and_on_without_the_way_that_was() -> None:
    problem, orders = road(1, 2, 3)
    scan = Scan(problem, 0, orders[0])
    asked = day_visit("new", 1, 60)
    direct = problem.seconds[scan.sites[0], scan.sites[1]]
    there, on = problem.seconds[scan.sites[0], 1], problem.seconds[1, scan.sites[1]]
    assert scan.detour_s(asked, 0) == there + on - direct

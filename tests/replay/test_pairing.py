"""Which stay belongs to which stop: hand-made days, labelled by whoever made them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.facts import Planned, Tap
from replay.pairing import REACH_M, match
from tests.replay.day import DOOR, east, plan, stood, tap
from tracking.stays import Stay


def matched(stops: list[Planned], stays: list[Stay], *taps: Tap) -> list[int | None]:
    """The stay of each stop."""
    return match(stops, stays, {stop.id: [t for t in taps if t.stop_id == stop.id] for stop in stops})


def test_a_stay_at_the_door_is_the_stops_and_one_across_the_quarter_is_not() -> None:
    assert matched([plan(1, 20)], [stood(0, 5, east(400)), stood(21, 35, east(20))]) == [1]
    assert matched([plan(1, 20)], [stood(21, 35, east(REACH_M + 5))]) == [None]


def test_three_doors_of_one_building_with_a_stay_each() -> None:
    doors = [east(35 * n) for n in range(3)]
    stops = [plan(n + 1, 20 * n, doors[n]) for n in range(3)]
    stays = [stood(20 * n + 3, 20 * n + 16, east(35 * n + 6)) for n in range(3)]
    assert matched(stops, stays) == [0, 1, 2]


def test_three_doors_of_one_building_from_one_stay() -> None:
    stops = [plan(n + 1, 20 * n, east(35 * n)) for n in range(3)]
    assert matched(stops, [stood(2, 58, east(30))]) == [0, 0, 0]


def test_three_doors_where_the_van_stood_twice() -> None:
    stops = [plan(n + 1, 20 * n, east(35 * n)) for n in range(3)]
    assert matched(stops, [stood(0, 15, east(2)), stood(18, 55, east(60))]) == [0, 1, 1]


def test_doors_visited_the_other_way_round_keep_their_own_stays() -> None:
    stops = [plan(n + 1, 20 * n, east(35 * n)) for n in range(3)]
    stays = [stood(20 * n, 20 * n + 15, east(35 * (2 - n))) for n in range(3)]
    assert matched(stops, stays) == [2, 1, 0]


def test_neighbours_that_are_planned_apart_do_not_share() -> None:
    stops = [plan(1, 0), plan(2, 20, east(2000)), plan(3, 60, east(10))]
    assert matched(stops, [stood(1, 14), stood(21, 33, east(2000))]) == [0, 1, None]


def test_unless_it_was_tapped_there() -> None:
    stops = [plan(1, 0), plan(2, 20, east(2000)), plan(3, 60, east(10))]
    assert matched(stops, [stood(1, 14), stood(21, 33, east(2000))], tap(1, 13, 3)) == [0, 1, 0]


def test_one_place_twice_a_day_while_the_van_runs_late() -> None:
    stops = [plan(1, 0), plan(2, 60, east(900)), plan(3, 120)]
    stays = [stood(110, 125), stood(170, 185, east(900)), stood(230, 245)]
    assert matched(stops, stays) == [0, 1, 2]


def test_a_tap_tells_which_of_two_stays_it_was() -> None:
    stays = [stood(18, 20, east(20)), stood(180, 195, east(30))]
    assert matched([plan(1, 20)], stays) == [0]
    assert matched([plan(1, 20)], stays, tap(1, 190, 1)) == [1]


def test_a_tap_made_at_another_time_takes_no_stay_away() -> None:
    assert matched([plan(1, 20)], [stood(20, 35)], tap(1, 900, 1)) == [0]


def test_a_stop_in_the_morning_is_no_visit_of_the_afternoon() -> None:
    assert matched([plan(1, 400)], [stood(5, 8)]) == [None]


@pytest.mark.parametrize("late", [0, 30, 120, 300])
def test_a_late_stay_is_still_the_stops(late: float) -> None:
    assert matched([plan(1, 20)], [stood(20 + late, 35 + late)]) == [0]


@given(st.permutations(range(4)), st.floats(0, 150))
def test_a_van_that_runs_late_all_day_keeps_its_order(order: list[int], late: float) -> None:
    del order
    stops = [plan(n + 1, 45 * n, DOOR if n % 2 else east(300)) for n in range(4)]
    stays = [stood(45 * n + late, 45 * n + late + 12, DOOR if n % 2 else east(300)) for n in range(4)]
    assert matched(stops, stays) == [0, 1, 2, 3]

"""Food clocks: what a filling spent warm adds up until it is filled anew."""

from __future__ import annotations

from tracking.food_clock import Clock, Reading, clocks


def test_a_good_reading_stops_the_clock_and_gives_nothing_back() -> None:
    told = [Reading(0, "hot", 55.0), Reading(10, "hot", 61.0), Reading(30, "hot", 50.0)]
    assert list(clocks(told, None)) == [Clock("hot", 0, 0, 10, 55.0), Clock("hot", 30, 20, None, 50.0)]


def test_a_reload_gives_the_time_back() -> None:
    told = [Reading(0, "cold", 9.0), Reading(10, "cold", None), Reading(30, "cold", 8.0)]
    assert list(clocks(told, 90)) == [Clock("cold", 0, 0, 10, 9.0), Clock("cold", 30, 30, 90, 8.0)]


def test_containers_have_clocks_of_their_own_and_the_limits_are_safe() -> None:
    told = [Reading(0, "hot", 60.0), Reading(0, "cold", 5.0), Reading(5, "cold", 5.5)]
    assert list(clocks(told, None)) == [Clock("cold", 5, 5, None, 5.5)]

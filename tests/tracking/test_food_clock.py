"""Food clocks: what a filling spent warm adds up until it is filled anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracking.food_clock import Clock, Reading, Spent, clocks, used_up


def test_a_good_reading_stops_the_clock_and_gives_nothing_back() -> None:
    told = [Reading(0, "hot", 55.0), Reading(10, "hot", 61.0), Reading(30, "hot", 50.0)]
    assert list(clocks(told, None)) == [Clock("hot", 0, 0, 10, 55.0), Clock("hot", 30, 20, None, 50.0)]


def test_a_reload_gives_the_time_back() -> None:
    told = [Reading(0, "cold", 9.0), Reading(10, "cold", None), Reading(30, "cold", 8.0)]
    assert list(clocks(told, 90)) == [Clock("cold", 0, 0, 10, 9.0), Clock("cold", 30, 30, 90, 8.0)]


def test_containers_have_clocks_of_their_own_and_the_limits_are_safe() -> None:
    told = [Reading(0, "hot", 60.0), Reading(0, "cold", 5.0), Reading(5, "cold", 5.5)]
    assert list(clocks(told, None)) == [Clock("cold", 5, 5, None, 5.5)]


def test_what_is_used_up_stays_so_whatever_is_read_until_its_container_is_filled() -> None:
    warm, good, again = Reading(0, "hot", 50.0), Reading(120, "hot", 70.0), Reading(200, "hot", 40.0)
    assert list(used_up([warm, good, again], 100, None)) == [Spent("hot", 0, 100, None, 50.0)]
    filled = [warm, good, again, Reading(300, "cold", None), Reading(310, "hot", None)]
    assert list(used_up(filled, 100, None)) == [Spent("hot", 0, 100, 310, 50.0)]
    assert list(used_up([warm, Reading(99, "hot", 70.0)], 100, None)) == []
    assert list(used_up([warm, good, Reading(150, "hot", None), again], 100, 300)) == [
        Spent("hot", 0, 100, 150, 50.0),
        Spent("hot", 200, 300, 300, 40.0),
    ]


_TOLD = st.lists(st.tuples(st.integers(1, 50), st.sampled_from([None, 3.0, 20.0, 55.0, 65.0])), max_size=20)


@given(_TOLD, st.integers(1, 120))
def test_a_filling_is_past_exactly_while_its_warm_time_is_used_up(
    told: list[tuple[int, float | None]], most_ms: int
) -> None:
    t_ms, readings = 0, []
    for step_ms, celsius in told:
        t_ms += step_ms
        readings.append(Reading(t_ms, "hot", celsius))
    found = list(used_up(readings, most_ms, None))
    spent_ms, warm, past = 0, False, set()
    degrees = {each.t_ms: each.celsius for each in readings}
    for now_ms in range(t_ms + 1):
        spent_ms += warm
        if now_ms in degrees:
            celsius = degrees[now_ms]
            spent_ms = 0 if celsius is None else spent_ms
            warm = celsius is not None and 5 < celsius < 60
        if spent_ms >= most_ms:
            past.add(now_ms)
    assert {
        n for n in range(t_ms + 1) for each in found if each.over_ms <= n < (each.ended_ms or n + 1)
    } == past

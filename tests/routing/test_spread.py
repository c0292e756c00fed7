"""Spreading: smallest gaps always, no dearer than by hand, blind to the order of rows, and what it is for."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing.horizon import Given, VanTime, horizon_of, look_ahead, trouble_of
from routing.spread import by_hand, cost_of, spread
from tests.routing.ahead import FIRST, Small, cadence, person, smalls


@given(smalls())
def test_nobody_is_called_on_before_the_smallest_gap_nor_twice_a_day(small: Small) -> None:
    ahead = small.ahead()
    for given_days in (by_hand(ahead), spread(ahead)):
        assert trouble_of(ahead.needs, given_days, ahead.days) == []
        for keys in given_days.values():
            assert len({who for who, _ in keys}) == len(keys)


@given(smalls())
def test_it_is_never_dearer_than_by_hand(small: Small) -> None:
    ahead = small.ahead()
    assert cost_of(ahead, spread(ahead)) <= cost_of(ahead, by_hand(ahead))


@given(smalls(), st.randoms())
def test_the_order_of_rows_says_nothing(small: Small, rng: random.Random) -> None:
    people, cadences = list(small.people), list(small.cadences)
    rng.shuffle(people)
    rng.shuffle(cadences)
    vans = [tuple(reversed(each)) for each in small.vans]
    other = look_ahead(people, cadences, dict(reversed(small.last.items())), small.clusters, FIRST, vans)
    assert other == small.ahead()
    assert spread(other) == spread(small.ahead())


def test_one_person_s_days_are_the_best_there_are() -> None:
    for ago, length in itertools.product((1, 4, 7, 12), (7, 8)):
        last = {(1, "visit"): FIRST - timedelta(days=ago), (1, "monthly"): FIRST - timedelta(days=ago + 8)}
        cadences = [cadence(1, 1, "visit"), cadence(2, 1, "monthly")]
        vans = [(VanTime(frozenset(), 1800 * (n % 3)),) for n in range(length)]
        ahead = look_ahead([person(1, 3)], cadences, last, {1: 1}, FIRST, vans)
        best = min(
            cost_of(ahead, each) for each in every_way(length) if trouble_of(ahead.needs, each, length) == []
        )
        assert cost_of(ahead, spread(ahead)) == best


def every_way(length: int) -> list[Given]:
    """Each day nothing, the visit or the monthly call."""
    return [
        {n: frozenset() if choice is None else frozenset({(1, choice)}) for n, choice in enumerate(way)}
        for way in itertools.product((None, 1, 2), repeat=length)
    ]


def test_calls_that_fall_due_together_are_spread_over_days() -> None:
    people = [person(n) for n in range(1, 13)]
    cadences = [cadence(n, n, "visit") for n in range(1, 13)]
    last = {(n, "visit"): FIRST - timedelta(days=5) for n in range(1, 13)}
    vans = [(VanTime(frozenset(), 4 * 1440),)] * 7
    ahead = look_ahead(people, cadences, last, dict.fromkeys(range(1, 13), 1), FIRST, vans)
    given_days = spread(ahead)
    counts = [len(given_days[n]) for n in range(7)]
    assert sum(counts) == 12
    assert max(counts) <= 4
    found = horizon_of(ahead, given_days, cadences, last)
    assert max(task.ratio for day in found.days for task in day.tasks) <= 1


def test_a_weekend_without_vans_is_worked_round() -> None:
    last = {(n, "visit"): FIRST - timedelta(days=n % 5 + 2) for n in range(1, 11)}
    people = [person(n) for n in range(1, 11)]
    cadences = [cadence(n, n, "visit") for n in range(1, 11)]
    vans = [(VanTime(frozenset(), 8 * 1440),) if n % 7 < 5 else () for n in range(14)]
    ahead = look_ahead(people, cadences, last, dict.fromkeys(range(1, 11), 1), FIRST, vans)
    given_days = spread(ahead)
    assert [len(given_days[n]) for n in (5, 6, 12, 13)] == [0, 0, 0, 0]
    found = horizon_of(ahead, given_days, cadences, last)
    assert max(task.ratio for day in found.days for task in day.tasks) <= 1


def test_a_neighbourhood_s_calls_share_a_day() -> None:
    people = [person(n) for n in (1, 2, 3, 4)]
    cadences = [cadence(n, n, "visit") for n in (1, 2, 3, 4)]
    last = {(n, "visit"): FIRST - timedelta(days=4 + n % 2) for n in (1, 2, 3, 4)}
    vans = [(VanTime(frozenset(), 30000),)] * 7
    ahead = look_ahead(people, cadences, last, {1: 1, 2: 1, 3: 2, 4: 2}, FIRST, vans)
    days = {who: n for n, keys in spread(ahead).items() for who, _ in keys}
    assert days[1] == days[2]
    assert days[3] == days[4]


@given(smalls())
def test_nothing_is_given_to_a_day_on_which_no_van_can_do_it(small: Small) -> None:
    ahead = small.ahead()
    needs = {need.key: need for need in ahead.needs}
    for n, keys in spread(ahead).items():
        assert all(any(needs[key].skills <= van.skills for van in ahead.vans[n]) for key in keys)

"""What is asked of the days ahead, and what was given to them."""

from __future__ import annotations

from datetime import timedelta

from routing.horizon import TRIP_S, VanTime, day_load_s, horizon_of, look_ahead, trouble_of
from tests.routing.ahead import FIRST, cadence, person

VANS = [(VanTime(frozenset(), 7200),)] * 7


def test_daily_calls_are_a_load_and_no_choice() -> None:
    cadences = [cadence(1, 1, "check"), cadence(2, 1, "visit"), cadence(3, 2, "visit")]
    last = {(1, "visit"): FIRST - timedelta(days=6)}
    ahead = look_ahead([person(1), person(2)], cadences, last, {1: 1, 2: 2}, FIRST, VANS)
    assert [need.key for need in ahead.daily] == [(1, 0)]
    assert [(need.key, need.since) for need in ahead.needs] == [((1, 1), 6), ((2, 1), 7)]
    check, visit = ahead.daily[0].load_s, ahead.needs[0].load_s
    assert day_load_s(ahead, 0, frozenset()) == check + TRIP_S
    # A longer call takes the daily one's place; another neighbourhood is another trip.
    assert day_load_s(ahead, 0, frozenset({(1, 1)})) == visit + TRIP_S
    assert day_load_s(ahead, 0, frozenset({(2, 1)})) == check + visit + 2 * TRIP_S


def test_an_exception_that_begins_later_changes_the_days_from_then_on() -> None:
    own = cadence(
        9, 1, "visit", own=True, day_from=FIRST + timedelta(days=3), target_days=3, min_days=2, max_days=4
    )
    ahead = look_ahead([person(1)], [cadence(1, 1, "visit"), own], {}, {}, FIRST, VANS)
    (need,) = ahead.needs
    assert [gaps.target for gaps in need.gaps if gaps] == [7, 7, 7, 3, 3, 3, 3]


def test_what_was_given_says_its_prize_its_duty_and_its_ratio() -> None:
    cadences = [cadence(1, 1, "visit"), cadence(2, 1, "monthly")]
    last = {(1, "visit"): FIRST - timedelta(days=6), (1, "monthly"): FIRST - timedelta(days=13)}
    ahead = look_ahead([person(1, risk=3)], cadences, last, {1: 4}, FIRST, VANS)
    found = horizon_of(
        ahead, {0: frozenset({(1, 2)}), 6: frozenset({(1, 1)})}, cadences, last, frozenset({6})
    )
    (monthly,), (visit,) = found.days[0].tasks, found.days[6].tasks
    assert (monthly.channel, monthly.ratio, monthly.mandatory, monthly.cluster) == (
        "monthly",
        0.722,
        False,
        4,
    )
    # The monthly call counted for the visit: six days, not twelve.
    assert (visit.channel, visit.ratio, visit.prize) == ("visit", 0.667, 20)
    assert [day.assumed for day in found.days] == [False] * 6 + [True]
    assert found.wants(1, "visit") is True  # a longer call is given that counts for it
    assert found.wants(1, "check") is None
    assert trouble_of(ahead.needs, {0: frozenset({(1, 1)}), 2: frozenset({(1, 1)})}, 7) != []


def test_who_waits_is_not_wanted_today() -> None:
    cadences = [cadence(1, 1, "visit")]
    ahead = look_ahead([person(1)], cadences, {}, {}, FIRST, VANS)
    assert horizon_of(ahead, {1: frozenset({(1, 1)})}, cadences, {}).wants(1, "visit") is False

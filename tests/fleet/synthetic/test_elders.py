"""The invented elders and what they are due."""

from fleet import geo
from fleet.synthetic import places
from fleet.synthetic.elders import elders
from fleet.synthetic.town import town

STOPS = places.stop_points(town())


def test_the_scenario_s_own_numbers() -> None:
    who = elders(town(), STOPS, 241, year=2026, seed=2026)
    ages = [2026 - elder.birth_year for elder in who]
    assert len(who) == 241
    assert sum(any(due.channel == "visit" for due in elder.dues) for elder in who) == 116
    assert sum(age >= 70 for age in ages) == 125
    assert sum(age >= 80 for age in ages) == 47
    assert sum(any(due.own for due in elder.dues) for elder in who) == 18
    assert sum(elder.stop is not None for elder in who) == 125 - 47
    spots = {spot.code: spot.point for spot in STOPS}
    walks_m = [geo.haversine_m(elder.door, spots[elder.stop]) for elder in who if elder.stop]
    assert {elder.stop for elder in who if elder.stop} == set(spots)
    assert max(walks_m) < 900


def test_gaps_are_in_order_and_the_oldest_are_seen_each_day() -> None:
    for elder in elders(town(), STOPS, 241, year=2026, seed=1):
        for due in elder.dues:
            assert 0 < due.min_days <= due.target_days <= due.max_days
        if 2026 - elder.birth_year >= 80:
            assert any(due.channel == "check" and due.mandatory for due in elder.dues)
        assert elder.nap[0] < elder.nap[1]
        assert 1 <= elder.risk <= 5


def test_the_same_seed_gives_the_same_people_at_homes_in_the_town() -> None:
    who = elders(town(), STOPS, 60, year=2026, seed=3)
    assert who == elders(town(), STOPS, 60, year=2026, seed=3)
    assert who != elders(town(), STOPS, 60, year=2026, seed=4)
    west, south, east, north = geo.bounds(town().nodes)
    assert all(west < elder.door[0] < east and south < elder.door[1] < north for elder in who)
    assert all(2 <= len(elder.name) <= 3 for elder in who)

"""Four weeks of visits leave a realistic day."""

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from fleet.synthetic import history, places
from fleet.synthetic.elders import elders
from fleet.synthetic.town import town

WHO = elders(town(), places.stop_points(town()), 241, year=2026, seed=2026)
DAYS = [date(2026, 7, 28), date(2026, 12, 26), date(2027, 3, 1)]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_has_enough_due_and_little_overdue(day: date) -> None:
    last: dict[tuple[int, str], datetime] = {}
    for done in history.visits(WHO, day, seed=2026):
        key = (done.elder, done.channel)
        last[key] = max(done.began, last.get(key, done.began))
    due: Counter[str] = Counter()
    overdue = 0
    opens, ends = (datetime.combine(day, at, history.TIMEZONE) for at in (time(8, 30), time(16, 30)))
    for n, elder in enumerate(WHO):
        for rule in elder.dues:
            if rule.channel == "call":
                continue
            seen = last.get((n, rule.channel), opens - timedelta(days=99))
            due[rule.channel] += ends - seen >= timedelta(days=rule.target_days)
            overdue += opens - seen > timedelta(days=rule.max_days)
    assert 60 <= due.total() <= 120
    assert min(due.values()) >= 1
    assert overdue <= 12


def test_visits_lie_before_the_day_in_working_hours_and_out_of_naps() -> None:
    for done in history.visits(WHO, DAYS[0], seed=2026):
        local = done.began.astimezone(history.TIMEZONE)
        assert DAYS[0] - timedelta(days=28) <= local.date() < DAYS[0]
        assert time(8, 40) <= local.time() <= time(16, 30)
        nap_from, nap_to = WHO[done.elder].nap
        assert not nap_from <= local.time() < nap_to


def test_only_the_days_asked_for() -> None:
    asked = {DAYS[0] - timedelta(days=3)}
    some = list(history.visits(WHO, DAYS[0], seed=2026, on=asked))
    assert {done.began.date() for done in some} == asked
    assert some == [v for v in history.visits(WHO, DAYS[0], seed=2026) if v.began.date() in asked]

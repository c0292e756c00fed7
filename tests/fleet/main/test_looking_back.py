from datetime import datetime, timedelta

import pytest

from fleet.clock import Clock
from fleet.errors import InvalidInput
from fleet.main.looking_back import ZONE, clock_text


def test_a_day_is_looked_at_from_its_end_where_time_almost_stands() -> None:
    clock = Clock.parse(clock_text("2014-10-22"))
    now = clock.now().astimezone(ZONE)
    assert now.date().isoformat() == "2014-10-22"
    assert now.hour == 23 and now.minute == 59
    assert clock.at(clock.wall + 3600).astimezone(ZONE).date() == now.date()


def test_an_instant_runs_on() -> None:
    clock = Clock.parse(clock_text("2026-07-20 09:30"))
    assert clock.rate == 1
    since = clock.now() - datetime(2026, 7, 20, 9, 30, tzinfo=ZONE)
    assert timedelta(0) <= since < timedelta(seconds=30)


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "20-7-2026"])
def test_what_is_no_day_is_named(at: str) -> None:
    with pytest.raises(InvalidInput, match=at):
        clock_text(at)

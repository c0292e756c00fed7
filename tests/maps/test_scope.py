"""When a shared map shows anything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maps.scope import Scope, Standing

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 22)


def local(hour: int, minute: int = 0, second: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 7, day, hour, minute, second, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (local(8, 0, 59), "waits"),
        (local(8, 1), "live"),
        (local(17, 0, 59), "live"),
        (local(17, 1), "rests"),
        (local(17, 5, 59), "rests"),
        (local(17, 6), "past"),
        (local(12, day=25), "past"),
        (local(12, day=21), "waits"),
    ],
)
def test_a_day_is_awaited_watched_and_looked_back_on(now: datetime, expected: Standing) -> None:
    assert Scope(60, day=DAY, hour_from=8, hour_to=17).standing(now, ZONE) == expected


def test_without_a_day_its_hours_come_each_day() -> None:
    scope = Scope(60, hour_from=8, hour_to=17)
    for day in (21, 22, 23):
        assert scope.standing(local(7, 30, day=day), ZONE) == "rests"
        assert scope.standing(local(8, 30, day=day), ZONE) == "live"
        assert scope.standing(local(18, day=day), ZONE) == "rests"
    assert Scope(60).standing(local(0), ZONE) == "live"
    assert Scope(60).at(local(8)) == local(7, 59)


def test_a_day_lasts_as_long_as_its_clock_says() -> None:
    begins, ends = Scope(60).hours_on(DAY, ZONE)
    assert (begins, ends - begins) == (local(0), timedelta(days=1))
    # The clocks of Berlin skip an hour on this day.
    begins, ends = Scope(60).hours_on(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert ends.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=23)

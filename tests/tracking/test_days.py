"""The life of a partition, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.tracking.platform import NOON
from tracking.days import Part, State, day_number, leaves_on, limit_of, part_for, part_of, start_of

_TODAY = day_number(NOON)
_LONG_AGO = NOON - timedelta(days=400)


def test_a_name_and_a_bound_make_a_partition() -> None:
    bound = "FOR VALUES FROM ('2026-07-22 00:00:00+00') TO ('2026-07-23 00:00:00+00')"
    assert part_of("fix_20260722", bound) == part_for(_TODAY) == Part("fix_20260722", _TODAY, _TODAY + 1)
    old = part_of("fix_old", "FOR VALUES FROM (MINVALUE) TO ('2026-04-23 00:00:00+00')")
    assert old == Part("fix_old", None, day_number(datetime(2026, 4, 23, tzinfo=UTC)))
    assert old.starts < datetime(1900, 1, 1, tzinfo=UTC)
    assert part_of("fix_of_another", bound) is None


@pytest.mark.parametrize(
    ("now", "indexed", "state"),
    [
        (start_of(_TODAY) - timedelta(seconds=1), False, State.AHEAD),
        (start_of(_TODAY), False, State.LIVE),
        (start_of(_TODAY + 1) + timedelta(minutes=119), False, State.LIVE),
        (start_of(_TODAY + 1) + timedelta(hours=2), False, State.CLOSING),
        (start_of(_TODAY + 1) + timedelta(hours=2), True, State.CLOSED),
    ],
)
def test_a_day_lives(now: datetime, indexed: bool, state: State) -> None:
    assert part_for(_TODAY).state(now, indexed=indexed) is state
    assert Part("fix_old", None, _TODAY).state(now, indexed=indexed) is State.OLD


def test_retention_counts_whole_days_of_receipt() -> None:
    limit = limit_of(NOON, 90, wall=NOON, born=_LONG_AGO)
    assert limit == datetime(2026, 4, 23, tzinfo=UTC)
    assert limit_of(start_of(_TODAY), 90, wall=NOON - timedelta(hours=4), born=_LONG_AGO) == limit


@pytest.mark.parametrize(
    "off", [timedelta(days=-4_000), timedelta(hours=-2), timedelta(hours=2), timedelta(365)]
)
def test_a_clock_that_was_set_deletes_nothing(off: timedelta) -> None:
    assert limit_of(NOON + off, 90, wall=NOON, born=_LONG_AGO) is None


def test_nothing_goes_before_the_database_is_as_old_as_the_retention() -> None:
    # What was received under `serve --at 2013-10-22` seems that old when the clock is true again.
    assert limit_of(NOON, 90, wall=NOON, born=None) is None
    assert limit_of(NOON, 90, wall=NOON, born=NOON - timedelta(days=90)) is None
    assert limit_of(NOON, 90, wall=NOON, born=NOON - timedelta(days=91)) is not None


def test_the_day_of_leaving_is_the_first_on_which_the_limit_has_passed_everything() -> None:
    part = part_for(_TODAY)
    for newest, born in (
        (None, _LONG_AGO),
        (NOON, _LONG_AGO),
        (NOON + timedelta(days=30), _LONG_AGO),
        (NOON, NOON),
    ):
        day = leaves_on(part, newest, 90, born)
        assert day is not None
        for now, due in ((day - timedelta(days=1), False), (day, True)):
            noon = datetime(now.year, now.month, now.day, 12, tzinfo=UTC)
            limit = limit_of(noon, 90, wall=noon, born=born)
            goes = limit is not None and part.ends <= limit and (newest is None or newest < limit)
            assert goes is due, (newest, born, now)
    assert leaves_on(Part("fix_old", None, 0), NOON, 90, None) is None
    assert leaves_on(part, NOON, 1, _LONG_AGO) == date(2026, 7, 24)

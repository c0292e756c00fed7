"""Which days were touched, where the district lies."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.tracking.proving import DAY, MIDNIGHT_MS
from tests.tracking.storing import Deaf
from tracking.batch import Batch
from tracking.fix import Fix
from tracking.lot import lot_of
from tracking.parcel import Parcel
from tracking.source import Source
from tracking.touched import QUARTER_MS, Touched, Van, days_of


@pytest.mark.parametrize(
    ("zone", "off_ms", "day"),
    [
        ("Asia/Shanghai", 0, DAY),
        ("Asia/Shanghai", -1, date(2026, 7, 19)),
        ("UTC", 0, date(2026, 7, 19)),
        ("Asia/Kathmandu", 135 * 60_000 - 1, date(2026, 7, 19)),
        ("Asia/Kathmandu", 135 * 60_000, DAY),
    ],
)
def test_a_days_midnight_is_the_districts(zone: str, off_ms: int, day: date) -> None:
    assert days_of([(MIDNIGHT_MS + off_ms) // QUARTER_MS], ZoneInfo(zone)) == {day}


def test_what_was_touched_is_taken_once_and_may_be_put_back() -> None:
    touched, source = Touched(), Source(1, 2, 3)
    fixes = [(n, Fix(t=MIDNIGHT_MS + n * QUARTER_MS // 2, lon=1, lat=1)) for n in range(4)]
    parcels = [Parcel(Deaf(), source, 1, 0, fixes), Parcel(Deaf(), source, 2, 0)]
    touched.committed(Batch(parcels, lot_of(parcels), 0.0, 0))
    first = MIDNIGHT_MS // QUARTER_MS
    taken = touched.take()
    assert taken == {Van(2, 3): {first, first + 1}}
    assert touched.take() == {}
    touched.put_back(taken)
    touched.put_back({Van(2, 3): {first + 9}})
    assert touched.take() == {Van(2, 3): {first, first + 1, first + 9}}

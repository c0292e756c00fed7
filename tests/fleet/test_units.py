"""Units at the edge."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet import units


@given(st.floats(0, 500))
def test_speeds_come_back(speed: float) -> None:
    assert units.kmh_of_mps(units.mps_of_kmh(speed)) == pytest.approx(speed)


def test_known_speeds() -> None:
    assert units.mps_of_kmh(36) == pytest.approx(10)
    assert units.mps_of_knots(10) == pytest.approx(5.144, abs=1e-3)


@given(st.integers(0, 4_102_444_800_000))
def test_moments_come_back_to_the_millisecond(epoch_ms: int) -> None:
    assert units.ms_of(units.moment_of(epoch_ms)) == epoch_ms


def test_moments_in_any_zone_and_in_none() -> None:
    east8 = timezone(timedelta(hours=8))
    assert units.ms_of(datetime(1970, 1, 1, 8, 0, 1, tzinfo=east8)) == 1000
    assert units.moment_of(1000) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        units.ms_of(datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None))

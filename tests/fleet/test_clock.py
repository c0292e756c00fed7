from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.clock import Clock
from fleet.errors import InvalidInput

EPOCHS = st.integers(946_684_800, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC))
RATES = st.floats(1e-4, 1000)


@given(EPOCHS, st.floats(0, 4e9), RATES)
def test_a_clock_survives_being_passed_on(epoch: datetime, wall: float, rate: float) -> None:
    clock = Clock(epoch, wall, rate)
    assert Clock.parse(str(clock)) == clock


@given(EPOCHS, RATES, st.floats(0, 86_400))
def test_domain_time_runs_at_the_rate(epoch: datetime, rate: float, seconds: float) -> None:
    clock = Clock(epoch, 1_000_000.0, rate)
    gone = clock.at(1_000_000.0 + seconds) - epoch
    assert abs(gone.total_seconds() - seconds * rate) < 1e-3 * max(1.0, rate)


def test_an_opening_shows_its_epoch_and_goes_on() -> None:
    epoch = datetime(2026, 7, 20, 0, 30, tzinfo=UTC)
    clock = Clock.opening(epoch, 10)
    assert epoch <= clock.now() < epoch + timedelta(minutes=5)
    assert clock.wall_seconds(60) == 6


@pytest.mark.parametrize(
    "text", ["soon", "2026-07-20T08:30:00@1@1", "2026-07-20T08:30:00+08:00@1@0", "@@", "a@b@c"]
)
def test_a_clock_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        Clock.parse(text)

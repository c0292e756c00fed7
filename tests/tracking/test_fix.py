"""What is refused, what is flagged, and what makes a fix itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.fix import (
    Fix,
    digest_of,
    refusal,
    say_time,
)

NOW = 1_784_692_800_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (Fix(NOW, 181, 0), "181"),
        (Fix(NOW, 0, -90.5), "-90.5"),
        (Fix(NOW, math.nan, 0), "nan"),
        (Fix(NOW, 0, math.inf), "inf"),
        (Fix(946_684_799_999, 1, 1), "1999-12-31"),
        (Fix(NOW + 24 * HOUR + 1, 1, 1), "2026-07-23"),
        (Fix(10**30, 1, 1), "1" + "0" * 30),
        (Fix(NOW, 1, 1, speed_mps=-1), "speed_mps -1"),
        (Fix(NOW, 1, 1, battery=80), "battery 80"),
        (Fix(NOW, 1, 1, heading_deg=math.nan), "heading_deg nan"),
    ],
)
def test_impossible_values_are_refused_by_name_and_value(fix: Fix, said: str) -> None:
    assert said in (refusal(fix, NOW) or "")


def test_the_limits_themselves_are_kept() -> None:
    assert refusal(Fix(946_684_800_000, -180, 90, speed_mps=0, heading_deg=360, battery=1), NOW) is None
    assert refusal(Fix(NOW + 24 * HOUR, 180, -90), NOW) is None


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90), speed=st.none() | st.floats(0, 150), t=st.integers())
def test_a_digest_is_64_signed_bits_and_knows_place_and_speed_alone(
    lon: float, lat: float, speed: float | None, t: int
) -> None:
    digest = digest_of(Fix(t, lon, lat, speed))
    assert -(2**63) <= digest < 2**63
    assert digest == digest_of(Fix(t + 1, lon, lat, speed, heading_deg=3.0, battery=0.5))


def test_a_digest_is_the_same_for_ever() -> None:
    assert digest_of(Fix(NOW, 113.806847, 22.623249, 7.5)) == 5736247388986954045
    assert digest_of(Fix(NOW, 113.80684700000001, 22.623249, 7.5)) == 5736247388986954045
    assert digest_of(Fix(NOW, 113.806847, 22.623249, 0.0)) != digest_of(Fix(NOW, 113.806847, 22.623249))


def test_a_time_is_said_for_people() -> None:
    assert say_time(0) == "1970-01-01 00:00:00Z"
    assert say_time(-(10**20)) == str(-(10**20))

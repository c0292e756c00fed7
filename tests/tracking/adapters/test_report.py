"""The fields of a report, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.units import moment_of, ms_of
from tracking.adapters.report import Fields, Report, rejected
from tracking.event import Event
from tracking.fix import Fix

NOW = 1_784_692_800_000


@pytest.mark.parametrize("text", ["12", " 12.0 ", "+12", "1.2e1", "12.", ".12E2"])
def test_a_number_is_read_as_it_is_commonly_written(text: str) -> None:
    assert Fields({"x": text}).number("x") == 12


@pytest.mark.parametrize("value", ["1_2", "1,2", "inf", "NaN", "0x1", "١٢", True, [], {}, "1e999", 10**400])
def test_what_is_no_number_is_named(value: object) -> None:
    fields = Fields({"x": value})
    assert fields.number("x") is None
    assert "is not a number" in fields.why and fields.why.startswith("x ") and len(fields.why) < 100


def test_the_first_name_that_says_something_counts_and_the_first_mistake_is_kept() -> None:
    fields = Fields({"a": "", "b": None, "c": 3, "d": "?", "e": "!"})
    assert fields.number("a", "b", "c") == 3
    assert fields.number("a", "nowhere") is None and fields.why == ""
    assert fields.number("d") is None and fields.time_ms("e") is None
    assert fields.why == "d '?' is not a number"
    assert fields.text("c") == "" and fields.inner("c") == {}


_moments = st.integers(946_684_800_000, 4_102_444_800_000).map(lambda t: moment_of(t).replace(tzinfo=None))


@given(_moments, st.integers(-14, 14), st.sampled_from("T "))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, hours: int, between: str) -> None:
    told = moment.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat(between)
    assert Fields({"t": told}).time_ms("t") == ms_of(datetime.fromisoformat(told))
    assert Fields({"t": moment.isoformat(between)}).time_ms("t") == ms_of(moment.replace(tzinfo=UTC))


@given(st.integers(100_000_000_000, 10**14))
def test_milliseconds_are_exact(t: int) -> None:
    assert Fields({"t": t}).time_ms("t") == Fields({"t": str(t)}).time_ms("t") == t
    assert Fields({"t": t // 1000}).time_ms("t") == (t // 1000) * 1000 or t // 1000 >= 1e11


def test_a_fix_or_a_sentence() -> None:
    assert Report(None, 1.0, 2.0).fix(NOW) == Fix(NOW, 1.0, 2.0)
    assert Report(1, 1.0, 2.0, why="x is wrong").fix(NOW) == "x is wrong"
    assert "before the year 2000" in str(Report(1, 1.0, 2.0).fix(NOW))


@given(
    st.none() | st.integers(-(2**60), 2**60), st.none() | st.floats(allow_nan=False), st.none() | st.floats()
)
def test_an_alarm_is_never_refused_for_its_time_or_place(
    t: int | None, lon: float | None, lat: float | None
) -> None:
    event = Report(t, lon, lat, alarm="lowBattery,SOS").event(7, NOW)
    assert isinstance(event, Event) and event.kind == "sos"


def test_a_refusal_holds_no_zero_character() -> None:
    refused = rejected(3, "a\0b" * 200, b"raw\0")
    assert (refused.n, len(refused.why), refused.raw) == (3, 200, b"raw\0")
    assert "\0" not in refused.why

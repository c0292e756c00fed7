"""OwnTracks: units, what is ignored, what is refused, and that nothing makes it raise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.adapters.cases import CASES, needs_cases, requests_of
from tracking.adapters import owntracks
from tracking.fix import Fix
from tracking.protocol import Received

NOW = 1_784_692_800_000
T = NOW - 60_000
RECORDED = CASES.parent / "owntracks_demo-iphone.rec"


def _judged(body: bytes) -> Received:
    (received,) = owntracks.received(body, NOW)
    assert received.n == 1 and received.event is None
    return received


def _message(**fields: object) -> bytes:
    return json.dumps({"_type": "location", "tst": T // 1000, "lat": 36.45, "lon": 115.98, **fields}).encode()


def _fix(body: bytes) -> Fix:
    received = _judged(body)
    assert received.refused == ()
    ((_, fix),) = received.fixes
    return fix


# What the captured messages say, in the file's order.
_CAPTURED = (
    Fix(1_551_874_878_000, 11.1512805, 46.0681247, 0, None, 440, 15, battery=0.46),
    Fix(1_497_349_316_000, 2.29513, 48.85833),
    Fix(1_497_349_316_000, 2.29513, 48.85833, 61 / 3.6, 271, 167, 5, battery=0.67),
    Fix(1_497_476_456_000, 2.295, 48.85),
    Fix(1_736_161_169_000, -122, 37, None, None, 0, 5),
    Fix(1_736_519_167_000, 13.654704, 47.420051, 0, 113, 1113, 10),
)


@needs_cases
def test_every_captured_message_yields_its_values() -> None:
    assert tuple(_fix(sent.body) for sent in requests_of("OwnTracks")) == _CAPTURED


@pytest.mark.skipif(not RECORDED.exists(), reason="the shared data folder is not beside the project")
def test_a_recorded_journey_is_read_to_its_end() -> None:
    lines = [line.split("\t")[-1] for line in Path(RECORDED).read_text().splitlines()]
    messages = [json.loads(line) for line in lines]
    found = [_judged(line.encode()) for line in lines]
    assert [bool(received.fixes) for received in found] == [m["_type"] == "location" for m in messages]
    assert not any(received.refused for received in found)
    assert {fix.t // 1000 for received in found for _, fix in received.fixes} == {
        m["tst"] for m in messages if m["_type"] == "location"
    }


def test_units_are_turned_and_negative_is_unknown() -> None:
    told = _message(vel=36, cog=90, acc=5, alt=-3, batt=87, tid="JJ", t="u", vac=2, created_at=1, m=1)
    assert _fix(told) == Fix(T, 115.98, 36.45, 10, 90, -3, 5, battery=0.87)
    assert _fix(_message(vel=-1, cog=-1, acc=-1, batt=-1)) == Fix(T, 115.98, 36.45)
    assert _fix(_message(tst=None)).t == NOW


@pytest.mark.parametrize(
    "body", [b"", b" \n", b'{"_type": "lwt", "tst": 1}', b'{"_type": "waypoint", "lat": 400}']
)
def test_what_is_no_location_is_ignored(body: bytes) -> None:
    assert _judged(body) == Received(1)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b"\xff", "JSON"),
        (b"[]", "_type"),
        (b'{"lat": 1}', "_type"),
        (b'{"_type": "encrypted", "data": "x"}', "encrypted"),
        (_message(lat=91), "lat 91"),
        (_message(lat="x\0"), "lat 'x"),
        (_message(lon=None), "longitude"),
        (_message(tst="soon"), "tst 'soon'"),
        (_message(tst=1), "before the year 2000"),
        (_message(tst=NOW * 2), "in the future"),
        (_message(batt=101), "battery 1.01"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_with_the_value(body: bytes, word: str) -> None:
    received = _judged(body)
    assert received.fixes == ()
    (refused,) = received.refused
    assert word in refused.why and "\0" not in refused.why
    assert refused.raw == body


_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_fields = st.dictionaries(st.sampled_from(["tst", "lat", "lon", "vel", "cog", "alt", "acc", "batt"]), _values)


@given(st.binary() | _values.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_is_sent_makes_it_raise(body: bytes) -> None:
    _judged(body)


@given(_fields)
def test_a_location_of_any_fields_is_a_fix_or_refused(fields: dict[str, object]) -> None:
    received = _judged(json.dumps({**fields, "_type": "location"}).encode())
    assert len(received.fixes) + len(received.refused) == 1


@given(
    st.integers(946_684_800, NOW // 1000), st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 500),
    st.integers(0, 100),
)  # fmt: skip
def test_what_an_app_writes_is_what_is_read(
    t: int, lon: float, lat: float, speed_kmh: float, percent: int
) -> None:
    found = _fix(_message(tst=t, lon=lon, lat=lat, vel=speed_kmh, batt=percent))
    assert found == Fix(t * 1000, lon, lat, speed_kmh / 3.6, battery=percent / 100)

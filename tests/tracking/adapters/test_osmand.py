"""OsmAnd: the spellings, the units, what is refused, and that nothing makes it raise."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.units import ms_of
from tests.tracking.adapters.cases import needs_cases, requests_of
from tracking.adapters import osmand
from tracking.fix import Fix
from tracking.protocol import MOST_FIXES, Received

NOW = 1_784_692_800_000
T = NOW - 60_000
SECRET = "k7m2-9qxr-3v5t-w8yz-b4cd-fghj-n6pa"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def _ms(text: str) -> int:
    return ms_of(datetime.fromisoformat(text))


def _judged(query: str = "", body: bytes = b"", media_type: str = JSON) -> list[Received]:
    return osmand.received(osmand.read(query, media_type, body), 7, NOW)


def _fix(query: str = "", body: bytes = b"", media_type: str = JSON) -> Fix:
    (received,) = _judged(query, body, media_type)
    assert received.refused == () and received.event is None
    ((index, fix),) = received.fixes
    assert (received.n, index) == (1, 0)
    return fix


def _why(query: str = "", body: bytes = b"", media_type: str = JSON) -> str:
    (received,) = _judged(query, body, media_type)
    assert received.fixes == ()
    (refused,) = received.refused
    assert (refused.n, refused.index) == (1, None)
    return refused.why


def _query(**fields: object) -> str:
    return urlencode({"id": SECRET, "timestamp": T // 1000, "lat": 36.45, "lon": 115.98, **fields})


def _nested(**changes: Any) -> dict[str, Any]:
    coords = {
        "latitude": 36.45, "longitude": 115.98, "accuracy": 5, "speed": 0, "heading": -1, "altitude": 5,
        **changes.pop("coords", {}),
    }  # fmt: skip
    return {"timestamp": "2026-07-22T03:59:00.000Z", "coords": coords, "event": "motionchange", **changes}


def _body(location: object, **beside: object) -> bytes:
    return json.dumps({"location": location, "device_id": SECRET, **beside}).encode()


# What the captured requests say, in the file's order: who, and the fix; None where they tell no place.
_CAPTURED: tuple[tuple[str, Fix | None], ...] = (
    ("48241179", Fix(_ms("2025-06-15T13:45:12.862Z"), -122.084, 37.4219983, 0, None, 5, 5, battery=1)),
    ("48241179", Fix(_ms("2025-06-15T13:45:12.862Z"), -122.084, 37.4219983, 0, None, 5, 5, battery=1)),
    ("658765", Fix(_ms("2025-05-09T04:11:30.579Z"), -122.406417, 37.785834, None, None, 0, 5)),
    (
        "8737767034",
        Fix(_ms("2021-07-21T08:06:34.444Z"), 106.6837015, -6.1148096, 18.67, 63, 35.7, 3.8, battery=0.79),
    ),
    ("123456", None),
    ("", Fix(1_377_177_267_000, 30, 60)),
    ("902064", Fix(_ms("2016-01-27T18:55:47Z"), -88.23412, 42.06288, 0, None, 224, hdop=6)),
    ("902064", Fix(1_442_068_686_579, -88.23412, 42.06288, 0, None, 224, hdop=6)),
    ("353861053849681", Fix(_ms("2014-06-04T09:10:11Z"), 6.15788, 49.60688, 0, None, 384.7)),
    ("123456", Fix(1_377_177_267_000, 30, 60, 0, 0, 0, hdop=0)),
    ("123456", Fix(1_377_177_267_000, 30, 60)),
    ("123456", Fix(NOW, 30, 60, 0, 0, 0)),
    ("861001000719969", Fix(NOW, -0.883333, 41.666667, 0, None, 350.059479, battery=0.87)),
    ("123456", Fix(1_377_177_267_000, 30, 60)),
    (
        "123456789012345",
        Fix(1_504_763_810_000, -74.0061408571, 40.7232948571, 40 * 1852 / 3600, 7.19889788244),
    ),
)


@needs_cases
def test_every_captured_request_yields_its_values() -> None:
    captured = requests_of("OsmAnd")
    assert len(captured) == len(_CAPTURED) == 15
    for sent, (identifier, wanted) in zip(captured, _CAPTURED, strict=True):
        request = osmand.read(sent.query, sent.media_type, sent.body)
        assert request.identifier == identifier
        (received,) = osmand.received(request, 7, NOW)
        assert received.event is None and received.refused == ()
        assert received.fixes == (((0, wanted),) if wanted else ())


@pytest.mark.parametrize(
    "time",
    [
        T,
        T // 1000,
        f"{T / 1000:.3f}",
        "1784692.740e3",
        "2026-07-22 03:59:00",
        "2026-07-22T03:59:00Z",
        "2026-07-22T03:59:00.000",
        "2026-07-22T11:59:00+08:00",
    ],
)
def test_a_time_has_many_spellings(time: object) -> None:
    assert _fix(_query(timestamp=time)).t == T
    assert _fix(body=_body(_nested(timestamp=time))).t == T


def test_a_zone_whose_plus_was_not_escaped_is_understood() -> None:
    assert _fix("id=x&lat=1&lon=2&timestamp=2026-07-22T11:59:00+08:00").t == T


@pytest.mark.parametrize("name", ["id", "deviceid", "device_id"])
def test_the_identifier_has_many_names(name: str) -> None:
    told = f"{name}={SECRET}&lat=1&lon=2"
    assert osmand.read(told, "", b"").identifier == SECRET
    assert osmand.read("", FORM, told.encode()).identifier == SECRET
    assert osmand.read("", "", told.encode()).identifier == SECRET, "some trackers name no media type"
    assert osmand.read("", JSON, json.dumps({name: SECRET}).encode()).identifier == SECRET
    assert osmand.read(f"{name}={SECRET}", JSON, b"{garbage").identifier == SECRET


def test_query_form_and_flat_json_say_the_same() -> None:
    wanted = Fix(T, 115.98, 36.45, 5.144444444444445, 90, 12, 5, 1.5, None, 0.87)
    told = _query(speed=10, bearing=90, altitude=12, accuracy=5, hdop=1.5, batt=87, charge="true", x="y")
    assert _fix(told) == wanted
    assert _fix("", told.encode(), FORM) == wanted
    fields = dict(pair.split("=") for pair in told.split("&"))
    assert _fix("", json.dumps(fields).encode()) == wanted
    assert _fix(_query(location="36.45,115.98", lat="", lon="", heading=90)).heading_deg == 90


def test_a_negative_number_is_an_unknown_one_but_a_height() -> None:
    wanted = Fix(T, 115.98, 36.45, altitude_m=-3)
    assert _fix(_query(speed=-1, bearing=-1, altitude=-3, accuracy=-1, hdop=-1, batt=-1)) == wanted
    unknown = {"speed": -1, "heading": -1, "altitude": -3, "accuracy": -1}
    assert _fix(body=_body(_nested(coords=unknown, battery={"level": -1}))) == wanted


@pytest.mark.parametrize(("batt", "battery"), [("87", 0.87), ("100", 1), ("0.5", 0.5), ("0", 0), ("1", 0.01)])
def test_a_battery_is_told_in_percent_or_as_a_fraction(batt: str, battery: float) -> None:
    assert _fix(_query(batt=batt)).battery == battery


def test_a_list_of_locations_is_one_message() -> None:
    locations = [_nested(coords={"latitude": lat}) for lat in (36.1, 400, 36.3)]
    (received,) = _judged(body=_body(locations))
    assert [(index, fix.lat) for index, fix in received.fixes] == [(0, 36.1), (2, 36.3)]
    assert ["400" in refused.why for refused in received.refused] == [True]
    assert str(MOST_FIXES) in _why(body=_body([_nested()] * (MOST_FIXES + 1)))


@pytest.mark.parametrize(
    ("query", "body", "word"),
    [
        (_query(lat="north"), b"", "lat 'north'"),
        (_query(lat="nan"), b"", "lat 'nan'"),
        (_query(lon=181), b"", "lon 181"),
        (_query(lon=""), b"", "longitude"),
        (_query(location="36.45"), b"", "location '36.45'"),
        (_query(timestamp="soon"), b"", "timestamp 'soon'"),
        (_query(timestamp="2026-07-22"), b"", "timestamp '2026-07-22'"),
        (_query(timestamp="1e300"), b"", "timestamp '1e300'"),
        (_query(timestamp=86_400), b"", "before the year 2000"),
        (_query(timestamp=(NOW + 90_000_000) // 1000), b"", "in the future"),
        (_query(valid="false"), b"", "not valid"),
        (_query(speed=1000), b"", "speed_mps"),
        (_query(batt=120), b"", "battery 1.2"),
        (f"id={SECRET}", b"", "longitude"),
        (f"id={SECRET}", b'{"location": ', "JSON"),
        (f"id={SECRET}", b"[1]", "JSON object"),
        (f"id={SECRET}", _body([1]), "list"),
        ("", _body({"coords": {"latitude": True, "longitude": 1}}), "latitude True"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_with_the_value(query: str, body: bytes, word: str) -> None:
    assert word in _why(query, body)


def test_an_alarm_is_an_event_and_the_same_however_often_it_is_sent() -> None:
    first, again = (_judged(_query(alarm="sos"))[0].event for _ in range(2))
    assert first is not None and first == again
    assert (first.kind, first.t, first.lon, first.lat) == ("sos", T, 115.98, 36.45)
    assert _judged(_query(alarm="sos"))[0].fixes, "its place is a fix as well"
    others = [_query(alarm="lowBattery"), _query(alarm="sos", timestamp=T // 1000 + 1)]
    events = [received.event for other in others for received in _judged(other)]
    assert [event and event.kind for event in events] == ["alarm", "sos"]
    assert events[0] and events[0].alarm == "lowBattery"
    assert len({first.id, *(event.id for event in events if event)}) == 3
    elsewhere = osmand.received(osmand.read(_query(alarm="sos"), "", b""), 8, NOW)[0].event
    assert elsewhere and elsewhere.id != first.id


@pytest.mark.parametrize(
    "body",
    [
        _body(_nested(alarm="sos")),
        _body(_nested(extras={"alarm": "sos"})),
        _body(_nested(event="sos")),
        _body(_nested(), alarm="sos"),
    ],
)
def test_the_app_may_tell_an_alarm_in_many_places(body: bytes) -> None:
    event = _judged(body=body)[0].event
    assert event and event.kind == "sos"
    assert _judged(body=_body(_nested(event="heartbeat")))[0].event is None


def test_a_call_for_help_is_not_lost_to_a_wrong_clock_or_a_lost_place() -> None:
    (received,) = _judged(_query(alarm="sos", timestamp=86_400))
    assert received.event and (received.event.t, received.event.lon) == (NOW, 115.98)
    assert "2000" in received.refused[0].why
    again = _judged(_query(alarm="sos", timestamp=86_400))[0].event
    assert again and again.id == received.event.id
    (received,) = _judged(_query(alarm="sos", lat=400))
    assert received.event and (received.event.t, received.event.lon, received.event.lat) == (T, None, None)
    (received,) = _judged(f"id={SECRET}&alarm=sos")
    assert received.event and received.refused == ()


def test_each_alarm_of_a_list_is_an_event() -> None:
    locations = [_nested(timestamp=f"2026-07-22T03:5{k}:00Z", alarm="sos") for k in range(3)]
    found = _judged(body=_body(locations))
    assert [received.n for received in found] == [1, 2, 3]
    assert len({received.event.id for received in found if received.event}) == 3


def test_the_secret_is_in_nothing_that_is_handed_on() -> None:
    hidden = {"_": f"&id={SECRET.upper()}&lat=400&"}
    bodies = [_body({**_nested(coords={"latitude": 400}), **hidden}), _body([1])]
    found = [received for body in bodies for received in _judged(f"id={SECRET}", body)]
    found += _judged(f"id={SECRET}", f'{{"location": "{SECRET.replace("-", "")}'.encode())
    found += _judged(_query(lat=SECRET, alarm=SECRET))
    refused = [each for received in found for each in received.refused]
    assert len(refused) == 4
    for each in refused:
        told = f"{each.why} {each.raw!r}".lower().replace("-", "")
        assert SECRET.replace("-", "") not in told and "***" in f"{each.why} {each.raw!r}"


_numbers = st.floats(-180, 180).map(lambda x: round(x, 7))
_keys = st.sampled_from(
    ["id", "device_id", "timestamp", "lat", "lon", "location", "coords", "latitude", "longitude", "speed",
     "heading", "alarm", "event", "battery", "level", "extras", "valid", "batt", "cell"]
)  # fmt: skip
_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)
_flat_fields = st.dictionaries(_keys, st.text(max_size=12) | st.integers() | st.floats(), max_size=8)


@given(st.text() | _flat_fields.map(urlencode), st.text(max_size=30), st.binary() | _values.map(json.dumps))
def test_nothing_that_is_sent_makes_it_raise(query: str, media_type: str, body: bytes | str) -> None:
    sent = body if isinstance(body, bytes) else body.encode("utf-8", "replace")
    found = _judged(query, sent, media_type)
    assert [received.n for received in found] == list(range(1, len(found) + 1))


@given(st.dictionaries(_keys, _values, max_size=6), _values)
def test_no_json_makes_it_raise(fields: dict[str, object], location: object) -> None:
    for told in (fields, {"location": location}, {"location": [fields, {"coords": fields}]}):
        assert _judged(body=json.dumps(told).encode())


@given(
    t=st.integers(946_684_800, NOW // 1000), lon=_numbers, lat=_numbers.map(lambda x: x / 2),
    speed_kn=st.floats(0, 250), heading=st.floats(0, 360), accuracy=st.floats(0, 1e5),
)  # fmt: skip
def test_what_a_client_writes_is_what_is_read(
    t: int, lon: float, lat: float, speed_kn: float, heading: float, accuracy: float
) -> None:
    flat = {
        "timestamp": t,
        "lat": lat,
        "lon": lon,
        "speed": speed_kn,
        "bearing": heading,
        "accuracy": accuracy,
    }
    wanted = Fix(t * 1000, lon, lat, speed_kn * 1852 / 3600, heading, None, accuracy)
    assert _fix(urlencode(flat)) == wanted
    assert _fix("&".join(f"{quote(k)}={quote(str(v))}" for k, v in flat.items())) == wanted
    coords = {"latitude": lat, "longitude": lon, "speed": wanted.speed_mps, "heading": heading}
    location = {
        "timestamp": datetime.fromtimestamp(t, UTC).isoformat(), "coords": {**coords, "accuracy": accuracy}
    }  # fmt: skip
    assert _fix(body=_body(location)) == wanted

"""Bodies: the golden frames, a terminal's encoder and ours against each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.device import Place, authentication, batch, registration
from tracking.adapters import jt808_items
from tracking.adapters.jt808_body import (
    LONGEST_TEXT,
    Registration,
    Report,
    Result,
    TerminalReply,
    platform_reply,
    read_authentication,
    read_batch,
    read_registration,
    read_report,
    read_terminal_reply,
    text,
)
from tracking.adapters.jt808_frame import Frame, read_frame

LOCATION = (
    "7e020000340551231425560568000000000400000201618a9706c320e100410000002722060816261501040000015d30"
    "0115310105eb0a000300e164000300e301957e"
)
LOCATION_SOUTH = (
    "7e0200002c00160128561400030000000000040007005de13c065c6cdb00160000000017011710054201040000a9002a"
    "02000030011b310104e47e"
)
BATCH_2019 = (
    "7e0704402d0100000866496077582164881d0001000028000000000000000701a00192091f2a47001600000002260509"
    "16422701040000258230010031010e507e"
)
REGISTER = (
    "7e0100002d0141305678720024002c012f373031313142534a2d41362d42440000000000000000000000303536373837"
    "3201d4c14238383838386d7e"
)
AUTHENTICATE = "7E0102000E013511221122000661757468656E7469636174696F6E3F7E"
HEARTBEAT = "7e0002000004304832546500b7ca7e"


def opened(data: str) -> Frame:
    """A frame of hex, flags and all."""
    found = read_frame(bytes.fromhex(data)[1:-1])
    assert isinstance(found, Frame) and found.whole
    return found


def _ms(year: int, month: int, day: int, *time: int) -> int:
    hour, minute, second = (*time, 0, 0, 0)[:3]
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() * 1000)


def test_a_location() -> None:
    frame = opened(LOCATION)
    assert (frame.header.number, frame.header.serial) == ("55123142556", 1384)
    report = read_report(frame.body)
    assert isinstance(report, Report) and report.is_fixed
    fix = report.fix()
    assert (fix.lat, fix.lon, fix.altitude_m, fix.speed_mps, fix.heading_deg) == (
        23.169687,
        113.451233,
        65,
        0,
        39,
    )
    assert fix.t == _ms(2022, 6, 8, 8, 26, 15)
    assert (fix.satellites, fix.battery) == (5, 1.0)
    assert (report.alarm, report.status & 1) == (0, 0)
    assert jt808_items.odometer_m_of(report.items) == 34_900


def test_a_location_in_the_south() -> None:
    report = read_report(opened(LOCATION_SOUTH).body)
    assert isinstance(report, Report)
    assert (report.lat, report.lon, report.altitude_m) == (-6.152508, 106.720475, 22)
    assert (report.t, report.status & 1) == (_ms(2017, 1, 17, 2, 5, 42), 1)


def test_a_batch_with_the_header_of_2019() -> None:
    frame = opened(BATCH_2019)
    header = frame.header
    assert (header.phone.hex(), header.number) == ("00000866496077582164", "866496077582164")
    assert (header.serial, header.is_2019, header.version) == (34845, True, 1)
    bodies = read_batch(frame.body)
    assert isinstance(bodies, tuple) and len(bodies) == 1
    report = read_report(bodies[0])
    assert isinstance(report, Report)
    fix = report.fix()
    assert (fix.lat, fix.lon, fix.altitude_m, fix.heading_deg) == (-27.263378, 153.037383, 22, 2)
    assert (fix.t, fix.satellites) == (_ms(2026, 5, 9, 8, 42, 27), 14)
    assert jt808_items.odometer_m_of(report.items) == 960_200


def test_a_registration_an_authentication_and_a_heartbeat() -> None:
    said = read_registration(opened(REGISTER).body, is_2019=False)
    assert said == Registration(44, 303, "70111", "BSJ-A6-BD", "0567872", 1, "粤B88888")
    assert read_authentication(opened(AUTHENTICATE).body, is_2019=False) == "authentication"
    assert opened(HEARTBEAT).body == b""
    assert opened(HEARTBEAT).header.message_id == 0x0002


_PLACES = st.builds(
    Place,
    t_ms=st.integers(_ms(2000, 1, 1), _ms(2099, 12, 1)).map(lambda t: t // 1000 * 1000),
    lon=st.integers(-180_000_000, 180_000_000),
    lat=st.integers(-90_000_000, 90_000_000),
    alarm=st.integers(0, 2**32 - 1),
    status=st.integers(0, 2**32 - 1).map(lambda status: status & ~0xC),
    altitude_m=st.integers(-32_768, 32_767),
    speed=st.integers(0, 0xFFFF),
    course=st.integers(0, 0xFFFF),
    items=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=9)), max_size=4),
)


@given(_PLACES)
def test_a_location_comes_back(place: Place) -> None:
    report = read_report(place.body())
    assert isinstance(report, Report)
    assert (round(report.lon * 1e6), round(report.lat * 1e6)) == (place.lon, place.lat)
    assert (report.t, report.alarm, report.altitude_m) == (place.t_ms, place.alarm, place.altitude_m)
    assert round(report.speed_mps * 36) == place.speed
    assert (report.heading_deg, list(report.items)) == (place.course, place.items)
    assert report.is_fixed == bool(place.status & 2)


@given(st.lists(_PLACES, min_size=1, max_size=6), st.integers(0, 1))
def test_a_batch_comes_back_whole_or_not_at_all(places: list[Place], kind: int) -> None:
    bodies = [place.body() for place in places]
    wire = batch(bodies, kind)
    assert read_batch(wire) == tuple(bodies)
    assert isinstance(read_batch(wire[:-1]), str)
    assert isinstance(read_batch(wire + b"\0"), str)
    assert isinstance(read_batch(b"\0\xff" + wire[2:]), str)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_make_it_raise(body: bytes, is_2019: bool) -> None:
    read_report(body)
    read_batch(body)
    read_registration(body, is_2019=is_2019)
    read_authentication(body, is_2019=is_2019)
    read_terminal_reply(body)


@pytest.mark.parametrize(
    "bcd", ["000000000000", "260230120000", "261301120000", "260101240000", "260101126000", "26010112003a"]
)
def test_a_time_that_is_no_date_is_refused_with_what_was_sent(bcd: str) -> None:
    good = Place(_ms(2026, 7, 1), 116_000_000, 36_000_000).body()
    why = read_report(good[:22] + bytes.fromhex(bcd) + good[28:])
    assert isinstance(why, str) and bcd in why


@pytest.mark.parametrize("is_2019", [False, True])
def test_registration_and_code_come_back_in_either_edition(is_2019: bool) -> None:
    said = read_registration(registration("鲁P12345", is_2019=is_2019), is_2019=is_2019)
    assert said == Registration(37, 1500, "70111", "CV-1", "0000001", 1, "鲁P12345")
    assert read_authentication(authentication("abcDEF-_12", is_2019=is_2019), is_2019=is_2019) == "abcDEF-_12"
    assert isinstance(read_registration(bytes(24), is_2019=is_2019), str)
    assert read_authentication(b"", is_2019=is_2019) is None
    assert read_authentication("鉴权".encode("gbk"), is_2019=False) is None
    assert read_authentication(b"\x09abc", is_2019=True) is None


def test_a_registration_of_2011_has_a_shorter_model() -> None:
    body = b"\0\x2c\x01\x2f70111BSJ-M7B 0000000\x01" + "粤B88888".encode("gbk")
    said = read_registration(body, is_2019=False)
    assert said == Registration(44, 303, "70111", "BSJ-M7B", "0000000", 1, "粤B88888")


def test_replies() -> None:
    assert platform_reply(0x1234, 0x0200, Result.UNSUPPORTED) == bytes.fromhex("1234020003")
    assert read_terminal_reply(bytes.fromhex("0007830001")) == TerminalReply(7, 0x8300, 1)
    assert isinstance(read_terminal_reply(b"1234"), str)


def test_a_text_is_gbk_and_says_how_urgent_it_is() -> None:
    plain = text("老人🙂等", urgent=False, is_2019=False)
    assert (plain[0], plain[1:].decode("gbk")) == (0b1100, "老人?等")
    assert text("来", urgent=True, is_2019=False)[0] == 0b1101
    newer = text("来", urgent=True, is_2019=True)
    assert (newer[0], newer[1], newer[2:].decode("gbk")) == (0b1110, 1, "来")
    assert text("来", urgent=False, is_2019=True)[0] == 0b1111


@given(st.text(max_size=2000))
def test_a_text_always_fits_and_never_ends_in_half_a_character(words: str) -> None:
    body = text(words, urgent=False, is_2019=True)[2:]
    assert len(body) <= LONGEST_TEXT
    body.decode("gbk")

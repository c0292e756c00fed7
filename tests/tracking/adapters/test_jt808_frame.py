"""Frames: whatever comes, in whatever pieces."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.tracking.device import checksum
from tracking.adapters.jt808_frame import (
    LONGEST_BODY,
    LONGEST_FRAME,
    Broken,
    Frame,
    Garbage,
    Header,
    Reader,
    Splitter,
    escape,
    frame,
    read_frame,
    subpackets,
    unescape,
)

_NASTY = st.sampled_from([0x7D, 0x7E, 0x01, 0x02]) | st.integers(0, 255)
_BYTES = st.lists(_NASTY, max_size=200).map(bytes)
_HEADERS = st.builds(
    Header,
    message_id=st.integers(0, 0xFFFF),
    phone=st.binary(min_size=6, max_size=6),
    serial=st.integers(0, 0xFFFF),
    encryption=st.integers(0, 7),
    part=st.none() | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
) | st.builds(
    Header,
    message_id=st.integers(0, 0xFFFF),
    phone=st.binary(min_size=10, max_size=10),
    serial=st.integers(0, 0xFFFF),
    version=st.integers(0, 255),
    part=st.none() | st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
)


def _pieces(found: list[bytes | Garbage]) -> tuple[list[bytes], int]:
    sizes = [each.size for each in found if isinstance(each, Garbage)]
    return [each for each in found if isinstance(each, bytes) and each], sum(sizes)


def _read(pieces: list[bytes]) -> tuple[list[Frame | Broken], int]:
    reader, found = Reader(), list[Frame | Broken | Garbage]()
    for piece in pieces:
        found += reader.read(piece)
    found += reader.end()
    sizes = [each.size for each in found if isinstance(each, Garbage)]
    return [each for each in found if not isinstance(each, Garbage)], sum(sizes)


@given(_BYTES)
def test_what_was_escaped_comes_back(plain: bytes) -> None:
    wire = escape(plain)
    assert b"\x7e" not in wire
    assert unescape(wire) == plain


@given(_HEADERS, _BYTES)
def test_a_frame_comes_back(header: Header, body: bytes) -> None:
    data = frame(header, body)
    assert (data[:1], data[-1:]) == (b"\x7e", b"\x7e")
    found = read_frame(data[1:-1])
    assert found == Frame(header, body, whole=True, raw=data[1:-1])
    plain = unescape(data[1:-1])
    assert plain is not None and checksum(plain[:-1]) == plain[-1]


@given(st.lists(st.tuples(_HEADERS, _BYTES), max_size=5), _BYTES, st.data())
def test_however_a_stream_is_cut_it_is_the_same(
    messages: list[tuple[Header, bytes]], before: bytes, data: st.DataObject
) -> None:
    stream = before + b"".join(frame(*message) for message in messages)
    pieces, rest = list[bytes](), stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pieces.append(rest[:size])
        rest = rest[size:]
    assert _read(pieces) == _read([stream])


@given(st.binary(min_size=1, max_size=60), st.lists(st.integers(0, 59), min_size=1, max_size=6))
def test_a_device_that_does_not_escape_is_understood(body: bytes, flags: list[int]) -> None:
    header = Header(0x0200, bytes.fromhex("013912345678"), 0x0101)
    told = bytearray(body)
    for at in flags:
        told[at % len(told)] = 0x7E
    plain = unescape(frame(header, bytes(told))[1:-1])
    assume(b"\x7d" not in plain)
    # By chance a part of it may have a right checksum, and so look like a frame.
    pieces = plain.split(b"\x7e")
    parts = [b"\x7e".join(pieces[:i]) for i in range(1, len(pieces))] + pieces[1:]
    assume(all(isinstance(read_frame(each), Broken) for each in parts))
    found, _ = _read([b"\x7e" + plain + b"\x7e"])
    assert found == [Frame(header, bytes(told), whole=True, raw=plain)]


def test_a_7e_in_the_middle_of_a_frame_is_part_of_it() -> None:
    header = Header(0x0200, bytes.fromhex("013912345678"), 0x7E7E)
    body = b"ab\x7e\x7ecd\x7e\x7d\x55\x7e"
    plain = unescape(frame(header, body)[1:-1])
    heartbeat = frame(Header(2, header.phone, 3), b"")
    found, garbage = _read([b"\x7e" + plain + b"\x7e" + heartbeat])
    assert garbage == 0
    assert [each.header for each in found if isinstance(each, Frame)] == [header, Header(2, header.phone, 3)]
    assert isinstance(found[0], Frame) and found[0].body == body


def test_a_broken_frame_is_known_when_the_next_comes_or_at_the_end() -> None:
    header = Header(0x0200, bytes(6), 1)
    broken = frame(header, b"abcdef")[:-3] + b"\x7e"
    heartbeat = frame(Header(2, bytes(6), 3), b"")
    for pieces in ([broken + heartbeat], [broken, heartbeat]):
        first, second = _read(pieces)[0]
        assert isinstance(first, Broken) and isinstance(second, Frame)
    assert Reader().read(broken) == []
    (only,) = _read([broken])[0]
    assert isinstance(only, Broken)


def test_waiting_for_the_rest_of_a_frame_is_bounded() -> None:
    head = b"\x7e\x02\x00\x03\xff" + bytes(9)
    found, _ = _read([head + b"\x7ex" * 300])
    assert len(found) > 250


@given(st.binary(max_size=3000))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    _read([data])
    read_frame(data)


@given(_HEADERS, _BYTES, st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_byte_is_never_taken_for_right(header: Header, body: bytes, at: int, change: int) -> None:
    plain = bytearray(unescape(frame(header, body)[1:-1]) or b"")
    plain[at % len(plain)] ^= change
    found = read_frame(escape(bytes(plain)))
    assert isinstance(found, Broken)
    assert "checksum" in found.why


def test_bytes_outside_frames_are_counted() -> None:
    heartbeat = frame(Header(2, bytes(6), 7), b"")
    found, garbage = _pieces(Splitter().split(b"abc" + heartbeat + heartbeat[1:]))
    assert (len(found), garbage) == (2, 3)
    assert isinstance(read_frame(found[1]), Frame)


def test_what_is_longer_than_any_frame_is_not_held() -> None:
    splitter = Splitter()
    found, garbage = _pieces(splitter.split(b"\x7e" + b"x" * LONGEST_FRAME))
    assert (found, garbage) == ([], 0)
    found, garbage = _pieces(splitter.split(b"xy"))
    assert (found, garbage) == ([], LONGEST_FRAME + 2)
    heartbeat = frame(Header(2, bytes(6), 7), b"")
    assert len(_pieces(splitter.split(b"zz" + heartbeat))[0]) == 1


def test_a_body_that_does_not_fit_is_for_subpackets() -> None:
    header = Header(0x0704, bytes(6), 0xFFFF)
    with pytest.raises(ValueError, match="does not fit"):
        frame(header, bytes(LONGEST_BODY + 1))
    parts = [read_frame(data[1:-1]) for data in subpackets(header, bytes(LONGEST_BODY + 1))]
    assert [(p.header.serial, p.header.part) for p in parts if isinstance(p, Frame)] == [
        (0xFFFF, (1, 2)),
        (0, (2, 2)),
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x00" * 12, "too short"),
        (b"\x00\x00\x40" + b"\x00" * 9 + b"\x40", "header"),
    ],
)
def test_why_a_frame_is_broken(raw: bytes, why: str) -> None:
    found = read_frame(raw)
    assert isinstance(found, Broken)
    assert why in found.why


def test_a_body_of_another_length_than_told_is_not_whole() -> None:
    plain = b"\x00\x02\x00\x05" + bytes(6) + b"\x00\x01" + b"ab"
    found = read_frame(escape(plain + bytes((checksum(plain),))))
    assert isinstance(found, Frame) and not found.whole

"""Every sentence with which something is refused has its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.adapters.jt808_body import read_batch, read_registration, read_report, read_terminal_reply
from tracking.adapters.jt808_frame import Broken, Header, read_frame
from tracking.adapters.jt808_parts import Joiner
from tracking.protocol import Code, Hello, Received, ServerConnection
from tracking.reason import REASONS, known, reason_of

NOW = 1_784_692_800_000
_GOOD = {"t": NOW, "lon": 116.0, "lat": 36.0}
_EVENT = {"id": "01981f6e-5c5a-7d4e-9c3b-2f1de2a4a001", "t": NOW, "kind": "done"}


def why(told: object) -> str:
    """The sentence with which the protocol refuses a message."""
    core = ServerConnection()
    assert isinstance(core.receive('{"hello": {"token": "x"}}', NOW), Hello)
    received = core.receive(told if isinstance(told, str) else json.dumps(told), NOW)
    assert isinstance(received, Received)
    return received.refused[0].why


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("garbage", "unreadable"), ([1], "unreadable"), ({"fix": _GOOD}, "unreadable"),
        ({"n": 1}, "unreadable"), ({"n": 1, "fix": {"t": NOW}}, "unreadable"),
        ({"n": 1, "fix": {**_GOOD, "lon": "x"}}, "unreadable"), ({"n": 1, "have": {"seq": -1}}, "unreadable"),
        ({"n": 1, "fix": {**_GOOD, "lat": 99}}, "place"), ({"n": 1, "fix": {**_GOOD, "lon": 181}}, "place"),
        ({"n": 1, "event": {**_EVENT, "lon": 5}}, "place"),
        ({"n": 1, "fix": {**_GOOD, "t": 0}}, "time"), ({"n": 1, "fix": {**_GOOD, "t": 2 * NOW}}, "time"),
        ({"n": 1, "event": {**_EVENT, "t": 5}}, "time"),
        ({"n": 1, "fix": {**_GOOD, "speed_mps": 900}}, "range"),
        ({"n": 1, "event": {**_EVENT, "cups": -1}}, "range"),
        ({"n": 1, "event": {**_EVENT, "kind": "sing"}}, "event"),
        ({"n": 1, "event": {**_EVENT, "kind": "seen"}}, "event"),
        ({"n": 1, "event": {**_EVENT, "task": "x" * 99}}, "event"),
        ({"n": 1, "event": {**_EVENT, "note": "a\0b"}}, "event"),
        ({"n": 1, "event": {**_EVENT, "blobs": ["x"]}}, "event"),
        ({"n": 1, "fixes": [_GOOD] * 501}, "too_long"),
    ],
)  # fmt: skip
def test_what_the_protocol_says_has_a_reason(told: Any, reason: str) -> None:
    assert reason_of(why(told)) == reason


def test_what_the_database_and_other_protocols_say_has_a_reason() -> None:
    assert reason_of("cannot be stored: value out of range") == "unstorable"
    assert reason_of("checksum is 5d where 4e was due") == "checksum"
    assert reason_of("impossible time 260231240000; send YYMMDDhhmmss in BCD, GMT+8") == "time"
    assert reason_of("timestamp 'noon' is no time; send epoch seconds, or 2026-07-22T04:00:00Z") == "time"
    assert reason_of("the terminal says of its place that it is not valid") == "place"
    assert reason_of("a message of 300 sub-packets is too long; at most 255 are joined") == "too_long"
    for said in (
        "a location of 3 bytes is too short; it has 28 or more",
        "its body is encrypted, which we cannot read; switch encryption off",
        "a batch says it has 3 reports and has 2",
        "a report needs a latitude and a longitude",
        "speed 'fast' is not a number",
        "the message is encrypted; leave the encryption key empty in the app",
        "sub-packet 9 of 3 cannot be",
    ):
        assert reason_of(said) == "unreadable", said


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (read_report(b""), "unreadable"), (read_report(bytes(28)), "time"),
        (read_batch(b"\0\1\0"), "unreadable"),
        (read_batch(b"\0\0\0"), "unreadable"), (read_batch(b"\0\1\0\0\1"), "unreadable"),
        (read_registration(b"", is_2019=True), "unreadable"), (read_terminal_reply(b""), "unreadable"),
        (Joiner().add(Header(1, bytes(6), 1, part=(2, 1)), b"", 0), "unreadable"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_devices_messages_has_a_reason(why: object, reason: str) -> None:
    assert isinstance(why, str) and reason_of(why) == reason


def test_what_is_said_of_a_devices_frames_has_a_reason() -> None:
    frames = {bytes(3): "unreadable", bytes(12) + b"x": "checksum"}
    for raw, reason in frames.items():
        frame = read_frame(raw)
        assert isinstance(frame, Broken) and reason_of(frame.why) == reason


def test_every_way_to_close_a_socket_is_a_reason() -> None:
    assert {code.name.lower() for code in Code} <= REASONS


@given(st.text())
def test_reasons_are_few_whatever_is_said(said: str) -> None:
    assert reason_of(said) in REASONS
    assert known(said) in REASONS

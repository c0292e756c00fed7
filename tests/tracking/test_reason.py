"""Every sentence with which something is refused has its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert reason_of("impossible date 2026-02-31") == "time"


def test_every_way_to_close_a_socket_is_a_reason() -> None:
    assert {code.name.lower() for code in Code} <= REASONS


@given(st.text())
def test_reasons_are_few_whatever_is_said(said: str) -> None:
    assert reason_of(said) in REASONS
    assert known(said) in REASONS

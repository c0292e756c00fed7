"""Signed calls: only the secret's holder is heard, and what they say is read with care."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import Forbidden, InvalidInput
from fleet.sos_webhook import Call, decode_call, secret_of, sign, verify

NOW = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)
SECRET = secret_of(b"k" * 32, 1, 1)


@given(st.binary(max_size=200), st.integers(-299, 299))
def test_a_fresh_signature_is_believed(body: bytes, off_s: int) -> None:
    verify(SECRET, sign(SECRET, body, NOW + timedelta(seconds=off_s)), body, NOW)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_signature_covers_its_body_only(body: bytes, other: bytes) -> None:
    header = sign(SECRET, body, NOW)
    if body != other:
        with pytest.raises(Forbidden, match="does not match"):
            verify(SECRET, header, other, NOW)


@given(st.text(max_size=80))
def test_garbage_is_refused_never_a_crash(header: str) -> None:
    with pytest.raises(Forbidden):
        verify(SECRET, header, b"{}", NOW)


def test_a_signature_grows_old() -> None:
    header = sign(SECRET, b"{}", NOW - timedelta(minutes=6))
    with pytest.raises(Forbidden, match="more than 5 minutes off"):
        verify(SECRET, header, b"{}", NOW)


def test_renewing_makes_the_old_secret_worthless() -> None:
    header = sign(SECRET, b"{}", NOW)
    renewed = secret_of(b"k" * 32, 1, 2)
    with pytest.raises(Forbidden, match="does not match"):
        verify(renewed, header, b"{}", NOW)
    both = f"{header},{sign(renewed, b'{}', NOW).split(',')[1]}"
    verify(renewed, both, b"{}", NOW)


def test_a_call_is_read() -> None:
    assert decode_call('{"key":"a1","recipient":"E001","place":"滨河社区"}'.encode()) == Call(
        "a1", "E001", "滨河社区", None, None
    )
    assert decode_call(b'{"key":"a1","lon":115.9,"lat":36.4}') == Call("a1", None, "", 115.9, 36.4)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[]", "Expected `object`"),
        (b'{"recipient":"E1"}', "key"),
        (b'{"key":"","recipient":"E1"}', "length"),
        (b'{"key":"a"}', "names no place"),
        (b'{"key":"a","lon":1}', "names no place"),
        (b'{"key":"a","lon":181,"lat":0}', "lon"),
        (b'{"key":"a","lon":NaN,"lat":0}', "cannot be read"),
        (b'{"key":"a","lon":1e999,"lat":0}', "cannot be read"),
        (b" " * 70_000, "70000 bytes"),
    ],
)
def test_a_bad_call_gets_a_sentence(body: bytes, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        decode_call(body)

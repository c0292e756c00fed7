"""The short way in says and hears what the stock parser does, whatever comes over the wire."""

from __future__ import annotations

import asyncio
import logging
import random

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tests.tracking.frames import MAX_SIZE, Bench, Heard, frame, pieces, some_bytes
from tracking import fastws
from tracking.fastws import FastWS

_CLOSED_1002, _CLOSED_1007, _CLOSED_1009 = (code.to_bytes(2, "big") for code in (1002, 1007, 1009))


def _heard(kind: type[WebSocketsSansIOProtocol], *chunks: bytes, pause: float = 0.0) -> Heard:
    return asyncio.run(Bench(kind).feed(chunks, pause=pause))


@pytest.fixture(params=[WebSocketsSansIOProtocol, FastWS], ids=["stock", "short"])
def kind(request: pytest.FixtureRequest) -> type[WebSocketsSansIOProtocol]:
    """Each of the two ways: every test here holds for both."""
    found: type[WebSocketsSansIOProtocol] = request.param
    return found


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, MAX_SIZE])
def test_messages_of_every_length_arrive_whole(kind: type[WebSocketsSansIOProtocol], size: int) -> None:
    sent = random.Random(size).randbytes(size)
    assert _heard(kind, frame(sent, 0x82) + frame(b"next")) == Heard((sent, b"next"), b"", False)


def test_a_slow_sender_is_heard_byte_by_byte(kind: type[WebSocketsSansIOProtocol]) -> None:
    sent = frame(b"one") + frame(b"ping", 0x89) + frame("二".encode()) + frame(bytes(300), 0x82)
    heard = _heard(kind, *(bytes((byte,)) for byte in sent))
    assert heard == Heard((b"one", "二".encode(), bytes(300)), b"\x8a\x04ping", False)


def test_fragments_are_joined_in_their_place_with_pings_between(kind: type[WebSocketsSansIOProtocol]) -> None:
    sent = (
        frame(b"before") + frame(b"a", 0x01) + frame(b"p", 0x89) + frame(b"b", 0x00) + frame(b"c", 0x80)
        + frame(b"after")
    )  # fmt: skip
    assert _heard(kind, sent) == Heard((b"before", b"abc", b"after"), b"\x8a\x01p", False)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(b"x", mask=None), _CLOSED_1002),
        (frame(b"x", 0xC1), _CLOSED_1002),
        (frame(b"x", 0x83), _CLOSED_1002),
        (frame(b"x", 0x80), _CLOSED_1002),
        (frame(b"a", 0x01) + frame(b"b", 0x81), _CLOSED_1002),
        (frame(bytes(126), 0x89), _CLOSED_1002),
        (frame(b"\xff\xfe"), _CLOSED_1007),
        (frame(b"\xff", 0x01) + frame(b"\xfe", 0x80), _CLOSED_1007),
        (frame(bytes(MAX_SIZE + 1), 0x82), _CLOSED_1009),
    ],
)
def test_what_breaks_the_rules_closes_with_its_code(
    kind: type[WebSocketsSansIOProtocol], sent: bytes, code: bytes
) -> None:
    heard = _heard(kind, frame(b"good"), sent + frame(b"too late"))
    assert heard.messages == (b"good",)
    assert heard.closed
    assert heard.answered[0] == 0x88
    assert heard.answered[2:4] == code


def test_an_oversize_message_is_refused_at_its_head(kind: type[WebSocketsSansIOProtocol]) -> None:
    heard = _heard(kind, frame(bytes(MAX_SIZE + 1), 0x82)[:20])
    assert heard.answered[2:4] == _CLOSED_1009
    assert heard.closed


def test_a_farewell_is_answered_and_ends_it(kind: type[WebSocketsSansIOProtocol]) -> None:
    heard = _heard(kind, frame(b"last") + frame(b"\x03\xe8", 0x88) + frame(b"too late"))
    assert heard == Heard((b"last",), b"\x88\x02\x03\xe8", True)


def test_a_length_written_the_long_way_is_understood(kind: type[WebSocketsSansIOProtocol]) -> None:
    stock = _heard(WebSocketsSansIOProtocol, frame(b"abc", size=126), frame(b"abc", size=127))
    assert _heard(kind, frame(b"abc", size=126), frame(b"abc", size=127)) == stock


def test_held_messages_wait_in_order_and_none_is_lost() -> None:
    sent = b"".join(frame(b"%d" % n) + (frame(b"p", 0x89) if n % 7 == 0 else b"") for n in range(200))
    heard = _heard(FastWS, sent[:777], sent[777:], pause=0.5)
    assert heard.messages == tuple(b"%d" % n for n in range(200))


@given(st.integers(0, 2**32))
def test_any_bytes_in_any_pieces_mean_the_same_to_both(seed: int) -> None:
    assert difference(seed) is None


def difference(seed: int) -> str | None:
    """How the two ways differ on one random conversation; None where they do not."""
    dice = random.Random(seed)
    chunks = pieces(some_bytes(dice), dice)

    async def both() -> tuple[Heard, Heard]:
        # The stock parser loses good messages that come in one piece with a wrong byte: it is fed bytes.
        one_by_one = [bytes((byte,)) for chunk in chunks for byte in chunk]
        stock = await Bench(WebSocketsSansIOProtocol).feed(one_by_one)
        return stock, await Bench(FastWS).feed(chunks, pause=0.3 * (seed % 2), seed=seed)

    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it logs a trace for each wrong text
    stock, short = asyncio.run(both())
    return None if stock == short else f"seed {seed}: stock {stock}, short {short}"


def test_another_uvicorn_gets_the_stock_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    assert uvicorn.__version__.startswith(fastws.TESTED_WITH), "prove the short way on the new uvicorn first"
    assert fastws.protocol_class(fast=True) is FastWS
    assert fastws.protocol_class(fast=False) is WebSocketsSansIOProtocol
    monkeypatch.setattr(uvicorn, "__version__", "99.0")
    assert fastws.protocol_class(fast=True) is WebSocketsSansIOProtocol

"""A load of terminals that costs little itself: protocol v1 over bare sockets, its frames made by hand."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import uvloop

from tracking.protocol import MAX_UNACKNOWLEDGED

_AT_ONCE = 16
_UPGRADE: Final = (
    b"GET /terminal/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: carevan.v1\r\n\r\n"
)
_FIX: Final = b'{"t":%d,"lon":116.3123456,"lat":39.9123456,"speed_mps":8.3,"heading_deg":90}'


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent.

    Parameters
    ----------
    port : of the gateway on this machine
    tokens : one terminal each
    per_message : fixes in a message
    seconds : how long
    """

    port: int
    tokens: tuple[str, ...]
    per_message: int
    seconds: float


def flood(load: Load) -> tuple[int, float]:
    """Send for a while, then wait for the last ack. Returns fixes acknowledged, and their rate a second."""
    return uvloop.run(_flood(load))


async def _flood(load: Load) -> tuple[int, float]:
    loop = asyncio.get_running_loop()
    began_ms = time.time_ns() // 1_000_000 - 3_600_000
    terminals: list[_Terminal] = []
    for first in range(0, len(load.tokens), _AT_ONCE):
        # A gateway bears only few sockets of one address that have not said hello.
        tokens = load.tokens[first : first + _AT_ONCE]
        some = [_Terminal(token, load.per_message, began_ms) for token in tokens]
        for terminal in some:
            await loop.create_connection(partial(_itself, terminal), "127.0.0.1", load.port)
        await asyncio.gather(*(terminal.welcomed for terminal in some))
        terminals += some
    began = time.perf_counter()
    for terminal in terminals:
        terminal.send_on()
    await asyncio.sleep(load.seconds)
    acked = sum(terminal.acked for terminal in terminals)
    rate = acked * load.per_message / (time.perf_counter() - began)
    await asyncio.gather(*(terminal.finish() for terminal in terminals))
    return sum(terminal.acked for terminal in terminals) * load.per_message, rate


def _itself(terminal: _Terminal) -> _Terminal:
    return terminal


class _Terminal(asyncio.Protocol):
    def __init__(self, token: str, per_message: int, began_ms: int) -> None:
        loop = asyncio.get_running_loop()
        self.welcomed: asyncio.Future[None] = loop.create_future()
        self.settled: asyncio.Future[None] = loop.create_future()
        self.acked = 0
        self._token = token
        self._per_message = per_message
        self._t = began_ms
        self._n = 0
        self._stopping = False
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_UPGRADE)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._upgraded, self._buffer = True, rest
            self._transport.write(_frame(json.dumps({"hello": {"token": self._token}}).encode()))
        while (payload := self._next_payload()) is not None:
            self._heard(payload)

    def send_on(self) -> None:
        """Fill the window."""
        frames = []
        while not self._stopping and self._n - self.acked < MAX_UNACKNOWLEDGED:
            self._n += 1
            frames.append(_frame(self._message()))
        if frames:
            self._transport.write(b"".join(frames))

    async def finish(self) -> None:
        """Send no more, and wait until all is acknowledged."""
        self._stopping = True
        if self.acked < self._n:
            await self.settled
        self._transport.close()

    def _heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"ack":'):
            self.acked = int(payload[7:-1])
            self.send_on()
            if self._stopping and self.acked == self._n and not self.settled.done():
                self.settled.set_result(None)
        elif payload.startswith(b'{"welcome"'):
            self.welcomed.set_result(None)
        else:
            assert payload.startswith(b'{"state"'), payload

    def _message(self) -> bytes:
        fixes = []
        for _ in range(self._per_message):
            self._t += 20
            fixes.append(_FIX % self._t)
        if len(fixes) == 1:
            return b'{"n":%d,"fix":%s}' % (self._n, fixes[0])
        return b'{"n":%d,"fixes":[%s]}' % (self._n, b",".join(fixes))

    def _next_payload(self) -> bytes | None:
        """The next whole frame; the gateway sends text, unmasked, far below 64 KiB, and pings."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1], 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        if len(buffer) < start + length:
            return None
        opcode, payload = buffer[0] & 15, buffer[start : start + length]
        self._buffer = buffer[start + length :]
        if opcode == 9:
            self._transport.write(_frame(payload, 10))
            return self._next_payload()
        return payload


def _frame(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame; its mask is zero, which is allowed and costs nothing."""
    length = len(payload)
    if length < 126:
        return bytes((128 | opcode, 128 | length)) + bytes(4) + payload
    return bytes((128 | opcode, 254)) + length.to_bytes(2, "big") + bytes(4) + payload

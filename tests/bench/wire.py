"""One terminal on a bare socket, protocol v1, its frames made by hand: it costs the machine little."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Final, TypeVar, cast

_AT_ONCE: Final = 16
_UPGRADE: Final = (
    b"GET /terminal/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: carevan.v1\r\n\r\n"
)
# It drives east, a decimetre a fix, and begins again after eight kilometres.
_FIX: Final = b'{"t":%d,"lon":116.3%05d6,"lat":39.9123456,"speed_mps":8.3,"heading_deg":90}'


class Wire(asyncio.Protocol):
    """A terminal; what it sends when is its heirs' business.

    Parameters
    ----------
    t_ms : its fixes' times go on from here
    """

    def __init__(self, token: str, t_ms: int) -> None:
        loop = asyncio.get_running_loop()
        self.welcomed: asyncio.Future[None] = loop.create_future()
        self.settled: asyncio.Future[None] = loop.create_future()
        self.sent = 0
        self.acked = 0
        self._token = token
        self._t_ms = t_ms
        self._stopping = False
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_UPGRADE)

    def data_received(self, data: bytes) -> None:
        """Take what the gateway says."""
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._upgraded, self._buffer = True, rest
            self._transport.write(frame(json.dumps({"hello": {"token": self._token}}).encode()))
        while (payload := self._next_payload()) is not None:
            self._heard(payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits must not wait for ever."""
        for future in (self.welcomed, self.settled):
            if not future.done():
                future.set_exception(exc or ConnectionError("the gateway closed"))
                future.exception()

    def send(self, fixes: int) -> None:
        """Send one message of so many fixes, one second apart each."""
        self._transport.write(self.message(fixes))

    def message(self, fixes: int) -> bytes:
        """The next message as a frame."""
        self.sent += 1
        made = []
        for _ in range(fixes):
            self._t_ms += 20
            made.append(_FIX % (self._t_ms, self._t_ms // 20 % 100_000))
        if fixes == 1:
            return frame(b'{"n":%d,"fix":%s}' % (self.sent, made[0]))
        return frame(b'{"n":%d,"fixes":[%s]}' % (self.sent, b",".join(made)))

    async def finish(self) -> None:
        """Send no more, wait until all is acknowledged, and close."""
        self._stopping = True
        if self.acked < self.sent:
            await self.settled
        self._transport.close()

    def on_ack(self) -> None:
        """More is acknowledged."""

    def _heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"ack":'):
            self.acked = int(payload[7:-1])
            self.on_ack()
            if self._stopping and self.acked == self.sent and not self.settled.done():
                self.settled.set_result(None)
        elif payload.startswith(b'{"welcome"'):
            self.welcomed.set_result(None)
        else:
            assert payload.startswith(b'{"state"'), payload

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
            self._transport.write(frame(payload, 10))
            return self._next_payload()
        return payload


_Wire = TypeVar("_Wire", bound=Wire)
_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


async def connect(port: int, wires: Sequence[_Wire]) -> Sequence[_Wire]:
    """Let terminals connect and be welcomed, a few at a time: a gateway bears few that say no hello."""
    loop = asyncio.get_running_loop()
    for first in range(0, len(wires), _AT_ONCE):
        some = wires[first : first + _AT_ONCE]
        for wire in some:
            await loop.create_connection(partial(itself, wire), "127.0.0.1", port)
        await asyncio.gather(*(wire.welcomed for wire in some))
    return wires


def itself(protocol: _Protocol) -> _Protocol:
    """What makes a protocol that was made before, as asyncio wants it."""
    return protocol


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame; its mask is zero, which is allowed and costs nothing."""
    length = len(payload)
    if length < 126:
        return bytes((128 | opcode, 128 | length)) + bytes(4) + payload
    return bytes((128 | opcode, 254)) + length.to_bytes(2, "big") + bytes(4) + payload

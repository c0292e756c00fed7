"""Vans that report each second, and viewers that note how old what they are told is: both cost little."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from tests.bench.wire import Wire, frame, itself

_COLUMNS = 40
_STEP_DEG = 0.01
_ASK_AGAIN_S = 0.002


class Van(Wire):
    """A terminal whose van stands on a grid of its own place and creeps east."""

    def __init__(self, token: str, number: int) -> None:
        super().__init__(token, 0)
        self._lon = 116.0 + number % _COLUMNS * _STEP_DEG
        self._lat = 36.0 + number // _COLUMNS * _STEP_DEG

    def message(self, fixes: int) -> bytes:
        """The next message, with one fix of now."""
        assert fixes == 1
        self.sent += 1
        self._lon += 1e-5
        now_ms = time.time_ns() // 1_000_000
        place = b'"lon":%.7f,"lat":%.7f' % (self._lon, self._lat)
        fix = b'{"t":%d,%s,"speed_mps":8.3,"heading_deg":90,"battery":0.5}' % (now_ms, place)
        return frame(b'{"n":%d,"fix":%s}' % (self.sent, fix))


async def drive(vans: Sequence[Van]) -> None:
    """Let each van report once a second, evenly, until cancelled."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    while True:
        due = int((loop.time() - began) * len(vans))
        for van in range(sent, due):
            vans[van % len(vans)].send(1)
        sent = due
        await asyncio.sleep(_ASK_AGAIN_S)


class _Told(msgspec.Struct):
    vans: list[tuple[Any, ...]]
    snapshot: bool = False


@dataclass
class Tally:
    """What a group of viewers was told: when, and when each of its fixes had been received.

    Equal messages are decoded once: the load must not outweigh what it measures.
    """

    heard: list[tuple[float, NDArray[np.int64]]] = field(default_factory=list)
    _last: bytes = b""
    _received: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _decoder: msgspec.json.Decoder[_Told] = field(default_factory=lambda: msgspec.json.Decoder(_Told))

    def note(self, message: bytes) -> None:
        """A viewer has received a message now."""
        now_ms = time.time() * 1000
        if message != self._last:
            told = self._decoder.decode(message)
            rows = [] if told.snapshot else [row[7] for row in told.vans]
            self._last, self._received = message, np.array(rows, np.int64)
        self.heard.append((now_ms, self._received))

    def ages_ms(self) -> NDArray[np.float64]:
        """From receipt to viewer, of every fix and viewer."""
        return np.concatenate([now_ms - received for now_ms, received in self.heard])


class Notes(Protocol):
    """Where messages are noted."""

    def note(self, message: bytes) -> None:
        """A viewer has received a message now."""


class Viewer(asyncio.Protocol):
    """A screen on a bare socket.

    Parameters
    ----------
    tally : where its messages are noted; without one bytes are counted only
    view : what it asks to see
    path : the socket that it opens
    """

    def __init__(
        self,
        address: str,
        cookie: str,
        tally: Notes | None,
        view: Sequence[float] | None = None,
        path: str = "/ws/live",
    ) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.bytes = 0
        self._address = address
        self._cookie = cookie
        self._tally = tally
        self._view = view
        self._path = path
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        lines = [
            f"GET {self._path} HTTP/1.1", f"Host: {self._address}", f"Origin: http://{self._address}",
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Cookie: {self._cookie}", "", "",
        ]  # fmt: skip
        self._transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        """Take what the server says."""
        self.bytes += len(data)
        if self.opened.done() and self._tally is None:
            return
        self._buffer += data
        if not self.opened.done():
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head, head
            self._buffer = rest
            self.opened.set_result(None)
            if self._view is not None:
                self._transport.write(frame(json.dumps({"view": self._view}).encode()))
        while self._take_frame():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits must not wait for ever."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("the server closed"))

    def close(self) -> None:
        """Go."""
        self._transport.abort()

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, start = buffer[1], 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + size:
            return False
        payload, opcode = bytes(buffer[start : start + size]), buffer[0] & 15
        del buffer[: start + size]
        if opcode == 9:
            self._transport.write(frame(payload, 10))
        elif opcode == 1 and self._tally is not None:
            self._tally.note(payload)
        return True


async def look_on(viewers: Sequence[Viewer], port: int) -> Sequence[Viewer]:
    """Connect viewers, and wait until each is let in."""
    loop = asyncio.get_running_loop()
    for viewer in viewers:
        await loop.create_connection(partial(itself, viewer), "127.0.0.1", port)
    await asyncio.gather(*(viewer.opened for viewer in viewers))
    return viewers

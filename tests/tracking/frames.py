"""Frames fed to uvicorn's WebSocket protocol objects without a socket, to compare the stock one and ours."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from tracking.fastws import EXTENSION, FastWS

MAX_SIZE: Final = 70_000
_MASK: Final = b"\x01\x02\x03\x04"
_PAYLOADS: Final = (b"", b"hello", "一键呼叫".encode(), b"\xff\xfe", bytes(125), bytes(126))
_OPCODES: Final = (0x81, 0x81, 0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0x88, 0xC1, 0x83)
_UPGRADE: Final = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of some bytes: messages for the application, bytes for the client, whether it was closed."""

    messages: tuple[bytes, ...]
    answered: bytes
    closed: bool


class _Transport(asyncio.Transport):
    """Keeps what is written, and minds who wants nothing read."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reading = True
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"sockname": ("127.0.0.1", 1), "peername": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self.closed:
            self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class _App:
    """Accepts, then keeps every message; `pause` of them make it hold for a turn of the loop."""

    def __init__(self, pause: float, seed: int) -> None:
        self.messages: list[bytes] = []
        self.accepted = asyncio.Event()
        self._pause = pause
        self._random = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        door = scope["extensions"].get(EXTENSION)
        if door is not None:
            self._attach(door)
        self.accepted.set()
        while (event := await receive())["type"] != "websocket.disconnect":
            text = event.get("text")
            self.messages.append(text.encode() if text is not None else event["bytes"])

    def _attach(self, door: FastWS) -> None:
        loop = asyncio.get_running_loop()

        def take(data: bytes) -> None:
            self.messages.append(data)
            if self._random.random() < self._pause:
                door.hold()
                loop.call_soon(door.release)

        door.attach(take, lambda: None)


class Bench:
    """Both protocol classes, ready to be fed on the running loop."""

    def __init__(self, kind: type[WebSocketsSansIOProtocol]) -> None:
        self._kind = kind

    async def feed(self, chunks: Sequence[bytes], *, pause: float = 0.0, seed: int = 0) -> Heard:
        """What comes of these bytes, given piece by piece while anybody reads."""
        app = _App(pause, seed)
        config = uvicorn.Config(
            app, ws=self._kind, ws_max_size=MAX_SIZE, ws_per_message_deflate=False, ws_ping_interval=None,
            log_config=None, lifespan="off",
        )  # fmt: skip
        config.load()
        state = ServerState()
        protocol = self._kind(config, state, {})
        transport = _Transport()
        protocol.connection_made(transport)
        protocol.data_received(_UPGRADE)
        async with asyncio.timeout(20):
            await app.accepted.wait()
        transport.written.clear()
        for chunk in chunks:
            if not transport.reading:
                await _settle(transport)
            if transport.closed:
                break
            protocol.data_received(chunk)
        await _settle(transport)
        heard = Heard(tuple(app.messages), bytes(transport.written), transport.closed)
        protocol.connection_lost(None)
        async with asyncio.timeout(20):
            await asyncio.gather(*state.tasks)
        return heard


async def _settle(transport: _Transport) -> None:
    """Let the application take what there is."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    while not transport.reading and not transport.closed:
        await asyncio.sleep(0)
    await asyncio.sleep(0)


def frame(payload: bytes, first: int = 0x81, mask: bytes | None = _MASK, size: int = 0) -> bytes:
    """A client's frame; `size` 126 or 127 writes its length the long way, mask None leaves it unmasked."""
    length = len(payload)
    size = size or (length if length < 126 else 126 if length < 65_536 else 127)
    extended = {126: 2, 127: 8}.get(size, 0)
    head = bytes((first, (0 if mask is None else 128) | size)) + length.to_bytes(8, "big")[8 - extended :]
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[k & 3] for k, byte in enumerate(payload))


def some_bytes(dice: random.Random) -> bytes:
    """A conversation of a client that is sometimes right, sometimes wrong, sometimes noise."""
    if dice.random() < 0.2:
        return dice.randbytes(dice.choice((1, 5, 40, 300)))
    sent = b"".join(_some_frames(dice))
    if dice.random() < 0.3:
        at = dice.randrange(len(sent))
        sent = sent[:at] + bytes((sent[at] ^ 1 << dice.randrange(8),)) + sent[at + 1 :]
    return sent


def pieces(sent: bytes, dice: random.Random) -> list[bytes]:
    """The same bytes as the network may bring them."""
    found, at = [], 0
    while at < len(sent):
        size = dice.choice((1, 2, 7, 60, 1000, 100_000))
        found.append(sent[at : at + size])
        at += size
    return found


def _some_frames(dice: random.Random) -> Iterator[bytes]:
    for _ in range(dice.randint(1, 6)):
        payload = dice.choice(_PAYLOADS)
        opcode = dice.choice(_OPCODES)
        if opcode & 8:
            payload = b"\x03\xe8bye" if opcode == 0x88 else payload[:125]
        mask = None if dice.random() < 0.03 else dice.randbytes(4)
        size = dice.choice((126, 127)) if dice.random() < 0.05 else 0
        yield frame(payload, opcode, mask, size)

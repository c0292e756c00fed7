"""A JT/T 808 device: the terminal's side of the wire, for tests and loads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from struct import pack

from tracking.adapters.jt808_body import Id, Result
from tracking.adapters.jt808_frame import (
    Broken,
    Frame,
    Garbage,
    Header,
    Reader,
    frame,
    subpackets,
)

FIXED, SOUTH, WEST = 2, 4, 8


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a vehicle was, in the units of the wire."""

    t_ms: int
    lon: int
    lat: int
    alarm: int = 0
    status: int = FIXED
    altitude_m: int = 30
    speed: int = 180
    course: int = 90
    items: Sequence[tuple[int, bytes]] = ()

    def body(self) -> bytes:
        """The body of a 0x0200."""
        status = self.status | (SOUTH if self.lat < 0 else 0) | (WEST if self.lon < 0 else 0)
        head = pack(
            ">IIIIhHH",
            self.alarm,
            status,
            abs(self.lat),
            abs(self.lon),
            self.altitude_m,
            self.speed,
            self.course,
        )
        items = b"".join(bytes((key, len(value))) + value for key, value in self.items)
        return head + bcd_time(self.t_ms) + items


def bcd_time(t_ms: int) -> bytes:
    """A time as devices tell it: YYMMDDhhmmss, GMT+8."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=t_ms, hours=8)
    return bytes.fromhex(at.strftime("%y%m%d%H%M%S"))


def batch(bodies: Sequence[bytes], kind: int = 1) -> bytes:
    """The body of a 0x0704."""
    return pack(">HB", len(bodies), kind) + b"".join(pack(">H", len(body)) + body for body in bodies)


def registration(plate: str = "鲁P12345", *, is_2019: bool = False) -> bytes:
    """The body of a 0x0100."""
    maker, model, device = (11, 30, 30) if is_2019 else (5, 20, 7)
    texts = (("70111", maker), ("CV-1", model), ("0000001", device))
    named = b"".join(text.encode().ljust(size, b"\0") for text, size in texts)
    return pack(">HH", 37, 1500) + named + b"\x01" + plate.encode("gbk")


def authentication(code: str, *, is_2019: bool = False) -> bytes:
    """The body of a 0x0102."""
    if not is_2019:
        return code.encode()
    return bytes((len(code),)) + code.encode() + b"8" * 15 + b"1.0".ljust(20, b"\0")


def damaged(data: bytes) -> bytes:
    """A frame whose checksum is not that of its content."""
    plain = bytearray(data[1:-1])
    plain[0] ^= 0x40
    return b"\x7e" + bytes(plain) + b"\x7e"


def checksum(plain: bytes) -> int:
    """Computed here once more, so that the product's own is not its own judge."""
    return reduce(xor, plain, 0)


@dataclass(slots=True)
class Device:
    """Makes the frames of one device, counting its serials."""

    number: str = "13912345678"
    is_2019: bool = False
    serial: int = 0

    def header(self, message_id: int) -> Header:
        """The next message's header."""
        self.serial = self.serial + 1 & 0xFFFF
        phone = bytes.fromhex(self.number.zfill(20 if self.is_2019 else 12))
        return Header(message_id, phone, self.serial, 1 if self.is_2019 else None)

    def message(self, message_id: int, body: bytes = b"") -> bytes:
        """A message in one frame."""
        return frame(self.header(message_id), body)

    def long(self, message_id: int, body: bytes, size: int) -> list[bytes]:
        """A message in sub-packets."""
        made = subpackets(self.header(message_id), body, size)
        self.serial = self.serial + len(made) - 1 & 0xFFFF
        return made

    def register(self) -> bytes:
        """A 0x0100."""
        return self.message(Id.REGISTER, registration(is_2019=self.is_2019))

    def authenticate(self, code: str) -> bytes:
        """A 0x0102."""
        return self.message(Id.AUTHENTICATE, authentication(code, is_2019=self.is_2019))


def frames_of(data: bytes) -> list[Frame]:
    """What the platform said; it never says anything broken."""
    found = Reader().read(data)
    assert not any(isinstance(each, Broken | Garbage) for each in found)
    return [each for each in found if isinstance(each, Frame)]


def results_of(frames: Sequence[Frame]) -> list[tuple[int, int, int]]:
    """Serial, message id and result of general replies."""
    assert all(each.header.message_id == Id.PLATFORM_REPLY for each in frames)
    bodies = [each.body for each in frames]
    return [(b[0] << 8 | b[1], b[2] << 8 | b[3], Result(b[4])) for b in bodies]


@dataclass(slots=True)
class Dialled:
    """A device on a real socket."""

    device: Device
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _from: Reader = field(default_factory=Reader)
    _heard: list[Frame] = field(default_factory=list)

    @classmethod
    async def to(cls, port: int, device: Device) -> Dialled:
        """Connect."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(device, reader, writer)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def say(self, message_id: int, body: bytes = b"") -> int:
        """Send a message; its serial."""
        self.send(self.device.message(message_id, body))
        return self.device.serial

    async def hear(self) -> Frame | None:
        """The platform's next frame; None when it has closed."""
        async with asyncio.timeout(30):
            while not self._heard:
                data = await self.reader.read(4096)
                if not data:
                    return None
                self._heard += [each for each in self._from.read(data) if isinstance(each, Frame)]
        return self._heard.pop(0)

    async def result(self) -> tuple[int, int]:
        """Serial and result of the next general reply."""
        heard = await self.hear()
        assert heard is not None
        ((serial, _, result),) = results_of([heard])
        return serial, result

    async def admit(self, code: str) -> None:
        """Authenticate, successfully."""
        self.send(self.device.authenticate(code))
        assert await self.result() == (self.device.serial, Result.OK)

    async def hang_up(self) -> None:
        """Close the socket."""
        self.writer.close()
        await self.writer.wait_closed()

"""JT/T 808 message bodies: what a terminal says, and what we answer. No I/O.

What cannot be read is a sentence in place of a value, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from struct import Struct
from typing import Final

from tracking.adapters import jt808_items
from tracking.fix import Fix

_REPORT = Struct(">IIIIhHH")
SHORTEST_REPORT: Final = 28
LONGEST_TEXT: Final = 1000
"""Bytes of GBK in one text; the standard allows 1024, a frame 1023 with what goes before."""
_FIXED, _SOUTH, _WEST = 0x2, 0x4, 0x8
_BEIJING = timezone(timedelta(hours=8))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
# Length of maker, model and device id by edition; a word each for province and city goes before.
_REGISTER_2011 = (5, 8, 7)
_REGISTER_2013 = (5, 20, 7)
_REGISTER_2019 = (11, 30, 30)


class Id(IntEnum):
    """The messages that we know."""

    TERMINAL_REPLY = 0x0001
    HEARTBEAT = 0x0002
    LOGOUT = 0x0003
    REGISTER = 0x0100
    AUTHENTICATE = 0x0102
    LOCATION = 0x0200
    BATCH = 0x0704
    PLATFORM_REPLY = 0x8001
    REGISTER_REPLY = 0x8100
    TEXT = 0x8300


class Result(IntEnum):
    """What a general reply says, either way."""

    OK = 0
    FAILED = 1
    BAD_MESSAGE = 2
    UNSUPPORTED = 3


class Registered(IntEnum):
    """What the reply to a registration says."""

    OK = 0
    VAN_TAKEN = 1
    NO_SUCH_VAN = 2
    TERMINAL_TAKEN = 3
    NO_SUCH_TERMINAL = 4


@dataclass(frozen=True, slots=True)
class Registration:
    """What a terminal says of itself when it registers; none of it is proof of anything."""

    province: int
    city: int
    maker: str
    model: str
    device: str
    plate_colour: int
    plate: str


@dataclass(frozen=True, slots=True)
class Report:
    """A location as it was sent.

    Parameters
    ----------
    alarm, status : the standard's bits
    lon, lat : degrees, in the datum of the terminal
    t : epoch milliseconds, UTC
    items : what followed, as id and value
    """

    alarm: int
    status: int
    lon: float
    lat: float
    altitude_m: int
    speed_mps: float
    heading_deg: int
    t: int
    items: tuple[tuple[int, bytes], ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Whether the receiver had a position; without it the place is its last one, or none."""
        return bool(self.status & _FIXED)

    def fix(self) -> Fix:
        """The same as a fix, its values not yet judged."""
        return Fix(
            t=self.t,
            lon=self.lon,
            lat=self.lat,
            speed_mps=self.speed_mps,
            heading_deg=self.heading_deg,
            altitude_m=self.altitude_m,
            satellites=jt808_items.satellites_of(self.items),
            battery=jt808_items.battery_of(self.items),
        )


@dataclass(frozen=True, slots=True)
class TerminalReply:
    """The terminal's general reply to a message of ours."""

    serial: int
    message_id: int
    result: int


def read_registration(body: bytes, *, is_2019: bool) -> Registration | str:
    """What a 0x0100 says."""
    sizes = _REGISTER_2019 if is_2019 else _REGISTER_2013
    if not is_2019 and len(body) < _registration_size(_REGISTER_2013):
        sizes = _REGISTER_2011
    if len(body) < _registration_size(sizes):
        return f"a registration of {len(body)} bytes is too short"
    texts, at = [], 4
    for size in sizes:
        texts.append(_text(body[at : at + size]))
        at += size
    maker, model, device = texts
    province, city = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
    return Registration(province, city, maker, model, device, body[at], _text(body[at + 1 :]))


def _registration_size(sizes: tuple[int, int, int]) -> int:
    return 4 + sum(sizes) + 1


def read_authentication(body: bytes, *, is_2019: bool) -> str | None:
    """The code in a 0x0102; None when there is none that could be ours."""
    code = body
    if is_2019:
        if not body or len(body) < 1 + body[0]:
            return None
        code = body[1 : 1 + body[0]]
    code = code.rstrip(b"\0")
    return code.decode("ascii") if code and code.isascii() else None


def read_report(body: bytes) -> Report | str:
    """What a 0x0200 says."""
    if len(body) < SHORTEST_REPORT:
        return f"a location of {len(body)} bytes is too short; it has {SHORTEST_REPORT} or more"
    t = _time(body[22:28])
    if t is None:
        return f"impossible time {body[22:28].hex()}; send YYMMDDhhmmss in BCD, GMT+8"
    alarm, status, lat, lon, altitude_m, speed, heading_deg = _REPORT.unpack_from(body)
    return Report(
        alarm,
        status,
        lon=(-lon if status & _WEST else lon) / 1e6,
        lat=(-lat if status & _SOUTH else lat) / 1e6,
        altitude_m=altitude_m,
        speed_mps=speed / 36,
        heading_deg=heading_deg,
        t=t,
        items=jt808_items.items_of(body[SHORTEST_REPORT:]),
    )


def _time(bcd: bytes) -> int | None:
    digits = bcd.hex()
    if not digits.isdecimal():
        return None
    year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
    try:
        at = datetime(2000 + year, month, day, hour, minute, second, tzinfo=_BEIJING)
    except ValueError:
        return None
    return (at - _EPOCH) // _MS


def read_batch(body: bytes) -> tuple[bytes, ...] | str:
    """The locations of a 0x0704, each still to be read; none where its counts do not add up."""
    if len(body) < 3:
        return f"a batch of {len(body)} bytes is too short"
    count, kind = body[0] << 8 | body[1], body[2]
    if kind > 1:
        return f"a batch of kind {kind} is unknown; 0 is live, 1 is backfill"
    reports, at = [], 3
    while at + 2 <= len(body):
        end = at + 2 + (body[at] << 8 | body[at + 1])
        reports.append(body[at + 2 : end])
        at = end
    if at != len(body):
        return f"a batch ends in the middle of its report {len(reports)}"
    if len(reports) != count or not count:
        return f"a batch says it has {count} reports and has {len(reports)}"
    return tuple(reports)


def read_terminal_reply(body: bytes) -> TerminalReply | str:
    """What a 0x0001 says."""
    if len(body) < 5:
        return f"a reply of {len(body)} bytes is too short"
    return TerminalReply(body[0] << 8 | body[1], body[2] << 8 | body[3], body[4])


def platform_reply(serial: int, message_id: int, result: Result) -> bytes:
    """The body of a 0x8001."""
    return serial.to_bytes(2, "big") + message_id.to_bytes(2, "big") + bytes((result,))


def register_reply(serial: int, result: Registered, code: str = "") -> bytes:
    """The body of a 0x8100; the code only when all is well."""
    return serial.to_bytes(2, "big") + bytes((result,)) + code.encode("ascii")


def text(words: str, *, urgent: bool, is_2019: bool) -> bytes:
    """The body of a 0x8300: shown and spoken. A character that GBK has not becomes a question mark."""
    encoded = words.encode("gbk", "replace")
    if len(encoded) > LONGEST_TEXT:
        encoded = encoded[:LONGEST_TEXT].decode("gbk", "ignore").encode("gbk")
    shown_and_spoken = 0b1100
    if is_2019:
        # Its two lowest bits are service 1, urgent 2, notification 3; the type repeats it: notification 1.
        return bytes((shown_and_spoken | (0b10 if urgent else 0b11), 1)) + encoded
    return bytes((shown_and_spoken | urgent,)) + encoded


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("gbk", "replace").strip()

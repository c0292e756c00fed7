"""JT/T 808 frames: where one begins and ends in the stream, its escapes, its checksum, its header. No I/O.

Source: JT/T 808-2011, -2013 and -2019, clauses on message structure; see `docs/terminals-jt808.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor
from struct import Struct
from typing import Final

FLAG: Final = b"\x7e"
LONGEST_BODY: Final = 1023
"""Ten bits of the header tell a body's length."""
LONGEST_FRAME: Final = 2 * (21 + LONGEST_BODY + 1)
"""The longest header, body and checksum, every byte of them escaped."""
_SHORTEST_FRAME = 13
_MOST_JOINTS = 16
_ESCAPE = re.compile(rb"\x7d[\x01\x02]")
_SUBPACKET = 0x2000
_EDITION_2019 = 0x4000
_WORD = Struct(">H")
_WORDS = Struct(">HH")


@dataclass(frozen=True, slots=True)
class Header:
    """A message's header.

    Parameters
    ----------
    phone : the terminal's number, packed as it came: 6 bytes, in the 2019 edition 10
    version : the 2019 edition's protocol version; None in the editions before
    encryption : 0 for a body in the clear
    part : which of how many sub-packets, from 1; None for a message in one piece
    """

    message_id: int
    phone: bytes
    serial: int
    version: int | None = None
    encryption: int = 0
    part: tuple[int, int] | None = None

    @property
    def number(self) -> str:
        """The terminal's number as the registry holds it: without its leading zeros."""
        return self.phone.hex().lstrip("0")

    @property
    def is_2019(self) -> bool:
        """Whether it is of the edition of 2019."""
        return self.version is not None


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with a right checksum.

    Parameters
    ----------
    whole : its body is as long as its header says
    raw : what came between the flags
    """

    header: Header
    body: bytes
    whole: bool
    raw: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A frame whose header cannot be trusted, so that it is not answered."""

    why: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no frame."""

    size: int


class Splitter:
    """Cuts a stream into what stands between its flags, however it arrives.

    A flag may end one frame and begin the next; between two that stand side by side is nothing. What is
    longer than any frame is garbage, and so is what comes before the first flag.
    """

    def __init__(self) -> None:
        self._begun = False
        self._held = bytearray()

    def split(self, data: bytes) -> list[bytes | Garbage]:
        """What these bytes complete, in order."""
        found: list[bytes | Garbage] = []
        start = 0
        while (end := data.find(FLAG, start)) >= 0:
            self._take(data[start:end], found)
            if self._begun:
                found.append(bytes(self._held))
                self._held.clear()
            self._begun = True
            start = end + 1
        self._take(data[start:], found)
        return found

    def _take(self, piece: bytes, found: list[bytes | Garbage]) -> None:
        if not piece:
            return
        if self._begun and len(self._held) + len(piece) <= LONGEST_FRAME:
            self._held += piece
            return
        found.append(Garbage(len(self._held) + len(piece)))
        self._held.clear()
        self._begun = False


class Reader:
    """Reads a stream's frames, however it arrives.

    There are devices that do not escape. A 7D that begins no escape stands for itself. A 7E in the middle of
    a frame looks like its end: what comes out too short for its own header, with a wrong checksum, waits for
    what follows, and is a frame if the checksum is right over both. So a frame that is merely broken is known
    to be so when the next one comes, or at the end.
    """

    def __init__(self) -> None:
        self._splitter = Splitter()
        self._short: bytes | None = None
        self._joints = 0

    def read(self, data: bytes) -> list[Frame | Broken | Garbage]:
        """What these bytes complete, in order."""
        found: list[Frame | Broken | Garbage] = []
        for piece in self._splitter.split(data):
            if isinstance(piece, Garbage):
                found += self.end()
                found.append(piece)
            elif self._short is None:
                found += self._alone(piece)
            else:
                found += self._joined(self._short, piece)
        return found

    def end(self) -> list[Frame | Broken | Garbage]:
        """What waited in vain: nothing follows any more."""
        short, self._short, self._joints = self._short, None, 0
        return [] if short is None else [read_frame(short)]

    def _alone(self, piece: bytes) -> list[Frame | Broken | Garbage]:
        if not piece:
            return []
        found = read_frame(piece)
        if isinstance(found, Broken) and _missing(piece) > 0:
            self._short = piece
            return []
        return [found]

    def _joined(self, short: bytes, piece: bytes) -> list[Frame | Broken | Garbage]:
        alone = read_frame(piece) if piece else None
        if isinstance(alone, Frame):
            return [*self.end(), alone]
        joined = short + FLAG + piece
        found = read_frame(joined)
        self._joints += 1
        missing = _missing(joined)
        if isinstance(found, Frame) or missing == 0:
            self._short, self._joints = None, 0
            return [found]
        if missing > 0 and self._joints < _MOST_JOINTS:
            self._short = joined
            return []
        return [*self.end(), *self._alone(piece)]


def _missing(raw: bytes) -> int:
    """How many bytes more its header says that there are; negative where there are too many."""
    plain = unescape(raw)
    if len(plain) < 4:
        return -1
    attributes = plain[2] << 8 | plain[3]
    return _header_size(attributes) + (attributes & LONGEST_BODY) + 1 - len(plain)


def _header_size(attributes: int) -> int:
    return (17 if attributes & _EDITION_2019 else 12) + (4 if attributes & _SUBPACKET else 0)


def read_frame(raw: bytes) -> Frame | Broken:
    """Read what stood between two flags."""
    plain = unescape(raw)
    if len(plain) < _SHORTEST_FRAME:
        return Broken(f"a frame of {len(plain)} bytes is too short for a header", raw)
    if reduce(xor, plain):
        return Broken(f"checksum {plain[-1]:02x} is not that of the frame", raw)
    message_id, attributes = _WORDS.unpack_from(plain)
    is_2019 = bool(attributes & _EDITION_2019)
    size = _header_size(attributes)
    if len(plain) <= size:
        return Broken(f"a frame of {len(plain)} bytes is too short for its header", raw)
    header = Header(
        message_id=message_id,
        phone=plain[5:15] if is_2019 else plain[4:10],
        serial=_WORD.unpack_from(plain, 15 if is_2019 else 10)[0],
        version=plain[4] if is_2019 else None,
        encryption=attributes >> 10 & 7,
        part=None if not attributes & _SUBPACKET else _part(plain, size),
    )
    body = plain[size:-1]
    return Frame(header, body, len(body) == attributes & LONGEST_BODY, raw)


def _part(plain: bytes, size: int) -> tuple[int, int]:
    total, index = _WORDS.unpack_from(plain, size - 4)
    return index, total


def frame(header: Header, body: bytes) -> bytes:
    """A frame as it goes over the wire, flags and all.

    Raises
    ------
    ValueError : the body is longer than a frame can say.
    """
    if len(body) > LONGEST_BODY:
        raise ValueError(f"a body of {len(body)} bytes does not fit into a frame")
    attributes = len(body) | header.encryption << 10
    if header.part is not None:
        attributes |= _SUBPACKET
    version = b""
    if header.version is not None:
        attributes |= _EDITION_2019
        version = bytes((header.version,))
    plain = _WORDS.pack(header.message_id, attributes) + version + header.phone + _WORD.pack(header.serial)
    if header.part is not None:
        index, total = header.part
        plain += _WORDS.pack(total, index)
    plain += body
    return FLAG + escape(plain + bytes((reduce(xor, plain),))) + FLAG


def subpackets(header: Header, body: bytes, size: int = LONGEST_BODY) -> list[bytes]:
    """A long message as frames of at most `size` bytes of body each, their serials counted on."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return [
        frame(replace(header, serial=header.serial + i & 0xFFFF, part=(i + 1, len(pieces))), piece)
        for i, piece in enumerate(pieces)
    ]


def escape(plain: bytes) -> bytes:
    """Bytes as they may stand between two flags."""
    return plain.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02")


def unescape(raw: bytes) -> bytes:
    """The bytes that were escaped; a 7D that begins no escape stands for itself."""
    if b"\x7d" not in raw:
        return raw
    return _ESCAPE.sub(lambda found: FLAG if found[0] == b"\x7d\x02" else b"\x7d", raw)

"""What simulated terminals ever sent, by identity, so that what is stored can be held against it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from tracking.event import Event
from tracking.fix import Fix, digest_of

_FIX = struct.Struct("<cqq")  # kind, t in ms, digest
_EVENT = struct.Struct("<c16s")


class Record:
    """One terminal's file of identities, appended to before they are sent."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.last_t = max((t for t, _ in read(path)[0]), default=0)

    def add(self, items: Iterable[Fix | Event]) -> None:
        """Append identities; they are in the file when this returns."""
        with self._path.open("ab") as file:
            for item in items:
                if isinstance(item, Fix):
                    file.write(_FIX.pack(b"f", item.t, digest_of(item)))
                else:
                    file.write(_EVENT.pack(b"e", item.id.bytes))


def read(path: Path) -> tuple[set[tuple[int, int]], set[bytes]]:
    """The distinct fixes (t, digest) and events (id) of a file; a last entry cut short is left out."""
    data = path.read_bytes() if path.exists() else b""
    fixes: set[tuple[int, int]] = set()
    events: set[bytes] = set()
    at = 0
    while at < len(data):
        shape = _FIX if data[at : at + 1] == b"f" else _EVENT
        if at + shape.size > len(data):
            break
        parts = shape.unpack_from(data, at)
        if shape is _FIX:
            fixes.add((parts[1], parts[2]))
        else:
            events.add(parts[1])
        at += shape.size
    return fixes, events


def distinct(folder: Path) -> tuple[int, int]:
    """Distinct fixes and events over all terminals of a home."""
    found = [read(path) for path in sorted(folder.glob("*.sent"))]
    return sum(len(fixes) for fixes, _ in found), sum(len(events) for _, events in found)

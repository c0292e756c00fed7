"""JT/T 808: long messages that come in sub-packets, joined. Bounded in number, bytes and time. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tracking.adapters.jt808_frame import Header

MOST_PARTS: Final = 64
MOST_BYTES: Final = 64 * 1024
MOST_OPEN: Final = 4
"""So many long messages of one connection may be incomplete at a time."""
WITHIN_S: Final = 60.0
_Key: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Joined:
    """A long message that is complete.

    Parameters
    ----------
    serials : of its sub-packets, in order; each is answered
    """

    serials: tuple[int, ...]
    body: bytes


@dataclass(slots=True)
class _Open:
    began_s: float
    bodies: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))


class Joiner:
    """The incomplete messages of one connection."""

    def __init__(self) -> None:
        self._open: dict[_Key, _Open] = {}
        self.dropped = 0
        """Messages that were given up incomplete."""

    def add(self, header: Header, body: bytes, at_s: float) -> Joined | str | None:
        """Take in one sub-packet.

        Parameters
        ----------
        at_s : monotonic

        Returns
        -------
        The message when it is complete, None while it is not, or why it cannot become one.
        """
        assert header.part is not None
        index, total = header.part
        if not 1 <= index <= total:
            return f"sub-packet {index} of {total} cannot be"
        if total > MOST_PARTS:
            return f"a message of {total} sub-packets is too long; at most {MOST_PARTS} are joined"
        self._expire(at_s)
        first = header.serial - index + 1 & 0xFFFF
        key = (header.message_id, total, first)
        one = self._open.setdefault(key, _Open(at_s))
        one.bodies[index] = body
        if one.size > MOST_BYTES:
            del self._open[key]
            return f"a message of more than {MOST_BYTES} bytes is too long"
        if len(one.bodies) < total:
            self._crowd_out()
            return None
        del self._open[key]
        serials = tuple(first + i & 0xFFFF for i in range(total))
        return Joined(serials, b"".join(one.bodies[i] for i in range(1, total + 1)))

    def _expire(self, at_s: float) -> None:
        late = [key for key, one in self._open.items() if at_s - one.began_s > WITHIN_S]
        for key in late:
            del self._open[key]
        self.dropped += len(late)

    def _crowd_out(self) -> None:
        while len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
            self.dropped += 1

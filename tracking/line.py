"""One terminal's connection as the platform holds it: what it may still be sent, in which order. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.outbox import Message
from tracking import protocol
from tracking.protocol import Close, Code, Have, Rejected, ServerConnection
from tracking.source import Source

MAX_IN_FLIGHT = 16
"""Messages of one connection without an ack; past it the connection is not read, be it for the database's
sake or because the terminal does not read its acks."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What the registry says about a token.

    Parameters
    ----------
    state : the district's
    last_seq : number of the van's newest outbox message
    stored_until_ms : time of the van's newest stored fix; None before the first
    """

    source: Source
    token_hash: bytes
    state: int
    last_seq: int
    stored_until_ms: int | None


class Line:
    """A welcomed connection. The flusher and the pushers fill it; its writer empties it.

    Parameters
    ----------
    core : the protocol's state
    granted : the terminal behind it
    have : what hello said is drawn

    Attributes
    ----------
    on_waiting : called when there is something to send; its writer sets it
    on_room : called when an ack has gone out, and so the line may not be full any more
    """

    def __init__(self, core: ServerConnection, granted: Pass, have: Have) -> None:
        self.core = core
        self.granted = granted
        # A terminal that was moved to another van counts by the other van's numbers.
        seq = have.seq if have.seq <= granted.last_seq else 0
        self.have = Have(have.plan, seq, have.state, have.t)
        self.pushed_seq = seq
        self.pushed_at = 0.0
        self.on_waiting: Callable[[], None] = _nobody
        self.on_room: Callable[[], None] = _nobody
        self._committed_n = 0
        self._refused: deque[Rejected] = deque()
        self._pushes: deque[Message] = deque()
        self._state: tuple[int, datetime] | None = None
        self._platform: Mapping[str, object] | None = None
        self._told_state: int | None = None
        self._close: Close | None = None

    @property
    def source(self) -> Source:
        """Whose fixes they are."""
        return self.granted.source

    @property
    def farewell(self) -> Close | None:
        """Why we close it; None while we do not."""
        return self._close

    @property
    def is_full(self) -> bool:
        """Whether it has as many messages waiting as it may."""
        return self.core.received_n - self.core.acknowledged_n >= MAX_IN_FLIGHT

    def committed(self, n: int, refused: Sequence[Rejected]) -> None:
        """Message `n` is on disk, and its refusals are in quarantine."""
        self._refused.extend(refused)
        self._committed_n = max(self._committed_n, n)
        self.on_waiting()

    def tell_state(self, number: int, time: datetime) -> None:
        """Send the district's state; a newer one replaces it if it is still waiting."""
        self._told_state = number
        self._state = (number, time)
        self.on_waiting()

    def platform_shows(self, platform: Mapping[str, object] | None) -> None:
        """What is told with the state of the office's screen; None while none is open."""
        self._platform = platform

    def tell_time(self, time: datetime) -> None:
        """Say that we are there, with the state that was told last; nothing before the first."""
        if self._told_state is not None:
            self.tell_state(self._told_state, time)

    def push(self, messages: Sequence[Message], at: float) -> None:
        """Send what is new of the van's outbox; `at` is the loop's time."""
        fresh = [message for message in messages if message.seq > self.pushed_seq]
        if fresh:
            self._pushes.extend(fresh)
            self.pushed_seq = fresh[-1].seq
            self.pushed_at = at
            self.on_waiting()

    def push_again(self, at: float, after_s: float) -> bool:
        """Whether pushes went out `after_s` ago and are still not covered; they are due once more then."""
        due = self.have.seq < self.pushed_seq and at - self.pushed_at >= after_s
        if due:
            self.pushed_seq, self.pushed_at = self.have.seq, at
        return due

    def close(self, code: Code, why: str) -> None:
        """Close it once what is waiting has been sent."""
        self._close = Close(code, why)
        self.on_waiting()

    def outgoing(self) -> Iterator[bytes | Close]:
        """What to send now: refusals before the ack that covers them, a farewell last."""
        while self._refused:
            yield protocol.refused(self._refused.popleft())
        if self._committed_n > self.core.acknowledged_n:
            ack = self.core.acknowledge(self._committed_n)
            self.on_room()
            yield ack
        while self._pushes:
            message = self._pushes.popleft()
            if message.seq > self.have.seq:
                yield protocol.push(message.seq, message.kind, message.body)
        # Behind what makes it up: who draws in this order has drawn the state that it names.
        if self._state is not None:
            (number, time), self._state = self._state, None
            yield protocol.state(number, time, self._platform)
        if self._close is not None:
            yield self._close


def _nobody() -> None:
    """Nobody listens yet."""

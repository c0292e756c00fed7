"""Loads of terminals: as much as the gateway takes, or so much a second with the time to each ack."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.wire import Wire, connect
from tracking.protocol import MAX_UNACKNOWLEDGED


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


@dataclass(frozen=True, slots=True)
class Flooded:
    """What became of a flood.

    Parameters
    ----------
    acked : fixes acknowledged, to the last
    rate : fixes a second while it lasted
    """

    acked: int
    rate: float


async def flood(load: Load, t_ms: int, on_start: Callable[[], None]) -> Flooded:
    """Keep every terminal's window full for a while, then wait for the last ack.

    Parameters
    ----------
    t_ms : time of the first fixes, epoch milliseconds
    on_start : called once all are connected
    """
    wires = await connect(load.port, [_Flooding(token, t_ms, load.per_message) for token in load.tokens])
    on_start()
    began = time.perf_counter()
    for wire in wires:
        wire.on_ack()
    await asyncio.sleep(load.seconds)
    acked = sum(wire.acked for wire in wires)
    rate = acked * load.per_message / (time.perf_counter() - began)
    await asyncio.gather(*(wire.finish() for wire in wires))
    return Flooded(sum(wire.acked for wire in wires) * load.per_message, rate)


@dataclass(frozen=True, slots=True)
class Paced:
    """What became of messages that were sent evenly.

    Parameters
    ----------
    acked : fixes acknowledged
    acks : of each message, when it was sent (perf_counter) and how long its ack took, seconds
    """

    acked: int
    acks: list[tuple[float, float]]

    def took_s(self, begin: float = 0.0, end: float = math.inf) -> list[float]:
        """How long the acks took of what was sent in this span."""
        return [took for sent, took in self.acks if begin <= sent < end]


async def paced(load: Load, t_ms: int, per_s: float, enough: asyncio.Event | None = None) -> Paced:
    """Send so many messages a second, evenly over the terminals, until the time is up or it is enough."""
    wires = await connect(load.port, [_Timed(token, t_ms) for token in load.tokens])
    began, sent = time.perf_counter(), 0
    while (now := time.perf_counter()) < began + load.seconds and not (enough and enough.is_set()):
        due = int((now - began) * per_s)
        while sent < due:
            wires[sent % len(wires)].send_timed(load.per_message)
            sent += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*(wire.finish() for wire in wires))
    return Paced(sent * load.per_message, [each for wire in wires for each in wire.acks])


class _Flooding(Wire):
    def __init__(self, token: str, t_ms: int, per_message: int) -> None:
        super().__init__(token, t_ms)
        self._per_message = per_message

    def on_ack(self) -> None:
        """Fill the window."""
        frames = []
        while not self._stopping and self.sent - self.acked < MAX_UNACKNOWLEDGED:
            frames.append(self.message(self._per_message))
        if frames:
            self._transport.write(b"".join(frames))


class Backlog(_Flooding):
    """A terminal back from a dead zone: so many fixes at once, as fast as the gateway takes them."""

    def __init__(self, token: str, t_ms: int, messages: int) -> None:
        super().__init__(token, t_ms, 50)
        self._left = messages

    def message(self, fixes: int) -> bytes:
        """The next message; the last one ends it."""
        self._left -= 1
        self._stopping = self._left == 0
        return super().message(fixes)


class _Timed(Wire):
    def __init__(self, token: str, t_ms: int) -> None:
        super().__init__(token, t_ms)
        self.acks: list[tuple[float, float]] = []
        self._sent_at: deque[float] = deque()
        self._clock = time.perf_counter  # the loop's own counts whole milliseconds

    def send_timed(self, fixes: int) -> None:
        """Send, and note when."""
        self._sent_at.append(self._clock())
        self.send(fixes)

    def on_ack(self) -> None:
        """Note how long it took for all that are acknowledged now."""
        now = self._clock()
        while self.sent - self.acked < len(self._sent_at):
            sent = self._sent_at.popleft()
            self.acks.append((sent, now - sent))

"""One welcomed terminal's conversation: messages in, parcels out, answers back; by either way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet.clock import Clock
from tracking.admission import Place
from tracking.fastws import FastWS
from tracking.fix import Bounds
from tracking.line import Line
from tracking.parcel import Parcel, parcel_of
from tracking.protocol import Close, Have, Received

logger = structlog.get_logger(__name__)
GONE: Final = (WebSocketDisconnect, OSError)
"""What is raised when the terminal has gone."""


class Sink(Protocol):
    """What takes parcels, to acknowledge them once they are stored."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read."""

    def when_room(self, call: Callable[[], None]) -> None:
        """Call once, as soon as it is not full any more."""

    def put_now(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection, for a caller that minds `is_full` itself."""

    async def put(self, parcel: Parcel) -> None:
        """The same, waiting while it is full."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every conversation is held in.

    Parameters
    ----------
    on_message : told each line that has said something
    """

    clock: Clock
    accuracy_limit_m: float
    sink: Sink
    on_message: Callable[[Line], None]


class Conversation:
    """What happens with a line's messages, whichever way they come.

    Parameters
    ----------
    place : where its rate is counted
    """

    def __init__(self, line: Line, place: Place, around: Surroundings) -> None:
        self.line = line
        self._place = place
        self._around = around

    def take(self, data: bytes | str) -> float:
        """Take in one message; seconds for which nothing more should be read."""
        line, around = self.line, self._around
        now_ms = around.clock.now_ms()
        command = line.core.receive(data, now_ms)
        if isinstance(command, Received):
            bounds = Bounds(now_ms, around.accuracy_limit_m)
            parcel = parcel_of(line, line.source, command, bounds, line.granted.stored_until_ms)
            if command.have is not None or command.event is not None:
                parcel.have = _seen(line, command)
            around.sink.put_now(parcel)
            around.on_message(line)
            return self._place.wait_s(len(parcel.fixes) + 1, time.monotonic())
        if isinstance(command, Close):
            line.close(command.code, command.why)
        return 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether nothing should be read, for the terminal's sake or the database's."""
        return self.line.is_full or self._around.sink.is_full

    async def until_free(self) -> None:
        """Wait while it is stuck."""
        while self.is_stuck:
            free = asyncio.Event()
            self.when_free(free.set)
            await free.wait()

    def when_free(self, call: Callable[[], None]) -> None:
        """Call when what it is stuck on may be gone."""
        if self.line.is_full:
            self.line.on_room = call
        else:
            self._around.sink.when_room(call)


async def hold(ws: WebSocket, talk: Conversation) -> int | None:
    """Hold a conversation over ASGI's queue, until either end closes; with which code the terminal did."""
    # Either's end is the end of both: a reader may wait for room that a dead writer never makes.
    both = [asyncio.create_task(_read(ws, talk)), asyncio.create_task(_write(ws, talk.line))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        ends = await asyncio.gather(*both, return_exceptions=True)
        for ended in ends:
            if isinstance(ended, Exception) and not isinstance(ended, GONE):
                logger.error("a terminal's socket failed", exc_info=ended)
    return _code_of(ends)


async def hold_shortly(ws: WebSocket, door: FastWS, talk: Conversation) -> int | None:
    """Hold a conversation over the short way, until either end closes; with which code the terminal did."""
    way = _ShortWay(door, talk)
    farewell = asyncio.create_task(way.farewell.wait())
    ended = asyncio.create_task(receive(ws))
    way.open()
    try:
        await asyncio.wait([farewell, ended], return_when=asyncio.FIRST_COMPLETED)
        if way.close is not None:
            await ws.close(way.close.code, way.close.why)
    finally:
        way.shut()
        farewell.cancel()
        ended.cancel()
        ends = await asyncio.gather(farewell, ended, return_exceptions=True)
    return _code_of(ends)


def _code_of(ends: Sequence[object]) -> int | None:
    return next((ended.code for ended in ends if isinstance(ended, WebSocketDisconnect)), None)


class _ShortWay:
    """Joins a line to its protocol object: no task, no queue between them."""

    def __init__(self, door: FastWS, talk: Conversation) -> None:
        self._door = door
        self._talk = talk
        self._resting_until_s = 0.0
        self._sending = False
        self._loop = asyncio.get_running_loop()
        self.farewell = asyncio.Event()
        self.close: Close | None = None

    def open(self) -> None:
        """Begin."""
        self._talk.line.on_waiting = self._send
        self._door.attach(self._taken, self._send)
        self._send()

    def shut(self) -> None:
        """End; what the terminal still sends is not taken."""
        self._talk.line.on_waiting = self._talk.line.on_room = _nothing
        self._door.detach()

    def _taken(self, data: bytes) -> None:
        try:
            wait_s = self._talk.take(data)
        except Exception as error:
            # Raised into the transport it would say nothing to anybody and leave the socket half alive.
            logger.error("a terminal's socket failed", exc_info=error)
            self._door.transport.abort()
            return
        if wait_s > 0.0:
            self._door.hold()
            self._resting_until_s = self._loop.time() + wait_s
            self._loop.call_later(wait_s, self._go_on)
        elif self._talk.is_stuck:
            self._door.hold()
            self._talk.when_free(self._go_on)

    def _go_on(self) -> None:
        if self._loop.time() < self._resting_until_s - 0.001:
            return  # the timer comes yet
        if self._talk.is_stuck:
            self._talk.when_free(self._go_on)
        else:
            self._door.release()

    def _send(self) -> None:
        """Send what waits, as far as the socket takes it."""
        # An ack makes room, room lets messages in, and one of them may ask to send: the outer call goes on.
        if self._sending or not self._door.can_send():
            return
        self._sending = True
        try:
            self._send_waiting()
        finally:
            self._sending = False

    def _send_waiting(self) -> None:
        for message in self._talk.line.outgoing():
            if isinstance(message, Close):
                self.close = message
                self.farewell.set()
                return
            self._door.send_now(message)
            if not self._door.can_send():
                return


async def _read(ws: WebSocket, talk: Conversation) -> None:
    while True:
        await talk.until_free()
        wait_s = talk.take(await receive(ws))
        if wait_s > 0.0:
            await asyncio.sleep(wait_s)


async def _write(ws: WebSocket, line: Line) -> None:
    """Send what the line holds, whenever it holds something."""
    wake = asyncio.Event()
    wake.set()
    line.on_waiting = wake.set
    while True:
        await wake.wait()
        wake.clear()
        for message in line.outgoing():
            if isinstance(message, Close):
                await ws.close(message.code, message.why)
                return
            await ws.send_text(message.decode())


async def receive(ws: WebSocket) -> bytes | str:
    """The next message.

    Raises
    ------
    WebSocketDisconnect : the terminal has gone.
    """
    message = await ws.receive()
    if message["type"] != "websocket.receive":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | None = message.get("text")
    data: bytes | str = message["bytes"] if text is None else text
    return data


def _seen(line: Line, received: Received) -> Have | None:
    """What the terminal has drawn now, if this message tells."""
    event = received.event
    if received.have is not None:
        line.have = received.have
    elif event is not None and event.kind == "seen" and event.seq is not None:
        line.have = Have(line.have.plan, max(line.have.seq, event.seq), line.have.state)
    else:
        return None
    return line.have


def _nothing() -> None:
    """A line that is not held any more."""

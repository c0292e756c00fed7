"""One admitted JT/T 808 device's conversation: messages in, parcels out, answers back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from tracking.adapters.jt808 import Answer, Close, Command, Received, Register, Replied
from tracking.admission import Place
from tracking.fix import Bounds
from tracking.gateway import Parts
from tracking.jt808_line import Line, parcels_of
from tracking.parcel import Parcel

GONE: Final = (OSError, EOFError)
"""What is raised when the device has gone."""
IDLE_S: Final = 360.0
"""A device sends its heartbeat more often than this."""
_READ_BYTES: Final = 4096
_WRITE_S: Final = 60.0
_FAREWELL_S: Final = 5.0


class Talk:
    """What happens on an admitted connection.

    Parameters
    ----------
    place : where its rate is counted
    register : asks for a new code, given who asks
    heard : told of each sign of life: terminal, protocol, epoch milliseconds
    """

    def __init__(
        self,
        line: Line,
        place: Place,
        parts: Parts,
        register: Callable[[Register], Awaitable[str | None]],
        heard: Callable[[int, str, int], None],
    ) -> None:
        self._line = line
        self._place = place
        self._parts = parts
        self._register = register
        self._heard = heard
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        line.on_waiting = self._wake.set
        line.on_covered = self._note_have

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold the conversation until either end closes."""
        reading = asyncio.create_task(self._read(reader))
        writing = asyncio.create_task(self._write(writer))
        try:
            # Either's end is the end of both: a reader may wait for room that a dead writer never makes.
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
            if reading.done() and self._line.closing:
                await asyncio.wait([writing], timeout=_FAREWELL_S)
        finally:
            for task in (reading, writing):
                task.cancel()
            ended = await asyncio.gather(reading, writing, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _read(self, reader: asyncio.StreamReader) -> None:
        core = self._line.core
        while True:
            await self._until_free()
            command = core.take(self._parts.clock.now_ms())
            if command is None:
                try:
                    async with asyncio.timeout(IDLE_S):
                        data = await reader.read(_READ_BYTES)
                except TimeoutError:
                    self._line.close(f"nothing heard for {IDLE_S:g} s")
                    return
                if not data:
                    return
                core.feed(data, asyncio.get_running_loop().time())
                self._heard(self._line.source.terminal_id, "jt808", self._parts.clock.now_ms())
                continue
            weight = await self._obey(command)
            if self._line.closing:
                return
            if (wait_s := self._place.wait_s(weight, time.monotonic())) > 0.0:
                await asyncio.sleep(wait_s)

    async def _obey(self, command: Command) -> int:
        """Do what the protocol asks for; how much it weighs at the terminal's rate."""
        line = self._line
        if isinstance(command, Received):
            return self._take(command)
        if isinstance(command, Answer):
            line.send(command.data)
        elif isinstance(command, Replied):
            line.replied(command.reply)
        elif isinstance(command, Register):
            code = await self._register(command)
            line.send(line.core.registered(command, code))
            if code is not None:
                line.close("the device has registered anew")
        elif isinstance(command, Close):
            line.close(command.why)
        return 1

    def _take(self, received: Received) -> int:
        bounds = Bounds(self._parts.clock.now_ms(), self._parts.accuracy_limit_m)
        self._line.expect(received)
        for parcel in parcels_of(self._line, received, bounds, time.monotonic()):
            self._parts.sink.put_now(parcel)
        return len(received.fixes) + 1

    def _note_have(self) -> None:
        """What the crew was told is kept, so that it is not told again after a restart."""
        line = self._line
        n, now_ms = line.core.count_parcel(), self._parts.clock.now_ms()
        self._parts.sink.put_now(Parcel(line, line.source, n, now_ms, have=line.have))

    async def _until_free(self) -> None:
        """Wait while too much of this device, or of all, is not stored yet."""
        sink = self._parts.sink
        while self._line.is_full or sink.is_full:
            self._room.clear()
            if not self._line.is_full:
                sink.when_room(self._room.set)
            await self._room.wait()

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        """Send what the line holds, whenever it holds something."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for data in self._line.outgoing():
                writer.write(data)
                async with asyncio.timeout(_WRITE_S):
                    await writer.drain()
            if self._line.closing:
                return
            self._room.set()

"""The TCP shell around JT/T 808. It holds no rule of the protocol or of the domain."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fleet.background import Background, in_thread
from fleet.clock import wall_now
from tracking import jt808_desk
from tracking.adapters.jt808 import Answer, Authenticate, Close, Register, ServerConnection
from tracking.admission import Admission, Place
from tracking.courier import Courier
from tracking.gateway import Parts
from tracking.jt808_line import Admitted, Line
from tracking.jt808_talk import GONE, Talk
from tracking.parcel import Parcel
from tracking.reason import Reason

logger = structlog.get_logger(__name__)
AUTHENTICATE_WITHIN_S: Final = 15.0
"""From a connection's begin to its right code; a registration on the way included."""
_READ_BYTES: Final = 4096
_TICK_S = 5.0
_LINGER_S = 10.0


class Jt808Gateway:
    """Serves the JT/T 808 devices of one process.

    Parameters
    ----------
    parts : as for `Gateway`
    heard : told of each sign of life: terminal, protocol, epoch milliseconds
    """

    def __init__(self, parts: Parts, heard: Callable[[int, str, int], None]) -> None:
        self._parts = parts
        self._heard = heard
        self._courier = Courier(parts.engine)
        self._admission = Admission(parts.limits)
        self._lines: dict[int, Line] = {}
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._watch = Background("jt808 watch", self._tick)
        self.counts: Counter[str] = Counter()
        """What was refused, by reason; counted at a connection's end."""

    @property
    def connected(self) -> int:
        """How many devices are admitted."""
        return len(self._lines)

    @property
    def waiting(self) -> int:
        """How many connections have not shown a right code yet."""
        return self._admission.ungreeted

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str, port: int) -> None:
        """Begin to serve."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=_READ_BYTES)
        self._courier.start()
        self._watch.start()

    def outbox_changed(self, van_ids: set[int] | None) -> None:
        """These vans (None: all) may have new messages."""
        self._courier.changed(van_ids)

    async def stop(self) -> None:
        """Close every connection. What was sent is stored all the same."""
        if self._server is None:
            return
        self._server.close()
        await self._watch.stop()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._courier.stop()

    async def dismiss(self) -> None:
        """Close the lines whose code was revoked or replaced, or whose terminal was moved."""
        lines = list(self._lines.values())
        if not lines:
            return
        ids = [line.source.terminal_id for line in lines]
        known = await in_thread(jt808_desk.still_known, self._parts.engine, ids)
        for line in lines:
            if known.get((line.source.terminal_id, line.admitted.token_hash)) != line.source.van_id:
                line.close("the code was revoked or replaced, or the terminal was moved")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it closes."""
        peer = writer.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        core = ServerConnection()
        admitted = None
        try:
            admitted = await self._at_door(reader, writer, core, address)
            if admitted is not None:
                await self._converse(reader, writer, Line(core, admitted), address)
        except SQLAlchemyError as error:
            logger.warning("a device cannot be admitted now", why=type(error).__name__)
        except GONE:
            pass  # The device is gone; what it had sent is stored all the same.
        except Exception:
            logger.exception("a device's connection failed")
        finally:
            core.end()
            self._count(core, admitted=admitted is not None)
            writer.close()
            # A peer that reads nothing must not keep what was left to say for ever.
            asyncio.get_running_loop().call_later(_LINGER_S, writer.transport.abort)

    async def _at_door(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        core: ServerConnection,
        address: str,
    ) -> Admitted | None:
        if (why := self._admission.knock(address)) is not None:
            self._turn_away(address, why, "too_many")
            return None
        try:
            async with asyncio.timeout(AUTHENTICATE_WITHIN_S):
                return await self._greet(reader, writer, core, address)
        except TimeoutError:
            self._turn_away(address, "no right code in time", "late_hello")
            return None
        finally:
            self._admission.step_in(address)

    async def _greet(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        core: ServerConnection,
        address: str,
    ) -> Admitted | None:
        """From the first byte to a right code; None when the connection is to be closed instead."""
        loop = asyncio.get_running_loop()
        while data := await reader.read(_READ_BYTES):
            core.feed(data, loop.time())
            while (command := core.take(self._parts.clock.now_ms())) is not None:
                if isinstance(command, Close):
                    self._turn_away(address, command.why, "bad_hello")
                    return None
                if isinstance(command, Authenticate):
                    admitted = await self._admit(writer, core, command, address)
                    if admitted is not None:
                        return admitted
                elif isinstance(command, Register):
                    writer.write(core.registered(command, await self._register(command, address)))
                elif isinstance(command, Answer):
                    writer.write(command.data)
                await writer.drain()
        return None

    async def _admit(
        self, writer: asyncio.StreamWriter, core: ServerConnection, asked: Authenticate, address: str
    ) -> Admitted | None:
        number = asked.header.number
        engine, now = self._parts.engine, self._parts.clock.now()
        admitted = await in_thread(jt808_desk.admit, engine, number, asked.code, now)
        if admitted is not None:
            writer.write(core.admitted(asked, admitted.known))
            return admitted
        writer.write(core.turned_away(asked))
        self._turn_away(address, "unknown code", "unknown_token", number=number)
        if not self._admission.may_guess(address, asyncio.get_running_loop().time()):
            raise ConnectionAbortedError
        return None

    async def _register(self, asked: Register, address: str) -> str | None:
        number = asked.header.number
        if not self._admission.may_guess(address, asyncio.get_running_loop().time()):
            self._turn_away(address, "too many registrations of this address", "too_many")
            raise ConnectionAbortedError
        code = await in_thread(jt808_desk.register, self._parts.engine, number, wall_now())
        if code is None:
            self._turn_away(address, "registration outside its window", "unknown_token", number=number)
        else:
            logger.info("a device has registered", number=number)
        return code

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, address: str
    ) -> None:
        source = line.source
        place = self._admission.enter(address, source.terminal_id)
        if place is None:
            self._turn_away(address, "too many connections", "too_many", terminal=source.terminal_id)
            return
        before, self._lines[source.terminal_id] = self._lines.get(source.terminal_id), line
        if before is not None:
            # A device has one connection; the older one is dead, or somebody else has its code.
            before.close("a newer connection took its place")
        try:
            await self._hold(reader, writer, line, place)
        finally:
            self._admission.leave(place)
            if self._lines.get(source.terminal_id) is line:
                del self._lines[source.terminal_id]

    async def _hold(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, place: Place
    ) -> None:
        parts = self._parts
        app = f"JT/T 808-{line.core.edition}"
        now_ms = parts.clock.now_ms()
        await parts.sink.put(Parcel(line, line.source, 0, now_ms, have=line.have, app=app))
        talk = Talk(line, place, parts, partial(self._register, address=place.address), self._heard)
        self._courier.join(line)
        try:
            await talk.hold(reader, writer)
        finally:
            self._courier.leave(line)
            if line.closing:
                logger.info("a device was let go", terminal=line.source.terminal_id, why=line.closing)

    def _turn_away(self, address: str, why: str, reason: Reason, **more: object) -> None:
        self.counts[why] += 1
        self._parts.metrics.refused("jt808", reason)
        logger.warning("a device was turned away", address=address, why=why, **more)

    def _count(self, core: ServerConnection, *, admitted: bool) -> None:
        """Count what no commit counts: of a known device, broken frames are in quarantine."""
        self.counts.update(core.counts)
        metrics = self._parts.metrics
        if not admitted and core.counts["broken"]:
            metrics.refused("jt808", "checksum", core.counts["broken"])
        if core.counts["garbage"]:
            metrics.refused("jt808", "unreadable")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            try:
                await self.dismiss()
            except SQLAlchemyError as error:
                logger.warning("cannot check the devices' codes; trying again", why=type(error).__name__)

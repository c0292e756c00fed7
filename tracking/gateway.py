"""The WebSocket shell around the terminal protocol. It holds no rule of the protocol or of the domain."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Final, Protocol

import sqlalchemy as sa
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet import journal
from fleet.clock import Clock
from fleet.session import origin_is_ours
from tracking import protocol
from tracking.courier import Courier
from tracking.doorman import AWAY, Doorman
from tracking.fix import Bounds
from tracking.line import Line
from tracking.parcel import Parcel, parcel_of
from tracking.protocol import (
    HELLO_WITHIN_S,
    SUBPROTOCOL,
    Close,
    Code,
    Have,
    Hello,
    Received,
    ServerConnection,
)
from tracking.row import Source

logger = structlog.get_logger(__name__)
EVERY_S: Final = 2.0
"""How often a terminal is asked for a fix, domain seconds."""
_UNGREETED_PER_ADDRESS = 32
_TICK_S = 5.0
_ALERT_AGAIN_S = 600.0
_GONE = (WebSocketDisconnect, OSError)


class Sink(Protocol):
    """What takes parcels, to acknowledge them once they are stored."""

    async def put(self, parcel: Parcel) -> None:
        """Queue a parcel, in the order of its connection; waits while it is full."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is made of.

    Parameters
    ----------
    conninfo : the database, for psycopg
    engine : the same, for the registry's functions, asked in threads only
    """

    conninfo: str
    engine: sa.Engine
    clock: Clock
    accuracy_limit_m: float
    sink: Sink


class Gateway:
    """Serves the terminals' sockets of one process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._doorman = Doorman(parts.conninfo)
        self._courier = Courier(parts.engine)
        self._ungreeted: Counter[str] = Counter()
        self._lines: defaultdict[int, list[Line]] = defaultdict(list)
        self._states: dict[int, int] = {}
        self._quiet_until: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many terminals' sockets are welcomed."""
        return sum(len(lines) for lines in self._lines.values())

    async def start(self) -> None:
        """Begin to serve."""
        await self._doorman.start()
        self._courier.start()
        self._begin(self._tick())

    async def stop(self) -> None:
        """Stop what runs beside the sockets."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._courier.stop()
        await self._doorman.stop()

    def outbox_changed(self, van_ids: set[int] | None) -> None:
        """These vans (None: all) may have new messages."""
        self._courier.changed(van_ids)

    def state_changed(self, district_id: int, number: int) -> None:
        """Tell a district's terminals its new state."""
        self._states[district_id] = number
        now = self._parts.clock.now()
        for line in self._every_line():
            if line.source.district_id == district_id:
                line.tell_state(number, now)

    async def serve(self, ws: WebSocket) -> None:
        """Serve one socket until it closes."""
        offered = ws.scope.get("subprotocols", [])
        await ws.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        address = ws.client.host if ws.client else ""
        try:
            greeted = await self._greet(ws, address)
            if isinstance(greeted, Close):
                await ws.close(greeted.code, greeted.why)
            else:
                await self._converse(ws, greeted)
        except _GONE:
            pass  # The terminal is gone; what it had sent is stored all the same.

    async def _greet(self, ws: WebSocket, address: str) -> Line | Close:
        """From the upgrade to the welcome, or to a close instead."""
        if ws.headers.get("origin") is not None and not origin_is_ours(ws):
            return Close(Code.UNKNOWN_TOKEN, "this page's address is not ours")
        if self._ungreeted[address] >= _UNGREETED_PER_ADDRESS:
            return Close(Code.TOO_MANY, "too many sockets that have not said hello")
        bearer = _bearer(ws)
        core = ServerConnection(bearer=bool(bearer))
        self._ungreeted[address] += 1
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                command = core.receive(await _receive(ws), self._now_ms())
        except TimeoutError:
            return Close(Code.LATE_HELLO, f"no hello within {HELLO_WITHIN_S:g} s")
        finally:
            self._ungreeted[address] -= 1
            if not self._ungreeted[address]:
                del self._ungreeted[address]
        if not isinstance(command, Hello):
            return command if isinstance(command, Close) else Close(Code.BAD_HELLO, "say hello first")
        return await self._admit(ws, core, command, bearer or command.token or "")

    async def _admit(self, ws: WebSocket, core: ServerConnection, hello: Hello, token: str) -> Line | Close:
        try:
            granted = await self._doorman.admit(token)
        except AWAY:
            return Close(Code.AGAIN, "the database does not answer; connect again later")
        if granted is None:
            return Close(Code.UNKNOWN_TOKEN, "the token is unknown or was revoked")
        source = granted.source
        self._states.setdefault(source.district_id, granted.state)
        line = Line(core, granted, hello.have)
        welcome = protocol.welcome(source.van_id, self._parts.clock.now(), EVERY_S, granted.state)
        await ws.send_text(welcome.decode())
        await self._parts.sink.put(
            Parcel(line, source, 0, self._now_ms(), have=line.have, app=hello.app[:100])
        )
        return line

    async def _converse(self, ws: WebSocket, line: Line) -> None:
        lines = self._lines[line.source.terminal_id]
        lines.append(line)
        self._courier.join(line)
        # Either's end is the end of both: a reader may wait for room that a dead writer never makes.
        both = [asyncio.create_task(self._read(ws, line)), asyncio.create_task(_write(ws, line))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lines.remove(line)
            if not lines:
                self._lines.pop(line.source.terminal_id, None)
            self._courier.leave(line)
            for task in both:
                task.cancel()
            for ended in await asyncio.gather(*both, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, _GONE):
                    logger.error("a terminal's socket failed", exc_info=ended)

    async def _read(self, ws: WebSocket, line: Line) -> None:
        while True:
            while line.is_full:
                line.room.clear()
                await line.room.wait()
            data = await _receive(ws)
            now_ms = self._now_ms()
            command = line.core.receive(data, now_ms)
            if isinstance(command, Received):
                await self._parts.sink.put(self._parcel(line, command, now_ms))
                self._watch_twins(line)
            elif isinstance(command, Close):
                line.close(command.code, command.why)

    def _parcel(self, line: Line, received: Received, now_ms: int) -> Parcel:
        bounds = Bounds(now_ms, self._parts.accuracy_limit_m)
        parcel = parcel_of(line, line.source, received, bounds, line.granted.stored_until_ms)
        parcel.have = self._seen(line, received)
        return parcel

    @staticmethod
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

    def _watch_twins(self, line: Line) -> None:
        """Two live sockets with one token are both served, and an alert says so.

        A newer socket alone proves nothing: after a dead zone the older one is dead but not yet buried. Only
        when the older one speaks again there are two.
        """
        lines = self._lines[line.source.terminal_id]
        if len(lines) < 2 or lines[-1] is line:
            return
        now = asyncio.get_running_loop().time()
        if now >= self._quiet_until.get(line.source.terminal_id, 0.0):
            self._quiet_until[line.source.terminal_id] = now + _ALERT_AGAIN_S
            self._begin(self._alert(line.source))

    async def _alert(self, source: Source) -> None:
        body = {"code": "two_sockets", "terminal": source.terminal_id, "van": source.van_id}

        def write() -> None:
            with self._parts.engine.begin() as conn:
                now = self._parts.clock.now()
                journal.raise_state(conn, source.district_id, now, "alert", body)

        try:
            await asyncio.to_thread(write)
        except sa.exc.OperationalError as error:
            logger.warning("could not raise an alert", why=str(error.orig).strip(), **body)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            now = self._parts.clock.now()
            for line in self._every_line():
                line.tell_state(self._states[line.source.district_id], now)
            try:
                await self.dismiss()
            except AWAY as error:
                logger.warning("cannot check the terminals' tokens; trying again", why=str(error).strip())

    async def dismiss(self) -> None:
        """Close the lines whose token was revoked or replaced, or whose terminal was moved."""
        asked = list(self._every_line())
        if not asked:
            return
        known = await self._doorman.still_known(line.source.terminal_id for line in asked)
        for line in asked:
            van_id = known.get((line.source.terminal_id, line.granted.token_hash))
            if van_id is None:
                line.close(Code.UNKNOWN_TOKEN, "the token was revoked or replaced")
            elif van_id != line.source.van_id:
                line.close(Code.AGAIN, "the terminal was moved to another van; connect again")

    def _every_line(self) -> list[Line]:
        return [line for lines in self._lines.values() for line in lines]

    def _now_ms(self) -> int:
        return round(self._parts.clock.now().timestamp() * 1000)

    def _begin(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _write(ws: WebSocket, line: Line) -> None:
    """Send what the line holds, whenever it holds something."""
    while True:
        await line.wake.wait()
        line.wake.clear()
        for message in line.outgoing():
            if isinstance(message, Close):
                await ws.close(message.code, message.why)
                return
            await ws.send_text(message.decode())


async def _receive(ws: WebSocket) -> bytes | str:
    message = await ws.receive()
    if message["type"] != "websocket.receive":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | None = message.get("text")
    data: bytes | str = message["bytes"] if text is None else text
    return data


def _bearer(ws: WebSocket) -> str:
    scheme, _, token = ws.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""

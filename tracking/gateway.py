"""The WebSocket shell around the terminal protocol. It holds no rule of the protocol or of the domain."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

import sqlalchemy as sa
import structlog
from starlette.websockets import WebSocket

from fleet import journal
from fleet.background import in_thread
from fleet.clock import Clock
from fleet.session import origin_is_ours
from tracking import conversation, fastws, protocol
from tracking.admission import Admission, Limits, Place
from tracking.conversation import GONE, Conversation, Sink, Surroundings
from tracking.courier import Courier
from tracking.doorman import AWAY, Doorman
from tracking.line import Line, Pass
from tracking.metrics import Metrics
from tracking.parcel import Parcel
from tracking.platforms import Platforms
from tracking.protocol import HELLO_WITHIN_S, SUBPROTOCOL, Close, Code, Hello, ServerConnection
from tracking.source import Source

logger = structlog.get_logger(__name__)
EVERY_S: Final = 2.0
"""How often a terminal is asked for a fix, domain seconds."""
_TICK_S = 2.0
_TICKS_A_LOOK = 2
"""Tokens are asked about at every second tick: whoever may come no more is cut off within five seconds."""
_ALERT_AGAIN_S = 600.0
_NO_FAREWELL: Final = frozenset({None, 1005, 1006})


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway is made of.

    Parameters
    ----------
    conninfo : the database, for psycopg
    engine : the same, for the registry's functions, asked in threads only
    limits : how much one terminal or address may ask for
    metrics : where it is counted whom the gateway turned away
    platforms : the office's screens that are open
    """

    conninfo: str
    engine: sa.Engine
    clock: Clock
    accuracy_limit_m: float
    sink: Sink
    limits: Limits = field(default_factory=Limits)
    metrics: Metrics = field(default_factory=Metrics)
    platforms: Platforms = field(default_factory=Platforms)


class Gateway:
    """Serves the terminals' sockets of one process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._doorman = Doorman(parts.conninfo)
        self._courier = Courier(parts.engine)
        self._admission = Admission(parts.limits)
        self._around = Surroundings(parts.clock, parts.accuracy_limit_m, parts.sink, self._watch_twins)
        self._lines: defaultdict[int, list[Line]] = defaultdict(list)
        self._states: dict[int, int] = {}
        self._quiet_until: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many terminals' sockets are welcomed."""
        return sum(len(lines) for lines in self._lines.values())

    @property
    def waiting(self) -> int:
        """How many sockets have not said hello yet."""
        return self._admission.ungreeted

    @property
    def unconfirmed(self) -> int:
        """How many messages were pushed to terminals that have not said that they drew them."""
        return sum(max(0, line.pushed_seq - line.have.seq) for line in self._every_line())

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
        """Tell a district's terminals its new state, once what it brings them has gone out."""
        self._states[district_id] = number
        for line in self._every_line():
            if line.source.district_id == district_id:
                self._tell_state(line, number)

    async def serve(self, ws: WebSocket) -> None:
        """Serve one socket until it closes."""
        offered = ws.scope.get("subprotocols", [])
        await ws.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        address = ws.client.host if ws.client else ""
        try:
            greeted = await self._greet(ws, address)
            if isinstance(greeted, Close):
                self._parts.metrics.refused("carevan.v1", greeted.code.name.lower())
                await ws.close(greeted.code, greeted.why)
            else:
                await self._converse(ws, *greeted)
        except GONE:
            pass  # The terminal is gone; what it had sent is stored all the same.

    async def _greet(self, ws: WebSocket, address: str) -> tuple[Line, Place] | Close:
        """From the upgrade to the welcome, or to a close instead."""
        if ws.headers.get("origin") is not None and not origin_is_ours(ws):
            return Close(Code.UNKNOWN_TOKEN, "this page's address is not ours")
        if (why := self._admission.knock(address)) is not None:
            return Close(Code.TOO_MANY, why)
        bearer = _bearer(ws)
        core = ServerConnection(bearer=bool(bearer))
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                data = await conversation.receive(ws)
            heard_ms = self._parts.clock.now_ms()
            command = core.receive(data, heard_ms)
        except TimeoutError:
            return Close(Code.LATE_HELLO, f"no hello within {HELLO_WITHIN_S:g} s")
        finally:
            self._admission.step_in(address)
        if not isinstance(command, Hello):
            return command if isinstance(command, Close) else Close(Code.BAD_HELLO, "say hello first")
        granted = await self._admit(bearer or command.token or "", address)
        if isinstance(granted, Close):
            return granted
        place = self._admission.enter(address, granted.source.terminal_id)
        if place is None:
            return Close(Code.TOO_MANY, "this terminal has too many sockets open; close the others")
        try:
            line = Line(core, granted, command.have)
            await self._welcome(ws, line)
            # Heard when it came, not when the registry had answered: it may tell the terminal's clock.
            greeting = Parcel(line, line.source, 0, heard_ms, have=line.have, app=command.app[:100])
            await self._parts.sink.put(greeting)
            return line, place
        except BaseException:
            self._admission.leave(place)
            raise

    async def _admit(self, token: str, address: str) -> Pass | Close:
        try:
            granted = await self._doorman.admit(token)
        except AWAY:
            return Close(Code.AGAIN, "the database does not answer; connect again later")
        if granted is not None:
            return granted
        if not self._admission.may_guess(address, asyncio.get_running_loop().time()):
            return Close(Code.TOO_MANY, "too many unknown tokens from this address")
        return Close(Code.UNKNOWN_TOKEN, "the token is unknown or was revoked")

    async def _welcome(self, ws: WebSocket, line: Line) -> None:
        source, clock = line.source, self._parts.clock
        self._states.setdefault(source.district_id, line.granted.state)
        welcome = protocol.welcome(source.van_id, clock.now(), EVERY_S, line.granted.state)
        await ws.send_text(welcome.decode())

    async def _converse(self, ws: WebSocket, line: Line, place: Place) -> None:
        lines = self._lines[line.source.terminal_id]
        lines.append(line)
        self._courier.join(line)
        self._tell_state(line, self._states[line.source.district_id])
        talk = Conversation(line, place, self._around)
        door = fastws.door_of(ws)
        _log("terminal welcomed", line)
        code = None
        try:
            if door is None:
                code = await conversation.hold(ws, talk)
            else:
                code = await conversation.hold_shortly(ws, door, talk)
        finally:
            _log("terminal gone", line, why=_why_gone(line, code))
            lines.remove(line)
            if not lines:
                self._lines.pop(line.source.terminal_id, None)
            self._courier.leave(line)
            self._admission.leave(place)

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
            await in_thread(write)
        except sa.exc.OperationalError as error:
            logger.warning("could not raise an alert", why=str(error.orig).strip(), **body)

    def _tell_state(self, line: Line, number: int) -> None:
        line.platform_shows(self._platform_of(line.source.district_id))
        told = partial(line.tell_state, number, self._parts.clock.now())
        self._courier.then(line.source.van_id, told)

    def _platform_of(self, district_id: int) -> dict[str, object] | None:
        """What the office's best screen shows: its state and, while it is behind, since when and by how many
        of the wall's seconds.
        """
        shown = self._parts.platforms.newest(district_id, time.monotonic())
        if shown is None or shown.since is None:
            return None if shown is None else {"state": shown.state}
        behind_s = (self._parts.clock.now() - shown.since).total_seconds()
        late_s = round(max(0.0, self._parts.clock.wall_seconds(behind_s)), 1)
        return {"state": shown.state, "as_of": shown.since, "behind_s": late_s}

    async def _tick(self) -> None:
        for n in count(1):
            await asyncio.sleep(_TICK_S)
            now = self._parts.clock.now()
            platforms = {number: self._platform_of(number) for number in self._states}
            for line in self._every_line():
                line.platform_shows(platforms.get(line.source.district_id))
                line.tell_time(now)
            if n % _TICKS_A_LOOK == 0:
                await self._look()

    async def _look(self) -> None:
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

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _log(what: str, line: Line, **more: str) -> None:
    source = line.source
    logger.info(what, terminal=source.terminal_id, van=source.van_id, protocol=source.protocol, **more)


def _why_gone(line: Line, code: int | None) -> str:
    """What ended a conversation, for the log."""
    if line.farewell is not None:
        return f"closed by us: {line.farewell.code:d} {line.farewell.why}"
    return "the line was lost" if code in _NO_FAREWELL else f"closed by the terminal: {code}"


def _bearer(ws: WebSocket) -> str:
    scheme, _, token = ws.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""

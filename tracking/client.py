"""A terminal on asyncio: keeps a connection to the platform, sends fixes and events, receives the pushes.

Used by whatever plays a terminal in Python: the demo's simulated vans, the feed of recorded tracks, tests and
benchmarks.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from fleet.errors import Forbidden
from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import SUBPROTOCOL, Code, Have
from tracking.sender import Item, OnSettled, Sender, Tally

_KINDS: Final = frozenset({"plan", "task", "withdraw", "say"})
_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 15.0
_random = SystemRandom()


class Dismissed(Forbidden):
    """The platform knows this token no longer: trying again is no use."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where a terminal connects and as whom.

    Parameters
    ----------
    url : such as ``ws://127.0.0.1:8000/terminal/ws``
    token : the terminal's own
    app : name and version of what runs the terminal
    """

    url: str
    token: str
    app: str = "carevan-client"


@dataclass(frozen=True, slots=True)
class Push:
    """A message from the van's outbox: ``plan``, ``task``, ``withdraw`` or ``say``."""

    seq: int
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Welcome:
    """The platform's greeting; `every_s` is how often it wishes for a fix."""

    van_id: int
    every_s: float


OnPush = Callable[[Push], Awaitable[None]]


def wall_ms() -> int:
    """Epoch milliseconds on the wall."""
    return time.time_ns() // 1_000_000


class Terminal:
    """One terminal.

    Run it as a task (``asyncio.create_task(terminal.run())``), queue fixes and events at any time, also while
    there is no connection. When a push has been handed to `on_push` and that has returned, the platform is
    told that it was drawn; a state is drawn once the pushes before it are.

    Parameters
    ----------
    access : where and as whom
    on_push : awaited with each push, once each, in order
    clock_ms : the terminal's own clock, epoch milliseconds
    queue_limit : `send` waits while so many fixes and events are not acknowledged
    on_settled : told of each fix and event once it is acknowledged or refused
    """

    def __init__(
        self,
        access: Access,
        *,
        on_push: OnPush | None = None,
        clock_ms: Callable[[], int] = wall_ms,
        queue_limit: int = 2_000,
        on_settled: OnSettled | None = None,
    ) -> None:
        self._access = access
        self._on_push = on_push
        self._clock_ms = clock_ms
        self._queue_limit = queue_limit
        self._sender = Sender(on_settled=on_settled)
        self._ws: ClientConnection | None = None
        self._online = asyncio.Event()
        self._online.set()
        self._stopped = asyncio.Event()
        self._wake = asyncio.Event()
        self._settled = asyncio.Condition()
        self._pushes: asyncio.Queue[Push | int] = asyncio.Queue()  # and states, behind what brought them
        self._wait_s = _FIRST_WAIT_S
        self._over = False
        self.offset_ms = 0
        """What the last welcome showed our clock to lack."""
        self.welcome: Welcome | None = None
        """The last greeting."""
        self.state = 0
        """The district's state as last told."""
        self.trouble = ""
        """Why there is no connection; empty while there is one."""

    @property
    def fixes(self) -> Tally:
        """What became of the fixes."""
        return self._sender.fixes

    @property
    def events(self) -> Tally:
        """What became of the events."""
        return self._sender.events

    @property
    def pending(self) -> int:
        """How many fixes and events are not settled yet."""
        return self._sender.pending

    @property
    def connected(self) -> bool:
        """Whether the platform has welcomed the present connection."""
        return self._ws is not None

    def now_ms(self) -> int:
        """The terminal's clock, corrected by the platform's."""
        return self._clock_ms() + self.offset_ms

    def put(self, item: Fix | Event, *, live: bool = True) -> None:
        """Queue a fix or an event at once; `live=False` makes a fix backfill, sent behind the live ones."""
        self._sender.add(item, live=live)
        self._wake.set()

    async def send(self, item: Item, *, live: bool = True) -> None:
        """Queue a fix or an event, waiting while the queue is full and `run` goes on."""
        if self._sender.pending >= self._queue_limit:
            async with self._settled:
                await self._settled.wait_for(lambda: self._over or self._sender.pending < self._queue_limit)
        self.put(item, live=live)

    async def drained(self) -> bool:
        """Wait until everything queued is acknowledged or refused; False if `run` ended before that."""
        async with self._settled:
            await self._settled.wait_for(lambda: self._over or self._sender.pending == 0)
        return self._sender.pending == 0

    def go_offline(self) -> None:
        """Enter a dead zone: the connection is cut without a farewell; fixes and events queue up."""
        self._online.clear()
        if self._ws is not None:
            self._ws.transport.abort()

    def go_online(self) -> None:
        """Leave the dead zone: connect at once and send what queued up."""
        self._wait_s = _FIRST_WAIT_S
        self._online.set()

    def stop(self) -> None:
        """End `run`; what is not acknowledged stays pending."""
        self._stopped.set()
        self._online.set()
        self._wake.set()

    async def run(self) -> None:
        """Stay connected until `stop`.

        Raises
        ------
        Dismissed : the platform does not know the token, or not any more.
        Exception : whatever `on_push` raised.
        """
        self._over = False
        # Apart from reading: who waits in `on_push` for room to send must still hear the acks that make it.
        hearing = asyncio.create_task(self._hear_pushes())
        hearing.add_done_callback(lambda _: self.stop())
        try:
            while not self._stopped.is_set():
                await self._once()
        finally:
            self._over = True
            async with self._settled:
                self._settled.notify_all()
            hearing.cancel()
            (failed,) = await asyncio.gather(hearing, return_exceptions=True)
        if isinstance(failed, Exception):
            raise failed

    async def _once(self) -> None:
        """One connection, from dialling to its end."""
        await self._online.wait()
        try:
            await self._connection()
        except (OSError, WebSocketException, TimeoutError, msgspec.MsgspecError) as error:
            self.trouble = str(error) or type(error).__name__
            _raise_if_dismissed(error)
        finally:
            self._ws = None
            self._sender.lost()
        if self._online.is_set():
            await self._back_off()

    async def _connection(self) -> None:
        if self._stopped.is_set():
            return
        async with connect(
            self._access.url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            proxy=None,
            close_timeout=2,
        ) as ws:
            hello = self._sender.hello(self._access.token, self._access.app, self.now_ms())
            await ws.send(hello, text=True)
            self._welcomed(await ws.recv())
            self._ws = ws
            self._wait_s, self.trouble = _FIRST_WAIT_S, ""
            if not self._online.is_set():
                ws.transport.abort()
            writer = asyncio.create_task(self._write(ws))
            try:
                await self._read(ws)
            finally:
                writer.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                    await writer

    def _welcomed(self, data: str | bytes) -> None:
        told = msgspec.json.decode(data)["welcome"]
        self.welcome = Welcome(told["van"], told["every_s"])
        self.offset_ms = _epoch_ms(told["time"]) - self._clock_ms()
        self.state = told["state"]  # nothing of it is drawn yet
        self._sender.opened()

    async def _write(self, ws: ClientConnection) -> None:
        while True:
            self._wake.clear()
            while (message := self._sender.next_message(self.now_ms())) is not None:
                await ws.send(message, text=True)
            if self._stopped.is_set():
                break
            await self._wake.wait()
        await ws.close()

    async def _read(self, ws: ClientConnection) -> None:
        async for data in ws:
            told = msgspec.json.decode(data)
            if "ack" in told:
                self._sender.acknowledged(told["ack"])
                self._wake.set()
                async with self._settled:
                    self._settled.notify_all()
            elif "refused" in told:
                refused = told["refused"]
                self._sender.refused(refused["n"], refused.get("index"), refused["why"])
            elif "state" in told:
                self.state = told["state"]
                self._pushes.put_nowait(self.state)
            elif "seq" in told:
                for kind in _KINDS & told.keys():
                    self._pushes.put_nowait(Push(told["seq"], kind, told[kind]))

    async def _hear_pushes(self) -> None:
        while True:
            push = await self._pushes.get()
            if isinstance(push, int):
                self._drew(state=push)
                continue
            if push.seq <= self._sender.have.seq:
                continue  # sent again before we said that we have it
            if self._on_push is not None:
                await self._on_push(push)
            if push.kind == "plan":
                self._drew(seq=push.seq, plan=int(push.body.get("version") or 0))
            else:
                self._drew(seq=push.seq)

    def _drew(self, *, plan: int | None = None, seq: int | None = None, state: int | None = None) -> None:
        have = self._sender.have
        self._sender.drawn(
            Have(
                have.plan if plan is None else plan,
                have.seq if seq is None else seq,
                have.state if state is None else state,
            )
        )
        self._wake.set()

    async def _back_off(self) -> None:
        wait_s = self._wait_s * _random.uniform(0.5, 1.0)
        self._wait_s = min(_LONGEST_WAIT_S, self._wait_s * 2)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), wait_s)


def _epoch_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _raise_if_dismissed(error: BaseException) -> None:
    farewell = error.rcvd if isinstance(error, ConnectionClosed) else None
    if farewell is not None and farewell.code == Code.UNKNOWN_TOKEN:
        raise Dismissed(
            "The platform does not know this terminal's token: {why}. Issue a new token.", why=farewell.reason
        ) from error

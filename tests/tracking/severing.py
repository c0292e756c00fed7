"""A door to PostgreSQL that slams: it knows just enough of the wire to cut a session at its COMMIT."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import quote

_SOCKET: Final = ".s.PGSQL.5432"
_COMMIT: Final = b"COMMIT\0"
_NO_TLS: Final = {80877103, 80877104}


class Cut(Enum):
    """When the connection breaks. What became of the transaction only the server knows."""

    UNSENT = "before the server got the COMMIT"
    SENT = "when the server had got the COMMIT"
    ANSWERED = "after the server's answer, which is lost"
    LATE = "and the COMMIT reaches the server later, at `deliver`"
    SILENT = "and the server is not told: it keeps the transaction open"


class Severed(Exception):
    """This session is over."""


class Door:
    """Passes sessions on to PostgreSQL and cuts the flusher's as `fates` say, one fate a COMMIT.

    Parameters
    ----------
    folder : where its own socket is made
    upstream : the folder of PostgreSQL's socket
    whose : the application name of the sessions that are cut
    """

    def __init__(self, folder: Path, upstream: Path, whose: str = "carevan ingest") -> None:
        self._folder = folder
        self._upstream = upstream / _SOCKET
        self._whose = whose.encode()
        self._tasks: set[asyncio.Task[None]] = set()
        self._deliver = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()
        self.fates: deque[Cut | None] = deque()
        """What happens to the next COMMITs; none left: they pass."""
        self.done = Counter[Cut]()
        self.sessions = 0
        """How many sessions of the flusher there have been."""
        self.on_cut: Callable[[Cut], Awaitable[None]] | None = None
        """Awaited after a cut, before the flusher may come in again."""

    def url(self, role: str = "carevan", database: str = "carevan") -> str:
        """The database's address by this door."""
        return f"postgresql://{role}@/{database}?host={quote(str(self._folder))}"

    def deliver(self) -> None:
        """Let the COMMITs that were held up reach the server."""
        self._deliver.set()

    async def reopened(self) -> None:
        """Wait until the flusher may come in."""
        await self._open.wait()

    async def __aenter__(self) -> Door:
        """Open it."""
        self._server = await asyncio.start_unix_server(self._serve, self._folder / _SOCKET)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Shut it; who is inside is thrown out."""
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(Severed, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._session(reader, writer)
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _startup(reader, writer)
        ours = self._whose in head
        if ours:
            await self._open.wait()
            self.sessions += 1
        async with _dialled(self._upstream) as (from_server, to_server):
            to_server.write(head)
            session = _Session(self, reader, writer, from_server, to_server)
            if ours:
                await session.watched()
            else:
                await session.plain()

    def slam(self, cut: Cut, writer: asyncio.StreamWriter) -> None:
        """Cut the flusher's side, and keep it out while `on_cut` looks around."""
        writer.transport.abort()
        self.done[cut] += 1
        if self.on_cut is not None:
            self._open.clear()
            # A task of its own: the session ends now.
            looking = asyncio.create_task(self._look(self.on_cut(cut)))
            self._tasks.add(looking)
            looking.add_done_callback(self._tasks.discard)

    async def _look(self, around: Awaitable[None]) -> None:
        try:
            await around
        finally:
            self._open.set()

    async def delivery(self) -> None:
        """Wait for `deliver`."""
        await self._deliver.wait()


class _Session:
    def __init__(
        self,
        door: Door,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self._door = door
        self._reader, self._writer = reader, writer
        self._from_server, self._to_server = from_server, to_server
        self._cut: Cut | None = None
        self._commits: set[bytes] = set()

    async def plain(self) -> None:
        """Pass everything on."""
        await _first_of(_pour(self._reader, self._to_server), _pour(self._from_server, self._writer))

    async def watched(self) -> None:
        """Pass everything on until a COMMIT is to be cut."""
        await _first_of(self._asking(), self._answering())

    async def _asking(self) -> None:
        while True:
            message = await _message(self._reader)
            if self._is_commit(message) and self._door.fates:
                self._cut = self._door.fates.popleft()
            if self._cut in {None, Cut.ANSWERED}:
                self._to_server.write(message)
                await self._to_server.drain()
            else:
                await self._slam(message)

    async def _slam(self, message: bytes) -> None:
        assert self._cut is not None
        if self._cut is Cut.SENT:
            await self._pass_on(message)
        self._door.slam(self._cut, self._writer)
        if self._cut is Cut.LATE:
            await self._door.delivery()
            await self._pass_on(message)
        if self._cut is Cut.SILENT:
            await asyncio.Event().wait()  # until the server has had enough, and hangs up
        raise Severed

    async def _pass_on(self, message: bytes) -> None:
        """A COMMIT, with what belongs to it in the extended protocol."""
        self._to_server.write(message)
        while message[:1] not in b"QS":
            message = await _message(self._reader)
            self._to_server.write(message)
        await self._to_server.drain()

    async def _answering(self) -> None:
        while True:
            message = await _message(self._from_server)
            if self._cut is Cut.ANSWERED and message[:1] == b"C" and message[5:] == _COMMIT:
                self._door.slam(self._cut, self._writer)
                raise Severed
            if self._cut in {None, Cut.ANSWERED}:
                self._writer.write(message)
                await self._writer.drain()

    def _is_commit(self, message: bytes) -> bool:
        """A simple query, or the Bind of a statement that was parsed as one."""
        kind, body = message[:1], message[5:]
        if kind == b"Q":
            return body.upper() == _COMMIT
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            (self._commits.add if rest.upper().startswith(_COMMIT) else self._commits.discard)(name)
        return kind == b"B" and body.split(b"\0", 2)[1] in self._commits


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first message, which alone has no letter; offers of encryption are declined."""
    while True:
        length = await reader.readexactly(4)
        body = await reader.readexactly(int.from_bytes(length) - 4)
        if int.from_bytes(body[:4]) not in _NO_TLS:
            return length + body
        writer.write(b"N")


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def _first_of(*pumps: Awaitable[None]) -> None:
    """Run both directions; the end of one is the end of both."""
    tasks = [asyncio.ensure_future(pump) for pump in pumps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _dialled(socket: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        yield reader, writer
    finally:
        writer.close()

"""A wire that can be cut: passes bytes between clients and a server on this machine."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager


class Wire:
    """Where to pass to, and what is being passed.

    Parameters
    ----------
    target : HOST:PORT of the server; may be set anew for later connections
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.address = ""
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> int:
        """Break every connection, without a farewell; how many there were."""
        cut = len(self._writers) // 2
        for writer in self._writers:
            writer.transport.abort()
        return cut

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on until either side ends it."""
        host, _, port = self.target.partition(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))
        self._writers -= both
        for each in both:
            each.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on one way, to its end: a farewell for a farewell, a break for a break."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()


@asynccontextmanager
async def severable(target: str = "") -> AsyncIterator[Wire]:
    """A wire on a free port of this machine; its `address` stays over every change of the target."""
    wire = Wire(target)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    wire.address = f"{host}:{port}"
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await server.wait_closed()


@contextmanager
def severable_beside(target: str) -> Iterator[tuple[str, Callable[[], int]]]:
    """The same beside code that is not asynchronous: the wire's address, and what cuts it."""
    told: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event, Wire]] = queue.SimpleQueue()

    async def serve() -> None:
        async with severable(target) as wire:
            ended = asyncio.Event()
            told.put((asyncio.get_running_loop(), ended, wire))
            await ended.wait()

    async def cut() -> int:
        return wire.cut()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, ended, wire = told.get(timeout=20)
    try:
        yield wire.address, lambda: asyncio.run_coroutine_threadsafe(cut(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()

"""A wire that can be cut: passes bytes between clients and a server on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


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
        ways = [
            asyncio.create_task(_pass(reader, far_writer)),
            asyncio.create_task(_pass(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._writers -= both
            for each in both:
                each.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


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

"""The way out to one viewer's socket: it holds little, waits for nobody but itself, and not for ever."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from tracking.fastws import door_of

STALLED_S: Final = 30.0
"""Who takes nothing for so long is cut off."""
_CLOSE_WITHIN_S: Final = 1.0
_UNSENT_BYTES: Final = 65_536
_DROP: Final = struct.pack("ii", 1, 0)


class Stalled(OSError):
    """The viewer took nothing for too long."""


class Outlet:
    """Sends whole messages, at most one more than what the socket takes at once.

    Where the server has our protocol class, messages go to the transport without ASGI between. With the stock
    one they wait in front of its buffer, and a stalled socket can be left but not torn down.

    Parameters
    ----------
    ws : accepted
    stalled_s : how long a message may stand in the buffer; `STALLED_S` where it is not said
    """

    def __init__(self, ws: WebSocket, stalled_s: float | None = None) -> None:
        self._ws = ws
        self._door = door_of(ws)
        self._stalled_s = STALLED_S if stalled_s is None else stalled_s
        if self._door is not None:
            # What waits in the kernel is as old as what waits here: let it be as little.
            raw = self._door.transport.get_extra_info("socket")
            if raw is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)

    async def send(self, message: bytes) -> None:
        """Send a text message, and wait until the socket takes another.

        Raises
        ------
        WebSocketDisconnect : the viewer has gone.
        Stalled : it takes nothing, and was cut off.
        """
        door = self._door
        if door is not None and door.can_send():
            door.send_now(message)
            if door.can_send():
                return
            message = b""
        try:
            async with asyncio.timeout(self._stalled_s):
                if door is None:
                    await self._ws.send_text(message.decode())
                    return
                await door.writable.wait()
        except TimeoutError:
            self._tear_down()
            raise Stalled(f"took nothing for {self._stalled_s:g} s") from None
        if not door.can_send():
            raise WebSocketDisconnect(1006)
        if message:
            door.send_now(message)

    async def close(self, code: int, why: str) -> None:
        """Close with a sentence where the socket takes one, and without where it does not."""
        if self._door is not None and not self._door.can_send():
            self._tear_down()
            return
        try:
            async with asyncio.timeout(_CLOSE_WITHIN_S):
                await self._ws.close(code, why)
        except TimeoutError:
            pass  # Whoever serves the socket ends it once we have left.

    def _tear_down(self) -> None:
        """End the connection and drop what it holds, in the kernel too."""
        if self._door is None:
            return
        raw = self._door.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP)
        self._door.transport.abort()

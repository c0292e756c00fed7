"""The WebSocket that the district's screens watch."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet.session import Principal, principal_of_websocket
from tracking.feed import Hub

logger = structlog.get_logger(__name__)
LOG_IN_AGAIN: Final = 4401
"""The session is missing, has ended, or the page comes from another address."""
_CHECK_S = 5.0
_GONE = (WebSocketDisconnect, OSError)


async def serve(ws: WebSocket, hub: Hub) -> None:
    """Send ticks until the viewer goes or the session ends.

    The query may hold `cursor`, that of the last tick seen, and `state`, the last entry of the journal seen.
    """
    await ws.accept()
    try:
        principal = await principal_of_websocket(ws)
        if principal is None:
            await ws.close(LOG_IN_AGAIN, "log in again")
            return
        await _serve(ws, hub, principal)
    except _GONE:
        pass  # The viewer has gone.


async def _serve(ws: WebSocket, hub: Hub, principal: Principal) -> None:
    tasks = [
        asyncio.create_task(_send(ws, hub, principal.district_id)),
        asyncio.create_task(_drain(ws)),
        asyncio.create_task(_check(ws, principal)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, _GONE):
                logger.error("a viewer's socket failed", exc_info=ended)


async def _send(ws: WebSocket, hub: Hub, district_id: int) -> None:
    state = ws.query_params.get("state", "")
    since = int(state) if state.isascii() and state.isdigit() and len(state) < 19 else None
    async for tick in hub.subscribe(district_id, ws.query_params.get("cursor"), since):
        await ws.send_text(tick.encoded)


async def _drain(ws: WebSocket) -> None:
    """A viewer has nothing to say; reading shows when it goes."""
    while True:
        message = await ws.receive()
        if message["type"] == "websocket.disconnect":
            return


async def _check(ws: WebSocket, principal: Principal) -> None:
    """Close once the session has ended or looks at another district."""
    while True:
        await asyncio.sleep(_CHECK_S)
        try:
            now = await principal_of_websocket(ws)
        except OperationalError:
            continue  # The database is away; nobody's session ended by that.
        if now is None or now.district_id != principal.district_id:
            await ws.close(LOG_IN_AGAIN, "log in again")
            return

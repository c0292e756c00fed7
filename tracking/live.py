"""The WebSocket that the district's screens watch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import aclosing
from typing import Final, NamedTuple

import msgspec
import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet.accounts import Role
from fleet.context import Context
from fleet.session import Principal, find_principals, principal_of_websocket
from fleet.vigil import Vigil
from tracking.cells import Refused, wish_of
from tracking.feed import Hub, Viewer
from tracking.outlet import Outlet, Stalled

logger = structlog.get_logger(__name__)
LOG_IN_AGAIN: Final = 4401
"""The session is missing, has ended, or the page comes from another address."""
LOAD_AGAIN: Final = 4410
"""The session goes on in another district or role: the page shows what is not the viewer's any more."""
COME_AGAIN: Final = 1013
_GONE: Final = (WebSocketDisconnect, OSError)
_LISTEN_EVERY_S: Final = 0.1


class Standing(NamedTuple):
    """In what a session lets its viewer look."""

    district_id: int
    role: Role


def vigil(context: Context) -> Vigil[Standing]:
    """A watch over the sessions of open screens."""

    def ask(tokens: Collection[str]) -> dict[str, Standing]:
        return {token: _standing(who) for token, who in find_principals(context, tokens).items()}

    return Vigil(ask)


def _standing(who: Principal) -> Standing:
    return Standing(who.district_id, who.role)


async def serve(ws: WebSocket, hub: Hub, sessions: Vigil[Standing]) -> None:
    """Send ticks until the viewer goes or the session ends.

    The query may hold `cursor`, that of the last tick seen, and `state`, the last entry of the journal seen.
    """
    await ws.accept()
    outlet = Outlet(ws)
    try:
        principal = await principal_of_websocket(ws)
        if principal is None:
            await outlet.close(LOG_IN_AGAIN, "log in again")
            return
        await _serve(ws, outlet, hub, sessions, principal)
    except _GONE:
        pass  # The viewer has gone.
    except (SQLAlchemyError, psycopg.Error) as error:
        logger.warning("cannot serve a viewer", why=type(error).__name__)
        await outlet.close(COME_AGAIN, "the database does not answer; connect again later")


async def _serve(
    ws: WebSocket, outlet: Outlet, hub: Hub, sessions: Vigil[Standing], principal: Principal
) -> None:
    viewer = Viewer()
    tasks = [
        asyncio.create_task(_send(ws, outlet, hub, principal.district_id, viewer)),
        asyncio.create_task(_listen(ws, outlet, viewer)),
        asyncio.create_task(_watch(outlet, sessions, principal)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, psycopg.Error):
                raise ended
            if isinstance(ended, Exception) and not isinstance(ended, _GONE):
                logger.error("a viewer's socket failed", exc_info=ended)


async def _send(ws: WebSocket, outlet: Outlet, hub: Hub, district_id: int, viewer: Viewer) -> None:
    state = ws.query_params.get("state", "")
    since = int(state) if state.isascii() and state.isdigit() and len(state) < 19 else None
    async with aclosing(hub.subscribe(district_id, ws.query_params.get("cursor"), since, viewer)) as ticks:
        try:
            async for tick in ticks:
                await outlet.send(tick.encoded)
        except Stalled:
            hub.stalled += 1
            raise


async def _listen(ws: WebSocket, outlet: Outlet, viewer: Viewer) -> None:
    """A viewer may say where it looks; reading also shows when it goes."""
    while True:
        message = await ws.receive()
        if message["type"] == "websocket.disconnect":
            return
        wish = wish_of(message.get("text") or message.get("bytes") or "")
        if isinstance(wish, Refused):
            await outlet.send(msgspec.json.encode({"refused": {"why": wish.why}}))
        else:
            viewer.look(wish)
        # Whoever drags a map about says it often; a view is worth a few pictures a second, not more.
        await asyncio.sleep(_LISTEN_EVERY_S)


async def _watch(outlet: Outlet, sessions: Vigil[Standing], principal: Principal) -> None:
    """Close once the session has ended or shows something else."""
    now = await sessions.until_changed(principal.session, _standing(principal))
    if now is None:
        await outlet.close(LOG_IN_AGAIN, "log in again")
    else:
        await outlet.close(LOAD_AGAIN, "your district or your role has changed; load the page again")

"""Guests' open maps: each share looked up and encoded once a second, however many look on."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet import journal
from fleet.clock import wall_now
from fleet.context import Context
from fleet.units import ms_of
from fleet.vigil import Vigil
from maps import share_store
from maps.share_store import Share
from tracking.outlet import Outlet

ENDED = 4403
"""Close code: the share has expired or was revoked."""
_EVERY_S = 1.0
_KEPT_S = 10.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Picture:
    """What the guests of one share are told now."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    message: bytes = b""
    made_s: float = float("-inf")


class Guests:
    """The guests of one process; made by the application."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pictures: dict[int, _Picture] = {}
        self.shares = Vigil(self._open)
        self.made = 0

    async def serve(self, ws: WebSocket, cookie: str | None) -> None:
        """Tell a guest where the vans are, each second, until they go or their share ends."""
        outlet = Outlet(ws)
        share = (await run_in_threadpool(self._of, [cookie])).get(cookie) if cookie else None
        if share is None or cookie is None:
            await outlet.close(ENDED, "this share has ended")
            return
        tasks = [
            asyncio.create_task(self._send(outlet, share)),
            asyncio.create_task(self._watch(outlet, cookie, share)),
            asyncio.create_task(_drain(ws)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, (WebSocketDisconnect, OSError)):
                    log.warning("a guest's socket failed", error=type(ended).__name__)

    async def picture(self, share: Share) -> bytes:
        """What the guests of a share are told now; at most a second old."""
        now_s = asyncio.get_running_loop().time()
        held = self._pictures.setdefault(share.id, _Picture())
        async with held.turn:
            if now_s - held.made_s >= _EVERY_S:
                held.message = await run_in_threadpool(self._draw, share)
                held.made_s = now_s
                self.made += 1
        return held.message

    async def _send(self, outlet: Outlet, share: Share) -> None:
        while True:
            await outlet.send(await self.picture(share))
            await asyncio.sleep(_EVERY_S)

    async def _watch(self, outlet: Outlet, cookie: str, share: Share) -> None:
        await self.shares.until_changed(cookie, share.id)
        self._forget()
        await outlet.close(ENDED, "this share has ended")

    def _forget(self) -> None:
        """Let go of pictures that nobody has looked at lately."""
        before_s = asyncio.get_running_loop().time() - _KEPT_S
        self._pictures = {n: each for n, each in self._pictures.items() if each.made_s > before_s}

    def _of(self, cookies: Collection[str]) -> dict[str, Share]:
        with self._context.engine.connect() as conn:
            return share_store.of_guests(conn, cookies, wall_now())

    def _open(self, cookies: Collection[str]) -> dict[str, int]:
        return {cookie: share.id for cookie, share in self._of(cookies).items()}

    def _draw(self, share: Share) -> bytes:
        now = self._context.clock.now()
        then = now - timedelta(seconds=share.delay_s)
        with self._context.engine.connect() as conn:
            seen = share_store.spots(conn, share, now)
            state = journal.standing(conn, share.district_id, then)
        shown = [[each.van_id, each.lon, each.lat, each.stale] for each in seen]
        # The number of the same moment as the vans: how often it changes now is not a guest's to know.
        return msgspec.json.encode({"as_of": ms_of(then), "state": state, "vans": shown})


async def _drain(ws: WebSocket) -> None:
    # A guest says nothing; reading is how their leaving is noticed.
    while True:
        await ws.receive_text()


def guests_of(ws: WebSocket) -> Guests:
    """The application's guests."""
    guests = ws.app.state.guests
    assert isinstance(guests, Guests)
    return guests

"""Guests' open maps: what the guests of a share are told is made once each second, however many look on."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from fleet.clock import wall_now
from fleet.context import Context
from fleet.vigil import Vigil
from maps import share_store
from maps.scope import Scope
from maps.share_store import Share
from maps.showing import telling
from tracking.outlet import Outlet

ENDED: Final = 4403
"""Close code: the share has expired or was revoked."""
CHANGED: Final = 4409
"""Close code: the share shows something else by now; the page is to be loaded anew."""
_EVERY_S: Final = 1.0
_STILL: Final = b'{"still":true}'
"""What is told when nothing has changed: that we are here."""

_What: TypeAlias = tuple[int, str, Scope]

log = structlog.get_logger(__name__)


class _Picture:
    """What the guests of one share are told now, and how many of them there are."""

    def __init__(self) -> None:
        self.messages: tuple[bytes, ...] = ()
        self.number = 0
        self.guests = 0
        self.maker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    def tell(self, messages: tuple[bytes, ...]) -> None:
        """Wake everybody, with new messages or with none."""
        if messages != self.messages:
            self.messages = messages
        self.number += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def after(self, number: int) -> int:
        """Wait for the beat after the one of this number; its number. Whoever is slow misses some."""
        while self.number == number:
            await self._changed.wait()
        return self.number


class Guests:
    """The guests of one process; made by the application.

    Parameters
    ----------
    every_s : wall seconds from one message to the next
    """

    def __init__(self, context: Context, every_s: float = _EVERY_S) -> None:
        self._context = context
        self._every_s = every_s
        self._pictures: dict[tuple[int, Scope], _Picture] = {}
        self.shares = Vigil(self._open)
        self.made = 0

    async def serve(self, ws: WebSocket, cookie: str | None) -> None:
        """Tell a guest where the vans are, each second, until they go or their share ends."""
        outlet = Outlet(ws)
        share = (await run_in_threadpool(self._of, [cookie])).get(cookie) if cookie else None
        if share is None or cookie is None:
            await outlet.close(ENDED, "this share has ended")
            return
        with self._looking_on(share) as picture:
            tasks = [
                asyncio.create_task(_send(outlet, picture)),
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

    @contextmanager
    def _looking_on(self, share: Share) -> Iterator[_Picture]:
        """The picture of a share, made for as long as anybody looks on."""
        # By its scope too: whoever comes after a change is not told what was told before it.
        key = share.id, share.scope
        picture = self._pictures.setdefault(key, _Picture())
        picture.guests += 1
        if picture.maker is None:
            picture.maker = asyncio.create_task(self._make(share, picture), name="guests")
        try:
            yield picture
        finally:
            picture.guests -= 1
            if picture.guests == 0:
                picture.maker.cancel()
                del self._pictures[key]

    async def _make(self, share: Share, picture: _Picture) -> None:
        # By the beat and not by what happens: when a message comes tells nothing.
        loop = asyncio.get_running_loop()

        def grow(messages: tuple[bytes, ...]) -> None:
            loop.call_soon_threadsafe(picture.tell, messages)

        due_s = until_s = loop.time()
        while True:
            try:
                if loop.time() >= until_s:
                    # Whoever waits for the first picture sees it grow; later ones are changed at once.
                    told = await run_in_threadpool(
                        telling, self._context, share, None if picture.messages else grow
                    )
                    self.made += 1
                    until_s = loop.time() + told.holds_s
                picture.tell(told.messages)
            except SQLAlchemyError as error:
                log.warning("a shared map found no database", error=type(error).__name__)
            due_s = max(due_s + self._every_s, loop.time())
            await asyncio.sleep(due_s - loop.time())

    async def _watch(self, outlet: Outlet, cookie: str, share: Share) -> None:
        if await self.shares.until_changed(cookie, _what(share)) is None:
            await outlet.close(ENDED, "this share has ended")
        else:
            await outlet.close(CHANGED, "this share was changed")

    def _of(self, cookies: Collection[str]) -> dict[str, Share]:
        with self._context.engine.connect() as conn:
            return share_store.of_guests(conn, cookies, wall_now())

    def _open(self, cookies: Collection[str]) -> dict[str, _What]:
        return {cookie: _what(share) for cookie, share in self._of(cookies).items()}


def _what(share: Share) -> _What:
    """What a guest's page was made of; views and the end may change without them."""
    return share.id, share.title, share.scope


async def _send(outlet: Outlet, picture: _Picture) -> None:
    number = 0
    sent: tuple[bytes, ...] = ()
    while True:
        number = await picture.after(number)
        told = picture.messages
        for message in _news(told, sent):
            await outlet.send(message)
        sent = told


def _news(told: tuple[bytes, ...], sent: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What is to be sent to whoever was sent that: what a picture has grown by, or all of another one."""
    if told is sent:
        return (_STILL,)
    return told[len(sent) :] if told[: len(sent)] == sent and len(told) > len(sent) else told


async def _drain(ws: WebSocket) -> None:
    # A guest says nothing; reading is how their leaving is noticed.
    while True:
        await ws.receive_text()


def guests_of(ws: WebSocket) -> Guests:
    """The application's guests."""
    guests = ws.app.state.guests
    assert isinstance(guests, Guests)
    return guests

"""Files streamed to people, so many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from fleet.errors import TooMany


@contextmanager
def place_in(running: BoundedSemaphore, at_once: int) -> Iterator[None]:
    """Take a place; it is kept for the `Download` made inside, and given back if none comes of it.

    Raises
    ------
    TooMany : all places are taken.
    """
    if not running.acquire(blocking=False):
        raise TooMany("{n} exports are running already. Wait until one has ended.", n=at_once)
    try:
        yield
    except BaseException:
        running.release()
        raise


class Download(StreamingResponse):
    """Ends its parts and gives its place to the next, be it that nobody listens any more."""

    def __init__(
        self, parts: Iterator[bytes], running: BoundedSemaphore, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._parts, self._running = parts, running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self._parts, "close", None)
            if close is not None:
                close()
            self._running.release()

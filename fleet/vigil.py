"""Watches over open connections: whether what let each of them in still holds, asked for all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Final, Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fleet.background import in_thread

logger = structlog.get_logger(__name__)
EVERY_S: Final = 2.0
"""How often is asked: what has ended is noticed well within 5 s."""
_Standing = TypeVar("_Standing")


class Vigil(Generic[_Standing]):
    """Asks one question for all who are watched, again and again, while there is anybody.

    Parameters
    ----------
    ask : what each key stands for now, called in a thread; keys that it leaves out have ended
    every_s : seconds from one answer to the next question
    """

    def __init__(
        self, ask: Callable[[Collection[str]], Mapping[str, _Standing]], every_s: float = EVERY_S
    ) -> None:
        self._ask = ask
        self._every_s = every_s
        self._watched: dict[asyncio.Future[_Standing | None], tuple[str, _Standing]] = {}
        self._task: asyncio.Task[None] | None = None
        self.asked = 0

    async def until_changed(self, key: str, standing: _Standing) -> _Standing | None:
        """Wait until a key stands for something else than it did; what it is now, None when it has ended."""
        changed: asyncio.Future[_Standing | None] = asyncio.get_running_loop().create_future()
        self._watched[changed] = key, standing
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="vigil")
        try:
            return await changed
        finally:
            del self._watched[changed]
            if not self._watched and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            watched = dict(self._watched)
            try:
                found = await in_thread(self._ask, {key for key, _ in watched.values()})
            except SQLAlchemyError as error:
                # The database is away; nobody's leave to look ended by that.
                logger.warning(
                    "cannot ask whether sessions still hold; asking again", why=type(error).__name__
                )
                continue
            except Exception as error:
                logger.error("cannot ask whether sessions still hold; asking again", exc_info=error)
                continue
            self.asked += 1
            for changed, (key, standing) in watched.items():
                if found.get(key) != standing and not changed.done():
                    changed.set_result(found.get(key))

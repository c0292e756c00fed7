"""Tasks that live as long as their owner, and the threads that they wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

_Asked = ParamSpec("_Asked")
_Result = TypeVar("_Result")


async def in_thread(work: Callable[_Asked, _Result], *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Result:
    """Run blocking work in a thread; who is cancelled waits until it is done, so none outlives its owner.

    A thread cannot be cancelled. Left alone, it would give its database connection back to a pool that is
    closed by then.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        # What it found or raised is nobody's any more.
        await asyncio.gather(running, return_exceptions=True)
        raise


class Background:
    """Runs `run` from `start` to `stop`; `stop` cancels it and waits until it is gone."""

    def __init__(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._name = name
        self._run = run
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End; no harm when it never began."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

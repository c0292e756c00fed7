"""One question for all who are watched: asked while somebody is, over every failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from fleet.vigil import Vigil


class _Register:
    """What keys stand for, and how it was asked."""

    def __init__(self, **standing: str) -> None:
        self.standing = standing
        self.asked: list[set[str]] = []
        self.trouble: list[Exception] = []

    def ask(self, keys: Collection[str]) -> Mapping[str, str]:
        self.asked.append(set(keys))
        if self.trouble:
            raise self.trouble.pop()
        return {key: self.standing[key] for key in keys if key in self.standing}


def _play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await scene()

    asyncio.run(within())


def test_who_has_changed_or_ended_is_told_and_nobody_else() -> None:
    register = _Register(a="viewer", b="viewer", c="viewer")

    async def scene() -> None:
        vigil = Vigil(register.ask, every_s=0.01)
        watches = {key: asyncio.create_task(vigil.until_changed(key, "viewer")) for key in "abc"}
        twin = asyncio.create_task(vigil.until_changed("a", "viewer"))
        while vigil.asked < 2:
            await asyncio.sleep(0.01)
        assert not any(watch.done() for watch in watches.values())
        assert register.asked[-1] == {"a", "b", "c"}, "one question for all, twins included"
        register.standing = {"b": "planner", "c": "viewer"}
        assert await watches["a"] is None
        assert await twin is None
        assert await watches["b"] == "planner"
        while register.asked[-1] != {"c"}:
            await asyncio.sleep(0.01)
        assert not watches["c"].done()
        watches["c"].cancel()

    _play(scene)


def test_nothing_is_asked_while_nobody_is_watched() -> None:
    register = _Register(a="viewer")

    async def scene() -> None:
        vigil = Vigil(register.ask, every_s=0.01)
        for _ in range(2):
            watch = asyncio.create_task(vigil.until_changed("a", "viewer"))
            asked = vigil.asked
            while vigil.asked == asked:
                await asyncio.sleep(0.01)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            assert all(task.cancelling() for task in asyncio.all_tasks() if task.get_name() == "vigil")

    _play(scene)


@pytest.mark.parametrize(
    "trouble", [OperationalError("select", {}, Exception("gone")), ValueError("a defect")]
)
def test_a_question_that_fails_ends_nobody_and_is_asked_again(trouble: Exception) -> None:
    register = _Register()
    register.trouble = [trouble, trouble]

    async def scene() -> None:
        vigil = Vigil(register.ask, every_s=0.01)
        assert await vigil.until_changed("a", "viewer") is None
        assert len(register.asked) == 3

    _play(scene)

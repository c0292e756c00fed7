from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import BoundedSemaphore

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from fleet.download import Download, place_in
from fleet.errors import TooMany

SCOPE = {"type": "http", "asgi": {"spec_version": "2.4"}}


def parts(ended: list[bool]) -> Iterator[bytes]:
    try:
        yield b"one"
        yield b"two"
    finally:
        ended.append(True)


async def nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_place_is_kept_until_the_download_has_ended() -> None:
    running, ended, sent = BoundedSemaphore(1), list[bool](), list[bytes]()

    async def take(message: Message) -> None:
        sent.append(message.get("body", b""))

    with place_in(running, 1):
        download = Download(parts(ended), running, "text/plain", {"Cache-Control": "no-store"})
    with pytest.raises(TooMany, match="exports are running"), place_in(running, 1):
        pass
    asyncio.run(download(SCOPE, nothing, take))
    assert b"".join(sent) == b"onetwo"
    assert ended == [True]
    assert running.acquire(blocking=False)


def test_a_place_comes_back_where_nothing_is_sent() -> None:
    running = BoundedSemaphore(1)
    with pytest.raises(KeyError), place_in(running, 1):
        raise KeyError("no such plan")
    assert running.acquire(blocking=False)


def test_who_goes_away_leaves_his_place_and_ends_the_parts() -> None:
    running, ended = BoundedSemaphore(1), list[bool]()
    with place_in(running, 1):
        download = Download(parts(ended), running, "text/plain", {})

    async def gone(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("nobody listens")

    with pytest.raises(ClientDisconnect):
        asyncio.run(download(SCOPE, nothing, gone))
    assert ended == [True]
    assert running.acquire(blocking=False)

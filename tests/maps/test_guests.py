"""Guests of one share: one look-up a second for all of them, and all cut when it ends, whatever they read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from fleet.clock import Clock, wall_now
from fleet.context import Context
from maps import share_store
from maps.guests import _STILL, CHANGED, Guests, _news
from maps.scope import Scope
from maps.share import COOKIE
from maps.share_store import NewShare
from tests.replay.seeding import LAT, LON, MORNING, Seeded, add_fixes, seed
from tests.replay.serving import context_on, screens, serving


def _share(context: Context, here: Seeded) -> tuple[int, str]:
    wanted = NewShare(here.district_id, "车辆", Scope(60), here.account_id, wall_now() + timedelta(hours=1))
    with context.engine.begin() as conn:
        return share_store.create(conn, wanted, wall_now())


def _enter(url: str, token: str) -> str:
    """A guest's cookie."""
    answer = httpx2.get(f"{url}/s/{token}", trust_env=False)
    assert answer.status_code == 303
    return str(answer.cookies[COOKIE])


def _watch(url: str, cookie: str) -> AbstractAsyncContextManager[ClientConnection]:
    address = url.removeprefix("http://")
    return connect(
        f"ws://{address}/ws/shared",
        origin=Origin(url),
        additional_headers={"Cookie": f"{COOKIE}={cookie}"},
        proxy=None,
    )


def test_all_guests_of_a_share_are_told_by_one_look_up_and_end_together(
    database: str, tmp_path: Path
) -> None:
    async def ended(ws: ClientConnection) -> float:
        async def listen() -> None:
            while True:
                await ws.recv()

        with pytest.raises(ConnectionClosed) as closed:
            await listen()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4403, "this share has ended")
        return time.monotonic()

    async def scene() -> None:
        async with asyncio.timeout(30):
            cookies = [_enter(url, token) for _ in range(4)] + [_enter(url, other_token)]
            async with _watch(url, cookies[4]) as other, _watch(url, cookies[0]) as ws:
                ((van_id, _, _, stale, _),) = json.loads(await ws.recv())["vans"]
                assert (van_id, stale) == (here.vans[0], False)
                rest = [await _watch(url, cookie).__aenter__() for cookie in cookies[1:4]]
                made = guests.made
                for _ in range(3):
                    told = [await each.recv() for each in rest]
                # Two shares, four seconds at most: far from one look-up for each of three guests and seconds.
                assert guests.made - made <= 8
                assert len(told) == 3
                with context.engine.begin() as conn:
                    share_store.revoke(conn, here.district_id, share_id, wall_now())
                began = time.monotonic()
                for each in (ws, *rest):
                    assert await ended(each) - began < 5.0
                assert json.loads(await other.recv())["vans"]

    with context_on(database, Clock.opening(MORNING + timedelta(minutes=2)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            track = [(MORNING + timedelta(seconds=n), LON - 0.02, LAT) for n in range(0, 400, 20)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
        (share_id, token), (_, other_token) = (_share(context, here) for _ in "ab")
        app = screens(context)
        guests = app.state.guests
        with serving(app) as url:
            asyncio.run(scene())


def test_who_has_no_open_share_is_told_so_at_once(database: str, tmp_path: Path) -> None:
    async def scene(cookie: str, origin: str) -> None:
        address = url.removeprefix("http://")
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        async with connect(
            f"ws://{address}/ws/shared", origin=Origin(origin), additional_headers=headers, proxy=None
        ) as ws:
            with pytest.raises(ConnectionClosed) as closed:
                await ws.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4403

    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        _, token = _share(context, here)
        with serving(screens(context)) as url:
            asyncio.run(scene("made up", url))
            asyncio.run(scene(_enter(url, token), "http://elsewhere.test"))


def test_each_update_is_encoded_once_for_all_guests(database: str, tmp_path: Path) -> None:
    """However many look on: as many messages are made as different ones are heard."""

    async def scene() -> None:
        async with asyncio.timeout(60):
            cookie = _enter(url, token)
            watching = [await _watch(url, cookie).__aenter__() for _ in range(40)]
            before = guests.made
            heard = [await asyncio.gather(*(each.recv() for each in watching)) for _ in range(6)]
            made = guests.made - before
            different = {message for messages in heard for message in messages}
            # One more or less: what was made before the first was heard, or not yet heard by anybody.
            assert made - 1 <= len(different) <= made + 2
            for each in watching:
                await each.close()

    with context_on(database, Clock.opening(MORNING), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
        _, token = _share(context, here)
        app = screens(context)
        app.state.guests = guests = Guests(context, every_s=0.5)
        with serving(app) as url:
            asyncio.run(scene())


def test_guests_of_a_narrowed_link_are_moved_and_told_nothing_of_the_former(
    database: str, tmp_path: Path
) -> None:
    async def listen(ws: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await ws.recv()

    async def scene() -> None:
        async with asyncio.timeout(30):
            cookie = _enter(url, token)
            async with _watch(url, cookie) as old:
                assert [each[0] for each in json.loads(await old.recv())["vans"]] == [here.vans[0]]
                with context.engine.begin() as conn:
                    was = share_store.of(conn, here.district_id, share_id, wall_now())
                    scope = Scope(60, (here.vans[1],))
                    wanted = NewShare(here.district_id, "x", scope, here.account_id, was.expires_at)
                    share_store.change(conn, was, wanted)
                # Comes while the former picture is still being made for the other.
                async with _watch(url, cookie) as new:
                    assert json.loads(await new.recv())["vans"] == []
                await listen(old)
                assert old.close_code == CHANGED

    with context_on(database, Clock.opening(MORNING + timedelta(minutes=2)), tmp_path) as context:
        with context.engine.begin() as conn:
            here = seed(conn)
            track = [(MORNING + timedelta(seconds=n), LON - 0.02, LAT) for n in range(0, 400, 20)]
            add_fixes(conn, here.vans[0], here.terminals[0], track)
        share_id, token = _share(context, here)
        with serving(screens(context)) as url:
            asyncio.run(scene())


def test_a_picture_that_grows_is_sent_by_what_it_grew_by() -> None:
    first, more = (b"day",), (b"day", b"part")
    assert _news(first, ()) == first
    assert _news(more, first) == (b"part",)
    assert _news(more, more) == (_STILL,)
    assert _news((b"other",), more) == (b"other",)
    assert _news(first, more) == first

"""The asyncio terminal against a real gateway."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from fleet import outbox, terminals
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, context_on, driven, register, rows, running
from tracking.client import Access, Dismissed, Push, Terminal
from tracking.event import Event
from tracking.fix import Fix
from tracking.protocol import SUBPROTOCOL


def _fix(k: int) -> Fix:
    return Fix(NOON_MS - 1000 * k, LON + k * 1e-5, LAT)


def test_a_dead_zone_costs_nothing(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, driven(platform, fleet.tokens) as (terminal,):
            for k in range(120):
                await terminal.send(_fix(k))
            await terminal.send(Fix(NOON_MS, 500.0, LAT))
            terminal.go_offline()
            for k in range(120, 240):
                await terminal.send(_fix(k))
            await terminal.send(Event(uuid4(), NOON_MS, "arrived"))
            assert terminal.pending >= 121
            terminal.go_online()
            assert await terminal.drained()
            assert terminal.fixes.sent == 241
            assert terminal.fixes.acknowledged == 240
            assert list(terminal.fixes.reasons) == ["lon 500.0 is not within -180 to 180"]
            assert terminal.events.acknowledged == 1
            assert terminal.welcome is not None
            assert terminal.welcome.van_id == fleet.vans[0]

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(240,)]


def test_pushes_come_once_each_and_are_reported_as_drawn(database: str, tmp_path: Path) -> None:
    heard: list[Push] = []

    def put(kind: outbox.Kind, **body: object) -> None:
        with context.engine.begin() as conn:
            outbox.put(conn, fleet.vans[0], kind, body, NOON)

    async def scene() -> None:
        first, got = asyncio.Event(), asyncio.Event()

        async def hear(push: Push) -> None:
            heard.append(push)
            first.set()
            if push.kind == "task":  # far more than the queue holds: only acks make room
                for k in range(60):
                    await terminal.send(_fix(k))
            if push.kind == "withdraw":
                got.set()

        async with running(context) as platform, asyncio.timeout(30):
            access = Access(platform.terminal_url, fleet.tokens[0], app="test/1")
            terminal = Terminal(access, on_push=hear, clock_ms=lambda: 5_000, queue_limit=5)
            task = asyncio.create_task(terminal.run())
            put("plan", version=3)
            await first.wait()
            assert abs(terminal.now_ms() - NOON_MS) < 60_000, "its clock was wrong and is corrected"
            terminal.go_offline()
            put("task", id="sos:1")
            terminal.go_online()
            put("withdraw", task="sos:1")
            await got.wait()
            await terminal.drained()
            terminal.stop()
            await task

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert [(push.seq, push.kind) for push in heard] == [(1, "plan"), (2, "task"), (3, "withdraw")]
    assert rows(database, "SELECT plan, seq, app FROM terminal_seen") == [(3, 3, "test/1")]


def test_a_failing_listener_ends_the_run_with_its_own_error(database: str, tmp_path: Path) -> None:
    async def fail(push: Push) -> None:
        raise LookupError(push.kind)

    async def scene() -> None:
        with context.engine.begin() as conn:
            outbox.put(conn, fleet.vans[0], "say", {"text": "hi"}, NOON)
        async with running(context) as platform, asyncio.timeout(30):
            with pytest.raises(LookupError, match="say"):
                await Terminal(Access(platform.terminal_url, fleet.tokens[0]), on_push=fail).run()

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())


def test_a_replaced_token_dismisses_the_terminal(database: str, tmp_path: Path) -> None:
    def replace() -> None:
        with context.engine.begin() as conn:
            terminals.issue_token(conn, fleet.terminals[0])

    async def scene() -> None:
        async with running(context) as platform, asyncio.timeout(30):
            terminal = Terminal(Access(platform.terminal_url, fleet.tokens[0]))
            task = asyncio.create_task(terminal.run())
            terminal.put(_fix(1))
            assert await terminal.drained()
            await asyncio.to_thread(replace)
            await platform.tracking.gateway.dismiss()
            with pytest.raises(Dismissed, match="replaced"):
                await task
            terminal.put(_fix(2))
            assert not await terminal.drained()

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())


def test_a_state_is_drawn_once_what_came_before_it_is() -> None:
    """The welcome's state is not: nothing of it has come yet."""
    told: list[Any] = []
    begun, may_end, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def draw(push: Push) -> None:
        begun.set()
        await may_end.wait()
        told.append("drawn")

    async def platform(ws: ServerConnection) -> None:
        await ws.recv()
        now = "2026-07-22T04:00:00Z"
        said: tuple[dict[str, Any], ...] = (
            {"welcome": {"van": 1, "time": now, "every_s": 2.0, "state": 7}},
            {"seq": 1, "say": {"text": "hi"}},
            {"state": 8, "time": now},
        )
        for each in said:
            await ws.send(json.dumps(each))
        await begun.wait()
        await (await ws.ping())  # all of it has been read
        may_end.set()
        async for message in ws:
            told.append(json.loads(message)["have"]["state"])
            if told[-1] == 8:
                over.set()

    async def scene() -> None:
        async with serve(platform, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            terminal = Terminal(Access(f"ws://127.0.0.1:{port}", "-"), on_push=draw)
            task = asyncio.create_task(terminal.run())
            async with asyncio.timeout(30):
                await over.wait()
            assert terminal.state == 8
            terminal.stop()
            await task

    asyncio.run(scene())
    assert told[0] == "drawn" and told[-1] == 8
    assert 7 not in told

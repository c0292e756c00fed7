"""Terminals on real sockets, from the upgrade to the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fleet import outbox, tables
from fleet.clock import wall_now
from tests.tracking.platform import (
    NOON,
    NOON_MS,
    context_on,
    dialled,
    fix,
    register,
    rows,
    running,
    until,
)

_BAD_HELLOS = (
    ('{"n": 1, "fix": {}}', 4400),
    ("not json", 4400),
    ('{"hello": {}}', 4400),
    ('{"hello": {"token": "nobody"}}', 4401),
    ("[" * 70_000, 1009),
    ("x" * 10_000_000, 1009),
)


def _acked(n: int) -> Callable[[dict[str, Any]], bool]:
    return lambda told: told.get("ack", 0) >= n


async def _say(ws: ClientConnection, text: str) -> None:
    await ws.send(text)
    await ws.recv()


async def _ended(conversation: Awaitable[object]) -> int:
    """How the server ends a conversation; it always says why."""
    with pytest.raises(ConnectionClosed) as closed:
        await conversation
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason
    return closed.value.rcvd.code


def _never(told: dict[str, Any]) -> bool:
    return False


def test_fixes_are_acknowledged_after_commit_and_refusals_come_before_the_ack(
    database: str, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fixes": [fix(0), fix(1, lon=400), {"t": "x"}, fix(2)]}))
            await ws.send('{"n": 2, "fix": {"t": 1, "lon": NaN, "lat": 1}}')
            await ws.send(
                json.dumps({"n": 3, "event": {"id": str(uuid4()), "t": NOON_MS, "kind": "arrived"}})
            )
            await ws.send(json.dumps({"n": 4, "event": {"id": str(uuid4()), "t": NOON_MS, "kind": "flew"}}))
            await ws.send(json.dumps({"n": 5, "have": {"plan": 3, "seq": 0, "state": 0}}))
            heard = await until(ws, _acked(5))
            stored = rows(database, "SELECT count(*) FROM fix")
            refused = [told["refused"] for told in heard if "refused" in told]
            assert [(r["n"], r.get("index")) for r in refused] == [(1, 1), (1, 2), (2, None), (4, None)]
            assert "400" in refused[0]["why"]
            assert "flew" in refused[3]["why"]
            for told in refused:
                ack_at = next(i for i, m in enumerate(heard) if m.get("ack", 0) >= told["n"])
                assert heard.index({"refused": told}) < ack_at
            assert stored == [(2,)]

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT kind FROM event") == [("arrived",)]
    assert len(rows(database, "SELECT why FROM quarantine")) == 4
    assert rows(database, "SELECT plan FROM terminal_seen") == [(3,)]
    assert rows(database, "SELECT t FROM van_state") == [(NOON,)]


def test_comings_and_goings_are_logged_without_secrets(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform:

            async def all_gone() -> None:
                while platform.tracking.gateway.connected:
                    await asyncio.sleep(0.01)

            async with dialled(platform, fleet.tokens[0]):
                pass
            await all_gone()
            async with dialled(platform, fleet.tokens[0]) as ws:
                await ws.send('{"n": 7, "have": {}}')
                assert await _ended(until(ws, _never)) == 4409
            await all_gone()
            async with dialled(platform, fleet.tokens[0]) as ws:
                ws.transport.abort()
                await all_gone()

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    with capture_logs() as logs:
        asyncio.run(scene())
    who = {
        "terminal": fleet.terminals[0],
        "van": fleet.vans[0],
        "protocol": "carevan.v1",
        "log_level": "info",
    }
    welcome = {**who, "event": "terminal welcomed"}
    gone = [
        {**who, "event": "terminal gone", "why": why}
        for why in (
            "closed by the terminal: 1000",
            "closed by us: 4409 n is 7 where 1 was due; count each message after hello",
            "the line was lost",
        )
    ]
    of_terminals = [line for line in logs if line["event"].startswith("terminal ")]
    assert of_terminals == [each for pair in zip([welcome] * 3, gone, strict=True) for each in pair]


def test_who_does_not_say_hello_properly_is_told_why(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with running(context) as platform, AsyncExitStack() as stack:
            silent = [await stack.enter_async_context(dialled(platform, None)) for _ in range(32)]
            one_too_many = await stack.enter_async_context(dialled(platform, None))
            assert await _ended(one_too_many.recv()) == 4429
            assert await _ended(silent[0].recv()) == 4408
            for first, code in _BAD_HELLOS:
                async with dialled(platform, None) as ws:
                    assert await _ended(_say(ws, first)) == code

    context = context_on(database, tmp_path)
    asyncio.run(scene())


def test_a_bearer_token_and_a_garbage_frame_and_a_wrong_number(database: str, tmp_path: Path) -> None:
    async def scene() -> None:
        headers = {"Authorization": f"Bearer {fleet.tokens[0]}"}
        async with (
            running(context) as platform,
            connect(platform.terminal_url, additional_headers=headers, proxy=None) as ws,
        ):
            await ws.send('{"hello": {"app": "1.0"}}')
            assert json.loads(await ws.recv())["welcome"]["van"] == fleet.vans[0]
            await ws.send("\x00garbage")
            heard = await until(ws, _acked(1))
            assert [m["refused"]["n"] for m in heard if "refused" in m] == [1]
            await ws.send(json.dumps({"n": 7, "fix": fix()}))
            with pytest.raises(ConnectionClosed) as closed:
                await until(ws, _acked(7))
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4409
            assert "7" in closed.value.rcvd.reason

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())


def test_pushes_come_until_they_are_covered_and_the_newest_plan_alone(database: str, tmp_path: Path) -> None:
    def put(kind: outbox.Kind, **body: object) -> int:
        with context.engine.begin() as conn:
            return outbox.put(conn, fleet.vans[0], kind, body, NOON)

    async def scene() -> None:
        put("plan", day="2026-07-20", version=1)
        put("plan", day="2026-07-20", version=2)
        async with running(context) as platform:
            async with dialled(platform, fleet.tokens[0]) as ws:
                heard = await until(ws, lambda told: "seq" in told)
                assert heard[-1] == {"seq": 2, "plan": {"day": "2026-07-20", "version": 2}}
                await asyncio.to_thread(put, "task", id="sos:1")
                heard = await until(ws, lambda told: "task" in told)
                assert heard[-1]["seq"] == 3
                seen = {"id": str(uuid4()), "t": NOON_MS, "kind": "seen", "seq": 2}
                await ws.send(json.dumps({"n": 1, "event": seen}))
                await until(ws, _acked(1))
            async with dialled(platform, None) as ws:
                hello = {"token": fleet.tokens[0], "have": {"seq": 2}}
                await ws.send(json.dumps({"hello": hello}))
                heard = await until(ws, lambda told: "seq" in told)
                assert heard[-1] == {"seq": 3, "task": {"id": "sos:1"}}

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT seq FROM terminal_seen") == [(2,)]


def test_two_sockets_with_one_token_are_both_served_and_an_alert_says_so(
    database: str, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with (
            running(context) as platform,
            dialled(platform, fleet.tokens[0]) as one,
            dialled(platform, fleet.tokens[0]) as two,
        ):
            await two.send(json.dumps({"n": 1, "fix": fix(1)}))
            await one.send(json.dumps({"n": 1, "fix": fix(2)}))
            await until(one, _acked(1))
            await until(two, _acked(1))
            # The alert raises the district's state, and that is told on the socket.
            await until(two, lambda told: told.get("state") == 1)

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT kind, body->>'code' FROM journal") == [("alert", "two_sockets")]
    assert rows(database, "SELECT count(*) FROM fix") == [(2,)]


def test_a_revoked_token_ends_the_connection(database: str, tmp_path: Path) -> None:
    def revoke() -> None:
        with context.engine.begin() as conn:
            conn.execute(sa.update(tables.terminal).values(revoked_at=wall_now()))

    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await asyncio.to_thread(revoke)
            await platform.tracking.gateway.dismiss()
            with pytest.raises(ConnectionClosed) as closed:
                await until(ws, _never)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401

    context = context_on(database, tmp_path)
    fleet = register(context.engine)
    asyncio.run(scene())

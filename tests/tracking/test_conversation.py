"""One terminal's conversation, by either way in: the same acks, refusals, pushes and closes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from tests.tracking.platform import context_on, dialled, fix, register, rows, running, until

pytestmark = pytest.mark.parametrize("fast", [False, True], ids=["stock", "short"])


def test_good_bad_fragmented_and_large_messages_are_each_answered(
    database: str, tmp_path: Path, fast: bool
) -> None:
    async def scene() -> list[dict[str, Any]]:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fix": fix(0)}))
            second = json.dumps({"n": 2, "fixes": [fix(k) for k in range(1, 51)]})
            await ws.send(iter([second[:100], second[100:2000], second[2000:]]))
            await ws.send(json.dumps({"n": 3, "fix": fix(60, lon=400)}))
            await ws.send("garbage 乱码")
            await ws.ping()
            await ws.send(json.dumps({"n": 5, "fix": fix(61)}).encode())
            return await until(ws, lambda told: told.get("ack") == 5)

    context = context_on(database, tmp_path, fast_sockets=fast)
    fleet = register(context.engine)
    heard = asyncio.run(scene())
    assert [told["refused"]["n"] for told in heard if "refused" in told] == [3, 4]
    assert rows(database, "SELECT count(*) FROM fix") == [(52,)]
    assert rows(database, "SELECT n FROM quarantine ORDER BY n") == [(3,), (4,)]


def test_a_wrong_number_closes_with_its_sentence_and_what_came_before_is_stored(
    database: str, tmp_path: Path, fast: bool
) -> None:
    async def scene() -> tuple[int, str]:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fix": fix(0)}))
            await ws.send(json.dumps({"n": 3, "fix": fix(1)}))
            await ws.send(json.dumps({"n": 4, "fix": fix(2)}))
            with pytest.raises(ConnectionClosed) as closed:
                await until(ws, lambda _: False)
            assert closed.value.rcvd is not None
            return closed.value.rcvd.code, closed.value.rcvd.reason

    context = context_on(database, tmp_path, fast_sockets=fast)
    fleet = register(context.engine)
    code, reason = asyncio.run(scene())
    assert code == 4409
    assert "n is 3 where 2 was due" in reason
    assert rows(database, "SELECT count(*) FROM fix") == [(1,)]


def test_a_terminal_over_its_rate_is_slowed_and_loses_nothing(
    database: str, tmp_path: Path, fast: bool
) -> None:
    async def scene() -> float:
        loop = asyncio.get_running_loop()
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            began = loop.time()
            # A rate of 40 a second bears 200 at once; each message counts one beside its fixes.
            for n in range(1, 11):
                await ws.send(json.dumps({"n": n, "fixes": [fix(n * 100 + k) for k in range(29)]}))
            await until(ws, lambda told: told.get("ack") == 10)
            return loop.time() - began

    context = context_on(database, tmp_path, fast_sockets=fast, terminal_rate=40.0)
    fleet = register(context.engine)
    took_s = asyncio.run(scene())
    assert took_s > (10 * 30 - 200 - 30) / 40.0
    assert rows(database, "SELECT count(*) FROM fix") == [(290,)]


def test_while_the_database_is_held_nothing_more_is_read_and_then_all_is_stored(
    database: str, tmp_path: Path, fast: bool
) -> None:
    async def scene() -> None:
        async with running(context) as platform, dialled(platform, fleet.tokens[0]) as ws:
            await ws.send(json.dumps({"n": 1, "fix": fix(0)}))
            await until(ws, lambda told: told.get("ack") == 1)
            async with await psycopg.AsyncConnection.connect(database) as blocker:
                await blocker.execute("LOCK TABLE fix_20260722 IN ACCESS EXCLUSIVE MODE")
                for n in range(2, 202):
                    await ws.send(json.dumps({"n": n, "fixes": [fix(n * 20 + k) for k in range(20)]}))
                heard = asyncio.create_task(until(ws, lambda told: told.get("ack") == 201))
                async with asyncio.timeout(20):
                    while not platform.tracking.flusher.is_full:
                        await asyncio.sleep(0)
                done, _ = await asyncio.wait({heard}, timeout=1.0)
                assert not done, "acknowledged before it was stored"
            await heard

    context = context_on(database, tmp_path, fast_sockets=fast, queue_fixes=100)
    fleet = register(context.engine)
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix") == [(4001,)]

"""A terminal dies in the middle of a message: what was whole before it is stored, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.tracking.ledger import Ledger, fix_at
from tests.tracking.platform import NOON_MS, context_on, dialled, driven, fix, register, rows, running
from tests.tracking.platform import until as heard


def _frame(payload: bytes, *, whole: bool = True) -> bytes:
    """A client's text frame, its mask zero; not whole: the first of several."""
    first = 0x81 if whole else 0x01
    assert 126 <= len(payload) < 1 << 16
    return bytes((first, 0xFE)) + len(payload).to_bytes(2) + bytes(4) + payload


_LAST = json.dumps({"n": 2, "fixes": [fix(k) for k in range(1, 6)]}).encode()
_ENDS = {
    "in its head": _frame(_LAST)[:3],
    "in its mask": _frame(_LAST)[:6],
    "in its text": _frame(_LAST)[:-1],
    "between two fragments": _frame(_LAST, whole=False),
    "in a second message of one segment": _frame(_LAST) + _frame(_LAST)[:200],
}


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("where", _ENDS)
def test_a_terminal_that_dies_in_a_message_leaves_what_was_whole(
    database: str, tmp_path: Path, where: str, fast: bool
) -> None:
    async def scene() -> None:
        async with (
            running(context) as platform,
            driven(platform, fleet.tokens[1:], settlers=[ledger.settler(1)]) as (other,),
        ):
            async with dialled(platform, fleet.tokens[0]) as ws:
                await ws.send(json.dumps({"n": 1, "fix": fix()}))
                await heard(ws, lambda told: told.get("ack") == 1)
                ws.transport.write(_ENDS[where])
                ws.transport.abort()
            for k in range(50):
                ledger.wrote(1, fix_at(NOON_MS + k, k))
                other.put(fix_at(NOON_MS + k, k))
            assert await other.drained()
            async with dialled(platform, fleet.tokens[0]) as ws:
                # It has heard no ack, so it sends all of it again.
                await ws.send(json.dumps({"n": 1, "fixes": [fix(k) for k in range(1, 6)]}))
                await heard(ws, lambda told: told.get("ack") == 1)
            while platform.tracking.gateway.connected > 1:
                await asyncio.sleep(0)

    context = context_on(database, tmp_path, fast_sockets=fast)
    fleet = register(context.engine, vans=2)
    ledger = Ledger(fleet)
    asyncio.run(scene())
    assert rows(database, "SELECT count(*) FROM fix GROUP BY van_id ORDER BY van_id") == [(6,), (50,)]
    assert rows(database, "SELECT count(*) FROM quarantine") == [(0,)]

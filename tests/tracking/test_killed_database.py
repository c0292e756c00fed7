"""PostgreSQL is killed at random moments under load: nothing acknowledged is lost, and it comes back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from fleet.cluster import Cluster
from tests.tracking.killing import kill_backend, kill_postmaster
from tests.tracking.ledger import Ledger, fix_at
from tests.tracking.platform import NOON_MS, context_on, driven, register, rows, running
from tracking.client import Terminal
from tracking.event import Event

_WEEK_MS = 7 * 86_400_000
_FIXES = 1_200
_KILLS = 3
_SESSIONS = {f"carevan {name}" for name in ("ingest", "announcer", "gateway", "feed", "listener")}


def _kill(cluster: Cluster, whom: str) -> None:
    if whom == "postmaster":
        kill_postmaster(cluster)
    else:
        while not kill_backend(cluster):
            pass  # still recovering from the kill before


async def _drive(terminal: Terminal, who: int, ledger: Ledger) -> None:
    for k in range(_FIXES):
        fix = fix_at(NOON_MS + (_WEEK_MS if k % 100 == 7 else -1000 * k) + k, k)
        ledger.wrote(who, fix)
        await terminal.send(fix)
        if k % 100 == 3:
            event = Event(uuid4(), NOON_MS, "reading", celsius=70.0)
            ledger.wrote(who, event)
            await terminal.send(event)


def _sessions(database: str) -> set[str]:
    asked = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
    return {name for (name,) in rows(database, asked)} & _SESSIONS


@pytest.mark.parametrize("whom", ["postmaster", "backend"])
def test_what_was_acknowledged_is_stored_once_and_the_rest_follows(
    mortal: Cluster, mortal_database: str, tmp_path: Path, whom: str
) -> None:
    moments = sorted(random.Random(whom).sample(range(100, 3 * _FIXES - 500), _KILLS))

    async def kill_now_and_then(terminals: Sequence[Terminal]) -> None:
        for moment in moments:
            while sum(terminal.fixes.acknowledged for terminal in terminals) < moment:
                await asyncio.sleep(0.001)
            await asyncio.to_thread(_kill, mortal, whom)

    async def scene() -> None:
        async with (
            running(context) as platform,
            driven(platform, fleet.tokens, 40, [ledger.settler(who) for who in range(3)]) as terminals,
        ):
            drives = (_drive(terminal, who, ledger) for who, terminal in enumerate(terminals))
            await asyncio.gather(*drives, kill_now_and_then(terminals))
            assert all([await terminal.drained() for terminal in terminals])
            assert platform.tracking.trouble == ""
            async with asyncio.timeout(30):
                while await asyncio.to_thread(_sessions, mortal_database) != _SESSIONS:
                    await asyncio.sleep(0.01)  # the rest is back too, by itself

    context = context_on(mortal_database, tmp_path)
    fleet = register(context.engine, vans=3)
    ledger = Ledger(fleet)
    asyncio.run(scene())
    found = ledger.check(mortal_database)
    assert found.is_kept and found.unsettled == 0, found
    assert found.acknowledged == found.stored == 3 * _FIXES

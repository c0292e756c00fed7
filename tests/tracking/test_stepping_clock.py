"""Clocks step back and forth, the server's and a terminal's: flags and refusals follow, the promise holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from fleet import clock
from tests.tracking.ledger import Ledger, fix_at
from tests.tracking.platform import NOON_MS, Platform, context_on, driven, register, rows, running
from tracking.client import Access, Terminal
from tracking.event import Event
from tracking.fix import FLAG_AHEAD, Fix

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_FLAGS = "SELECT (extract(epoch FROM t) * 1000)::bigint, flags FROM fix ORDER BY t, digest"


@dataclass(slots=True)
class Wall:
    """A clock on the wall that somebody sets."""

    off_s: float = 0.0

    def time(self) -> float:
        """Epoch seconds as it shows them."""
        return time.time() + self.off_s


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """The server's."""
    made = Wall()
    monkeypatch.setattr(clock, "time", SimpleNamespace(time=made.time))
    return made


async def _tell(terminal: Terminal, ledger: Ledger, *items: Fix | Event) -> None:
    for item in items:
        ledger.wrote(0, item)
        terminal.put(item)
    assert await terminal.drained()


# By how much the server's clock is off, and what becomes of a fix of now.
_STEPS = (
    (0, 0), (-30, 0), (-2 * _HOUR_S, FLAG_AHEAD), (2 * _HOUR_S, 0), (-2 * _DAY_S, None), (2 * _DAY_S, 0),
    (-23 * _HOUR_S, FLAG_AHEAD), (0, 0),
)  # fmt: skip


def test_the_servers_clock_steps_under_a_connection(database: str, tmp_path: Path, wall: Wall) -> None:
    fixes = [fix_at(NOON_MS + k, k) for k in range(len(_STEPS))]

    async def scene() -> None:
        async with (
            running(context) as platform,
            driven(platform, ledger.fleet.tokens, settlers=[ledger.settler(0)]) as (terminal,),
        ):
            await _tell(terminal, ledger, Event(uuid4(), NOON_MS, "departed"))
            greeted = terminal.welcome
            for fix, (off_s, _) in zip(fixes, _STEPS, strict=True):
                wall.off_s = off_s
                await _tell(terminal, ledger, fix)
            wall.off_s = 0
            assert terminal.welcome is greeted  # never cut off
            assert platform.tracking.trouble == ""

    context = context_on(database, tmp_path)
    ledger = Ledger(register(context.engine))
    asyncio.run(scene())
    wanted = [(fix.t, flags) for fix, (_, flags) in zip(fixes, _STEPS, strict=True) if flags is not None]
    assert rows(database, _FLAGS) == wanted
    assert rows(database, "SELECT why LIKE '%in the future%' FROM quarantine") == [(True,)]
    newest = "SELECT (extract(epoch FROM t) * 1000)::bigint FROM van_state"
    assert rows(database, newest) == [(fixes[-1].t,)]
    found = ledger.check(database)
    assert found.is_kept and found.unsettled == 0, found


def test_a_terminals_clock_steps_and_is_set_right_by_the_next_welcome(database: str, tmp_path: Path) -> None:
    own = Wall()

    @asynccontextmanager
    async def run(platform: Platform) -> AsyncIterator[Terminal]:
        access = Access(platform.terminal_url, ledger.fleet.tokens[0])
        terminal = Terminal(
            access, clock_ms=lambda: NOON_MS + round(1000 * own.off_s), on_settled=ledger.settler(0)
        )
        task = asyncio.create_task(terminal.run())
        try:
            async with asyncio.timeout(60):
                yield terminal
        finally:
            terminal.stop()
            await task

    async def reconnect(terminal: Terminal) -> None:
        greeted = terminal.welcome
        terminal.go_offline()
        terminal.go_online()
        while terminal.welcome is greeted or not terminal.connected:
            await asyncio.sleep(0.001)

    async def scene() -> list[tuple[int, int | None]]:
        wanted: list[tuple[int, int | None]] = []
        async with running(context) as platform, run(platform) as terminal:
            await _tell(terminal, ledger, Event(uuid4(), NOON_MS, "departed"))
            for k, (off_s, flags) in enumerate(
                ((-_HOUR_S, 0), (10 * _MINUTE_S, FLAG_AHEAD), (2 * _DAY_S, None), (-_HOUR_S, 0))
            ):
                own.off_s = off_s
                fix = fix_at(terminal.now_ms(), k)
                await _tell(terminal, ledger, fix)
                wanted.append((fix.t, flags))
                await reconnect(terminal)
                assert abs(terminal.now_ms() - platform.context.clock.now().timestamp() * 1000) < 60_000
                right = fix_at(terminal.now_ms(), k)
                await _tell(terminal, ledger, right)
                wanted.append((right.t, 0))
        return wanted

    context = context_on(database, tmp_path)
    ledger = Ledger(register(context.engine))
    wanted = asyncio.run(scene())
    assert sorted(rows(database, _FLAGS)) == sorted((t, flags) for t, flags in wanted if flags is not None)
    found = ledger.check(database)
    assert found.is_kept and found.unsettled == 0, found
    assert len(ledger.refused) == 1

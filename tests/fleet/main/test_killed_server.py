"""The running application ends during a backlog: nothing acknowledged is lost, the rest follows."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.db import make_engine
from fleet.main.children import Child, Children
from tests.tracking.ledger import Ledger, fix_at
from tests.tracking.platform import NOON, NOON_MS, register
from tracking.client import Access, Terminal

_VANS = 4
_BACKLOG = 5_000


@pytest.fixture
def children(database: str, tmp_path: Path) -> Iterator[Children]:
    """The product's processes on this test's database."""
    environ = {
        "CAREVAN_HOME": str(tmp_path),
        "CAREVAN_DATABASE_URL": database,
        "CAREVAN_OSRM_URL": "http://127.0.0.1:9",
        "CAREVAN_CLOCK": str(Clock.opening(NOON)),
    }
    made = Children(tmp_path / "logs", environ)
    with ExitStack() as stack:
        stack.callback(made.stop_all)
        yield made


def _end(server: Child, how: str) -> None:
    """Kill it, or ask it to end, as a restart does."""
    server.process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGTERM)
    server.process.wait(30)


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_server_that_ends_during_a_backlog_loses_nothing_and_its_terminals_resume(
    database: str, children: Children, how: str
) -> None:
    engine = make_engine(database)
    ledger = Ledger(register(engine, vans=_VANS))
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def start() -> Child:
        return children.start("server", "serve", "--port", str(port))

    async def drive(terminal: Terminal, who: int) -> None:
        for k in range(_BACKLOG):
            fix = fix_at(NOON_MS - 1000 * k, k)
            ledger.wrote(who, fix)
            await terminal.send(fix)

    async def scene() -> None:
        server = start()
        url = f"ws://127.0.0.1:{port}/terminal/ws"
        terminals = [
            Terminal(Access(url, token), queue_limit=2 * _BACKLOG, on_settled=ledger.settler(who))
            for who, token in enumerate(ledger.fleet.tokens)
        ]
        # All of the backlog is there before the server is.
        await asyncio.gather(*(drive(terminal, who) for who, terminal in enumerate(terminals)))
        tasks = [asyncio.create_task(terminal.run()) for terminal in terminals]
        try:
            async with asyncio.timeout(90):
                while not all(terminal.fixes.acknowledged for terminal in terminals):
                    await asyncio.sleep(0.005)
                await asyncio.to_thread(_end, server, how)
                found = await asyncio.to_thread(ledger.check, database)
                assert 0 < found.acknowledged < _VANS * _BACKLOG
                assert found.is_kept, found
                start()
                assert all([await terminal.drained() for terminal in terminals])
        finally:
            for terminal in terminals:
                terminal.stop()
            await asyncio.gather(*tasks)

    asyncio.run(scene())
    found = ledger.check(database)
    assert found.is_kept and found.unsettled == 0, found
    assert found.acknowledged == found.stored == _VANS * _BACKLOG

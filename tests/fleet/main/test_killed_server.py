"""The running application, killed during a backlog: nothing acknowledged is lost, the rest follows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.db import make_engine
from fleet.main.children import Child, Children
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register, rows
from tracking.client import Access, Terminal
from tracking.fix import Fix, digest_of

_BACKLOG = 1_500


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


def test_a_server_killed_during_a_backlog_loses_nothing_and_its_terminals_resume(
    database: str, children: Children
) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=2)
    engine.dispose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sent: set[tuple[int, int, int]] = set()

    def start() -> Child:
        return children.start("server", "serve", "--port", str(port))

    async def drive(terminal: Terminal, who: int) -> None:
        for k in range(_BACKLOG):
            fix = Fix(NOON_MS - 1000 * k, LON + who * 0.01, LAT + k * 1e-6, speed_mps=4.0)
            sent.add((fleet.vans[who], fix.t, digest_of(fix)))
            await terminal.send(fix)

    async def scene() -> None:
        server = start()
        url = f"ws://127.0.0.1:{port}/terminal/ws"
        terminals = [Terminal(Access(url, token), queue_limit=2 * _BACKLOG) for token in fleet.tokens]
        # All of the backlog is there before the server is.
        await asyncio.gather(*(drive(terminal, who) for who, terminal in enumerate(terminals)))
        tasks = [asyncio.create_task(terminal.run()) for terminal in terminals]
        try:
            async with asyncio.timeout(60):
                while not all(terminal.fixes.acknowledged for terminal in terminals):
                    await asyncio.sleep(0.005)
                server.process.kill()
                await asyncio.to_thread(server.process.wait)
                acknowledged = sum(terminal.fixes.acknowledged for terminal in terminals)
                assert 0 < acknowledged < 2 * _BACKLOG
                ((stored,),) = rows(database, "SELECT count(*) FROM fix")
                assert stored >= acknowledged
                start()
                assert all([await terminal.drained() for terminal in terminals])
                assert {terminal.fixes.acknowledged for terminal in terminals} == {_BACKLOG}
        finally:
            for terminal in terminals:
                terminal.stop()
            await asyncio.gather(*tasks)

    asyncio.run(scene())
    found = rows(database, "SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, digest FROM fix")
    assert len(found) == len(sent)
    assert set(found) == sent

"""Delivery of the outbox, with lines instead of sockets."""

from __future__ import annotations

import asyncio
import json

from fleet import outbox
from fleet.db import make_engine
from tests.tracking.platform import NOON, NOON_MS, register
from tracking.courier import Courier
from tracking.line import Line, Pass
from tracking.protocol import Have, ServerConnection
from tracking.source import Source


def test_each_line_gets_what_it_lacks_of_its_own_van(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine, vans=2)

    wakes: dict[Line, asyncio.Event] = {}

    def line(van: int, seq: int) -> Line:
        core = ServerConnection()
        core.receive('{"hello": {"token": "x"}}', NOON_MS)
        source = Source(fleet.terminals[van], fleet.vans[van], fleet.district_id)
        made = Line(core, Pass(source, b"", 0, 99, None), Have(seq=seq))
        wakes[made] = asyncio.Event()
        made.on_waiting = wakes[made].set
        return made

    def put(van: int, text: str) -> None:
        with engine.begin() as conn:
            outbox.put(conn, fleet.vans[van], "say", {"text": text}, NOON)

    async def heard(line: Line, count: int) -> list[str]:
        texts: list[str] = []
        async with asyncio.timeout(20):
            while len(texts) < count:
                await wakes[line].wait()
                wakes[line].clear()
                texts += [json.loads(m)["say"]["text"] for m in line.outgoing() if isinstance(m, bytes)]
        return texts

    async def scene() -> None:
        for text in ("one", "two", "three"):
            put(0, text)
        put(1, "other")
        courier = Courier(engine)
        behind, ahead, other = line(0, 0), line(0, 2), line(1, 0)
        for each in (behind, ahead, other):
            courier.join(each)
        courier.start()
        assert await heard(behind, 3) == ["one", "two", "three"]
        assert await heard(ahead, 1) == ["three"]
        assert await heard(other, 1) == ["other"]
        courier.leave(ahead)
        await asyncio.to_thread(put, 0, "four")
        courier.changed({fleet.vans[0], 12345})
        assert await heard(behind, 1) == ["four"]
        assert not wakes[ahead].is_set()
        await courier.stop()

    asyncio.run(scene())
    engine.dispose()

"""The questions at the door."""

from __future__ import annotations

import asyncio

from fleet import journal, outbox
from fleet.db import make_engine
from fleet.keys import token_hash
from tests.tracking.platform import LAT, LON, NOON, NOON_MS, register
from tests.tracking.storing import store
from tracking.doorman import Doorman
from tracking.fix import Fix
from tracking.line import Pass
from tracking.source import Source


def test_a_token_opens_with_all_that_its_connection_needs(database: str) -> None:
    engine = make_engine(database)
    fleet = register(engine)
    source = Source(fleet.terminals[0], fleet.vans[0], fleet.district_id)
    digest = token_hash(fleet.tokens[0])

    async def scene() -> None:
        doorman = Doorman(database)
        await doorman.start()
        assert await doorman.admit("nobody") is None
        assert await doorman.admit(fleet.tokens[0]) == Pass(source, digest, 0, 0, None)
        with engine.begin() as conn:
            journal.raise_state(conn, fleet.district_id, NOON, "tap", {})
            outbox.put(conn, fleet.vans[0], "say", {"text": "hi"}, NOON)
        await store(database, [(source, [Fix(NOON_MS, LON, LAT)], None, False)])
        assert await doorman.admit(fleet.tokens[0]) == Pass(source, digest, 1, 1, NOON_MS)
        assert await doorman.still_known([source.terminal_id, 999]) == {
            (source.terminal_id, digest): source.van_id
        }
        await doorman.stop()

    asyncio.run(scene())
    engine.dispose()

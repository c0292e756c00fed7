"""Notifications after commit, and the one who hears them."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.platform import LAT, LON, NOON_MS
from tests.tracking.storing import Deaf, batch_of
from tracking.announcer import EVENTS_CHANNEL, EVERY, FIXES_CHANNEL, Announcer, ids_of, payload_of
from tracking.event import Event
from tracking.fix import Fix
from tracking.listener import Listener
from tracking.parcel import Parcel
from tracking.source import Source


@given(st.sets(st.integers(1, 10**6), max_size=50))
def test_ids_survive_a_payload(ids: set[int]) -> None:
    assert ids_of(payload_of(ids)) == ids


def test_too_many_ids_are_everyone() -> None:
    assert payload_of(range(10_000)) == EVERY
    assert ids_of(EVERY) is None
    assert len(payload_of(range(1_000_000, 1_000_900))) < 8000, "what NOTIFY can carry"


def test_what_was_committed_is_heard_by_another_connection(database: str) -> None:
    async def scene() -> None:
        heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        connected = asyncio.Event()
        listener = Listener(
            database,
            {
                FIXES_CHANNEL: lambda payload: heard.put_nowait((FIXES_CHANNEL, payload)),
                EVENTS_CHANNEL: lambda payload: heard.put_nowait((EVENTS_CHANNEL, payload)),
            },
            connected.set,
        )
        announcer = Announcer(database)
        listener.start()
        async with asyncio.timeout(20):
            await connected.wait()
            source = Source(5, 7, 3)
            event = Event(uuid4(), NOON_MS, "done")
            fixed = Parcel(Deaf(), source, 1, NOON_MS, [(0, Fix(NOON_MS, LON, LAT))])
            announcer.committed(batch_of([fixed, Parcel(Deaf(), source, 2, NOON_MS, event=event)]))
            announcer.start()
            assert [await heard.get(), await heard.get()] == [(FIXES_CHANNEL, "7"), (EVENTS_CHANNEL, "3")]
        await announcer.stop()
        await listener.stop()

    asyncio.run(scene())

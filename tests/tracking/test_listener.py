"""A listener comes back after its connection was cut."""

from __future__ import annotations

import asyncio

import psycopg

from tracking.listener import Listener


def test_a_cut_listener_connects_again_and_says_so(database: str) -> None:
    async def scene(admin: psycopg.Connection) -> None:
        connected: asyncio.Queue[None] = asyncio.Queue()
        heard: asyncio.Queue[str] = asyncio.Queue()
        listener = Listener(database, {"probe": heard.put_nowait}, lambda: connected.put_nowait(None))
        listener.start()
        async with asyncio.timeout(20):
            for text in ("before", "after"):
                await connected.get()
                assert listener.connected
                admin.execute("SELECT pg_notify('probe', %s)", (text,))
                assert await heard.get() == text
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'carevan listener' AND datname = current_database()"
                )
            # The cut is noticed, and before it is mended nothing claims that all is well.
            await connected.get()
        await listener.stop()
        assert not listener.connected

    with psycopg.connect(database, autocommit=True) as admin:
        asyncio.run(scene(admin))

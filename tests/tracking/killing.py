"""Ends PostgreSQL as a crash would, and waits until somebody else has started it again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

import psycopg

from fleet.cluster import ADMIN, Cluster


def kill_postmaster(cluster: Cluster) -> int:
    """Kill the server's first process; all the others end with it. Returns its id."""
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def kill_backend(cluster: Cluster, application: str = "carevan ingest") -> bool:
    """Kill one session's process: the server ends all sessions and recovers. False if there is none now."""
    asked = "SELECT pid FROM pg_stat_activity WHERE application_name = %s LIMIT 1"
    gone = (psycopg.OperationalError, ProcessLookupError)
    with suppress(*gone), psycopg.connect(cluster.url(ADMIN, "postgres")) as admin:
        found = admin.execute(asked, (application,)).fetchone()
        if found is not None:
            os.kill(found[0], signal.SIGKILL)
            return True
    return False


async def reborn(cluster: Cluster, dead: int) -> None:
    """Wait until another postmaster than `dead` answers questions."""
    async with asyncio.timeout(60):
        while cluster.pid() in {dead, None} or not await asyncio.to_thread(_answers, cluster):
            await asyncio.sleep(0.02)


def _answers(cluster: Cluster) -> bool:
    try:
        with psycopg.connect(cluster.url(ADMIN, "postgres")):
            return True
    except psycopg.OperationalError:
        return False

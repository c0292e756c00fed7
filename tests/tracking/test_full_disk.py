"""A full disk, on a real small one: nothing unstored is acknowledged, and all of it is stored later."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from fleet import migrate
from fleet.cluster import ADMIN, Cluster
from fleet.errors import Unavailable
from fleet.main.assembly import HeldCluster
from fleet.main.health import FULL, Check, ingest_check
from fleet.main.keeping import kept
from tests.tracking.platform import LAT, LON, NOON_MS, context_on, driven, register, rows, running
from tracking.client import Terminal
from tracking.fix import Fix, digest_of

pytestmark = pytest.mark.database
_SIZE_MB = 220


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own that is soon full."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    with tempfile.TemporaryDirectory(prefix="carevan-small-") as folder:
        options = f"size={_SIZE_MB}m,mode=755"
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "carevan-test", folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(ballast: Path) -> None:
    """Leave not one block free."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def _end_log_segment(cluster: Cluster) -> None:
    """Make PostgreSQL want another segment of its log, without which it cannot live."""
    while cluster.answers():
        with (
            suppress(psycopg.Error),
            psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin,
        ):
            admin.execute("SELECT pg_switch_wal()")
            admin.execute("SELECT pg_current_xact_id()")


def test_on_a_full_disk_fixes_wait_and_are_stored_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    cluster = Cluster(small_disk / "pg")
    ballast = small_disk / "ballast"
    held = HeldCluster(small_disk, cluster)
    with kept(held, "database", look_s=0.1):
        url = migrate.prepare_cluster(cluster)
        migrate.upgrade(url)
        context = context_on(url, tmp_path)
        fleet = register(context.engine, vans=2)
        sent: set[tuple[int, int, int]] = set()

        async def drive(terminals: list[Terminal], first: int, count: int = 1_500) -> None:
            for k in range(first, first + count):
                for who, terminal in enumerate(terminals):
                    fix = Fix(NOON_MS - 1000 * k, LON + who * 0.01, LAT + k * 1e-6, speed_mps=4.0)
                    sent.add((fleet.vans[who], fix.t, digest_of(fix)))
                    await terminal.send(fix)

        async def scene() -> None:
            async with running(context) as platform, driven(platform, fleet.tokens) as terminals:
                await drive(terminals, 0)
                assert all([await terminal.drained() for terminal in terminals])

                await asyncio.to_thread(_fill, ballast)
                await drive(terminals, 2_000)
                while not platform.tracking.trouble:
                    await asyncio.sleep(0.01)
                assert "disk is full" in platform.tracking.trouble
                assert ingest_check(platform.tracking) == Check(False, FULL)
                acknowledged = sum(terminal.fixes.acknowledged for terminal in terminals)
                assert acknowledged < len(sent)
                ((count,),) = rows(url, "SELECT count(*) FROM fix")
                assert count >= acknowledged
                ballast.unlink()
                assert all([await terminal.drained() for terminal in terminals])
                assert platform.tracking.trouble == ""

                await asyncio.to_thread(_fill, ballast)
                await asyncio.to_thread(_end_log_segment, cluster)
                with pytest.raises(Unavailable, match=r"disk of .* is full.*starts again by itself"):
                    await asyncio.to_thread(held.restart)
                await drive(terminals, 4_000)
                ballast.unlink()
                assert all([await terminal.drained() for terminal in terminals])
                assert {terminal.fixes.acknowledged for terminal in terminals} == {4_500}

        asyncio.run(scene())
        stored = rows(url, "SELECT van_id, (extract(epoch FROM t) * 1000)::bigint, digest FROM fix")
        assert len(stored) == len(sent)
        assert set(stored) == sent

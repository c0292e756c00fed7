"""The product as it is installed, in a home of its own, to be struck: whoever ends is started again."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg

from fleet import migrate
from fleet.clock import Clock, wall_now
from fleet.cluster import ADMIN, Cluster
from fleet.db import make_engine
from fleet.main.assembly import HeldCluster
from fleet.main.children import Child, Children
from fleet.main.keeping import kept
from tests.tracking.killing import kill_backend, kill_postmaster
from tests.tracking.platform import Fleet, register

_OFF_MIN: Final = 50
_BLOCKED: Final = """
SELECT count(*) FROM pg_stat_activity
 WHERE application_name = 'carevan ingest' AND wait_event_type = 'Lock'"""


class Siege:
    """A server process, its database, and what may be done to them.

    Parameters
    ----------
    home : the product's
    url : the database, past any door
    chance : by how much the clock is off at each start of the server
    """

    def __init__(self, home: Path, cluster: Cluster, url: str, fleet: Fleet, chance: random.Random) -> None:
        self.url = url
        self.fleet = fleet
        self.database_url = ""
        """By which address the server asks the database; empty: it keeps the one in its home itself."""
        self.on_strike: Callable[[], None] = lambda: None
        """Called from the striking thread at the moment when the damage is done."""
        self._home = home
        self._cluster = cluster
        self._chance = chance
        self._server: Child | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._children = Children(home / "logs", {})

    @property
    def door(self) -> str:
        """Where terminals connect."""
        return f"ws://127.0.0.1:{self._port}/terminal/ws"

    @property
    def socket_folder(self) -> Path:
        """PostgreSQL's."""
        return self._cluster.socket

    def start(self) -> None:
        """Start the server, its clock off by some minutes, now fast, now slow."""
        off = timedelta(minutes=self._chance.uniform(-_OFF_MIN, _OFF_MIN))
        self._server = self._children.start(
            "server", "serve", "--port", str(self._port), CAREVAN_HOME=str(self._home),
            CAREVAN_DATABASE_URL=self.database_url, CAREVAN_OSRM_URL="http://127.0.0.1:9",
            CAREVAN_CLOCK=str(Clock.opening(wall_now() + off)),
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server, and with it the database it keeps."""
        self._children.stop_all()

    def _end_server(self, how: signal.Signals) -> None:
        assert self._server is not None
        self._server.process.send_signal(how)
        self._server.process.wait(30)
        self.on_strike()
        self._children.running.remove(self._server)

    def kill_server(self) -> None:
        """Kill the server process; a new one is started at once, as a service's keeper would."""
        self._end_server(signal.SIGKILL)
        self.start()

    def restart_server(self) -> None:
        """Stop the server as an update would, and start a new one."""
        self._end_server(signal.SIGTERM)
        self.start()

    def kill_database(self) -> None:
        """Kill PostgreSQL's first process."""
        kill_postmaster(self._cluster)
        self.on_strike()

    def kill_session(self) -> None:
        """Kill the process that stores the fixes; PostgreSQL ends all the others and recovers."""
        while not kill_backend(self._cluster):
            pass
        self.on_strike()

    def kill_both(self) -> None:
        """Kill the server and its database in one moment."""
        self.kill_database()
        self.kill_server()

    def lock_crosswise(self) -> None:
        """Lock the vans' states crosswise to the flusher, until PostgreSQL has ended a deadlock."""
        top, *others = sorted(self.fleet.vans, reverse=True)
        before = self.deadlocks()
        while self.deadlocks() == before:
            # Should it be the one that PostgreSQL ends, that is a deadlock too.
            with (
                suppress(psycopg.errors.DeadlockDetected),
                psycopg.connect(self._cluster.url(ADMIN), options="-c deadlock_timeout=10s") as conn,
            ):
                conn.execute("SELECT FROM van_state WHERE van_id = %s FOR UPDATE", (top,))
                while self._ask(_BLOCKED) == 0:
                    pass
                self.on_strike()
                conn.execute("SELECT FROM van_state WHERE van_id = ANY(%s) FOR UPDATE", (others,))
                conn.rollback()

    def deadlocks(self) -> int:
        """How many PostgreSQL has ended."""
        return self._ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

    def _ask(self, statement: str) -> int:
        with psycopg.connect(self.url) as conn:
            row = conn.execute(statement.encode()).fetchone()
        return 0 if row is None else int(row[0])


@contextmanager
def besieged(vans: int, chance: random.Random, *, keeps_itself: bool) -> Iterator[Siege]:
    """A new home with a database and vans, wiped afterwards; the server is not started yet.

    Parameters
    ----------
    keeps_itself : the server keeps the database in its home, as the product does; else this process does
    """
    folder = Path(tempfile.mkdtemp(prefix="carevan-siege-"))
    folder.chmod(0o755)  # the database's own user passes through
    home = folder / "home"
    home.mkdir(mode=0o755)
    cluster = Cluster(home / "pg")
    try:
        with ExitStack() as stack:
            if keeps_itself:
                cluster.up()
            else:
                stack.enter_context(kept(HeldCluster(home, cluster), "database"))
            url = migrate.prepare_cluster(cluster)
            migrate.upgrade(url)
            engine = make_engine(url)
            siege = Siege(home, cluster, url, register(engine, vans), chance)
            engine.dispose()
            stack.callback(siege.stop)
            yield siege
    finally:
        cluster.wipe()
        shutil.rmtree(folder, ignore_errors=True)

"""Everything that a process needs, started in order and stopped in reverse."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from fleet import migrate, osrm
from fleet.clock import Clock
from fleet.cluster import Cluster
from fleet.context import Context
from fleet.db import make_engine
from fleet.errors import Unavailable
from fleet.keys import server_key
from fleet.main import keeping
from fleet.roads import Roads
from fleet.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """The database's address; the private cluster runs as long as anybody holds it."""
    if settings.database_url:
        yield settings.database_url
        return
    held = HeldCluster(settings.home, Cluster(settings.cluster_dir))
    with keeping.kept(held, "database"):
        yield migrate.prepare_cluster(held.cluster)


class HeldCluster:
    """The private cluster as a thing that several processes of one home want at once.

    Each holder keeps a shared lock; who can make it exclusive is the last, and stops the cluster.
    """

    def __init__(self, home: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        self._home = home
        self._users: TextIO | None = None

    @property
    def alive(self) -> bool:
        """Whether it listens."""
        return self.cluster.answers()

    def start(self) -> None:
        """Take hold of it, and start it if nobody has.

        Raises
        ------
        Unavailable : the home cannot be written, or the cluster does not start.
        """
        with self._turn():
            self._users = (self._home / "cluster.users").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self.cluster.up()

    def restart(self) -> None:
        """Start it again after it died; of several holders the first does it, the others find it up."""
        with self._turn():
            self.cluster.up()

    def stop(self) -> None:
        """Let go of it, and stop it if nobody else of this home is left."""
        if self._users is None:
            return
        with self._turn(), self._users as users:
            fcntl.flock(users, fcntl.LOCK_UN)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.cluster.down()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the only one who starts or stops it."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            start = (self._home / "cluster.start").open("w")
        except OSError as error:
            raise Unavailable(
                "The home {home} cannot be written ({why}). Give another folder with --home.",
                home=self._home, why=error.strerror,
            ) from None  # fmt: skip
        with start:
            fcntl.flock(start, fcntl.LOCK_EX)
            yield


@contextmanager
def open_roads(settings: Settings) -> Iterator[str]:
    """The address of an OSRM server: the one given, or a child while this lasts; empty without roads."""
    if settings.osrm_url or osrm.current(settings.home) is None:
        yield settings.osrm_url
        return
    router = osrm.Router(settings.home)
    with keeping.kept(router, "road server"):
        yield router.url


@contextmanager
def open_context(settings: Settings, *, migrated: bool = True) -> Iterator[Context]:
    """A context on a current database; the private one is migrated, another only looked at.

    Raises
    ------
    Unavailable : no database, or one whose schema is not today's.
    """
    with ExitStack() as stack:
        database_url = stack.enter_context(open_database(settings))
        if not settings.database_url:
            migrate.upgrade(database_url)
        elif migrated and not migrate.is_current(database_url):
            raise Unavailable("The database's schema is not today's. Run: ./carevan migrate")
        roads = Roads(stack.enter_context(open_roads(settings)))
        stack.callback(roads.close)
        engine = make_engine(database_url)
        stack.callback(engine.dispose)
        yield Context(
            settings=settings,
            database_url=database_url,
            engine=engine,
            clock=Clock.parse(settings.clock),
            roads=roads,
            key=server_key(settings.home),
        )

"""Everything that a process needs, started in order and stopped in reverse."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fleet import migrate, osrm
from fleet.clock import Clock
from fleet.cluster import Cluster
from fleet.context import Context
from fleet.db import make_engine
from fleet.errors import Unavailable
from fleet.keys import server_key
from fleet.roads import Roads
from fleet.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """The database's address; the private cluster runs as long as anybody holds it."""
    if settings.database_url:
        yield settings.database_url
        return
    cluster = Cluster(settings.cluster_dir)
    with _held(settings.home, cluster):
        yield migrate.prepare_cluster(cluster)


@contextmanager
def _held(home: Path, cluster: Cluster) -> Iterator[None]:
    """Start the cluster, and stop it if nobody else of this home is left.

    Each holder keeps a shared lock; who can make it exclusive is the last.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "cluster.start").open("w") as start, (home / "cluster.users").open("w") as users:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster.up()
        fcntl.flock(start, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(start, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_UN)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                cluster.down()


@contextmanager
def open_roads(settings: Settings) -> Iterator[str]:
    """The address of an OSRM server: the one given, or a child while this lasts; empty without roads."""
    if settings.osrm_url or osrm.current(settings.home) is None:
        yield settings.osrm_url
        return
    with osrm.Router(settings.home) as router:
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

"""A real PostGIS for the tests: one private cluster a run, a clone or a rolled back transaction a test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from fleet import accounts, migrate
from fleet.cluster import ADMIN, APP, Cluster
from fleet.db import make_engine

# No test is timed: a busy machine is no failure. `--hypothesis-profile=thorough` looks longer.
hypothesis.settings.register_profile("house", deadline=None, max_examples=30)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("house")
# Half a second a login is what production wants of its passwords, and dozens of tests log in.
_PRODUCTS_HASHER = accounts._hasher
accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_TEMPLATE = "carevan_template"
_numbers = count(1)


_RUN_PROGRAMS = (
    "fleet/main/test_children",
    "fleet/main/test_check",
    "fleet/main/test_cli",
    "fleet/main/test_keeping",
    "fleet/main/test_logs",
    "fleet/test_osrm",
    "fleet/synthetic/test_osm",
    "tests/test_house",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixture what needs the database or a browser, and by file what runs programs."""
    for item in items:
        if any(name in item.nodeid for name in _RUN_PROGRAMS):
            item.add_marker("process")
        names = set(getattr(item, "fixturenames", ()))
        if names & {"cluster", "mortal", "database", "conn"}:
            item.add_marker("database")
        if names & {"browser", "page"}:
            item.add_marker("browser")


@pytest.fixture
def products_hasher() -> PasswordHasher:
    """What keeps passwords outside tests."""
    return _PRODUCTS_HASHER


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private cluster for this run."""
    folder = Path(tempfile.mkdtemp(prefix="carevan-test-"))
    folder.chmod(0o755)
    made = Cluster(folder / "pg")
    try:
        made.up()
        # Dozens of databases come and go; what must survive a crash is tested on clusters of its own.
        with psycopg.connect(made.url(ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("ALTER SYSTEM SET full_page_writes = off")
            admin.execute("SELECT pg_reload_conf()")
        yield made
    finally:
        made.wipe()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The address of a migrated database which is never written to."""
    url = migrate.prepare_cluster(cluster, _TEMPLATE)
    migrate.upgrade(url)
    return url


def _clone(cluster: Cluster, name: str) -> str:
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy TEMPLATE "{_TEMPLATE}" OWNER {APP}')
    return cluster.url(APP, name)


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a fresh migrated database, dropped afterwards."""
    name = f"carevan_{next(_numbers)}"
    yield _clone(cluster, name)
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def shared_engine(cluster: Cluster, template: str) -> Iterator[sa.Engine]:
    """An engine on a database where every test rolls back."""
    engine = make_engine(_clone(cluster, "carevan_rolled_back"))
    yield engine
    engine.dispose()


@pytest.fixture
def conn(shared_engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection in a transaction that is rolled back."""
    with shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()

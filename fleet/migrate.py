"""Bring a database to today's schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from fleet.cluster import ADMIN, APP, DATABASE, Cluster
from fleet.db import make_engine, translate_errors
from fleet.errors import Unavailable


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def prepare_cluster(cluster: Cluster, database: str = DATABASE) -> str:
    """Make the product's role and database in a private cluster, with PostGIS.

    Returns
    -------
    The database's address for the product's own role, which is no superuser.
    """
    engine = sa.create_engine(_admin(cluster.url(ADMIN, "postgres")), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        if not conn.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": APP}):
            conn.exec_driver_sql(f"CREATE ROLE {APP} LOGIN NOSUPERUSER")
        if not conn.scalar(sa.text("SELECT 1 FROM pg_database WHERE datname = :d"), {"d": database}):
            conn.exec_driver_sql(f'CREATE DATABASE "{database}" OWNER {APP}')
    engine.dispose()
    engine = sa.create_engine(_admin(cluster.url(ADMIN, database)), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    engine.dispose()
    return cluster.url(APP, database)


def _admin(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations that are missing.

    Raises
    ------
    Unavailable : no server, or one without PostGIS.
    """
    engine = make_engine(database_url, pool_size=1)
    try:
        with translate_errors(), engine.begin() as conn:
            conn.exec_driver_sql("SET statement_timeout = 0")
            _need_postgis(conn)
            config = _config()
            config.attributes["connection"] = conn
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def downgrade(database_url: str, revision: str) -> None:
    """Take migrations back, to `revision` or to "base"."""
    engine = make_engine(database_url, pool_size=1)
    try:
        with engine.begin() as conn:
            config = _config()
            config.attributes["connection"] = conn
            command.downgrade(config, revision)
    finally:
        engine.dispose()


def is_current(database_url: str) -> bool:
    """Whether the database has today's schema."""
    engine = make_engine(database_url, pool_size=1)
    try:
        with translate_errors(), engine.connect() as conn:
            return MigrationContext.configure(conn).get_current_revision() == head()
    finally:
        engine.dispose()


@cache
def head() -> str | None:
    """Today's revision."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _need_postgis(conn: sa.Connection) -> None:
    if conn.scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")):
        return
    if not conn.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")):
        raise Unavailable(
            "The database server has no PostGIS. Install its postgis package there, then start again."
        )
    may = conn.scalar(sa.text("SELECT usesuper FROM pg_user WHERE usename = current_user"))
    if not may:
        raise Unavailable(
            "The database has no PostGIS yet. Let its administrator run: CREATE EXTENSION postgis;"
        )
    conn.exec_driver_sql("CREATE EXTENSION postgis")

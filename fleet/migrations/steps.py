"""What migrations are made of."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate import schema as queue_schema

QUEUE_SCHEMA = "jobq"
_KEPT = {"spatial_ref_sys", "alembic_version"}


def run_sql(name: str) -> None:
    """Run a `.sql` file of the versions folder."""
    text = (Path(__file__).parent / "versions" / name).read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))


def run_queue_schema() -> None:
    """Make the job queue's own schema, out of the sight of our tables."""
    bind = op.get_bind()
    sql = queue_schema.SchemaManager.get_schema().replace("%", "%%")
    bind.exec_driver_sql(f"CREATE SCHEMA {QUEUE_SCHEMA}")
    bind.exec_driver_sql(f"SET search_path TO {QUEUE_SCHEMA}")
    bind.exec_driver_sql(sql)
    bind.exec_driver_sql("RESET search_path")


def drop_everything() -> None:
    """Leave an empty database with PostGIS."""
    bind = op.get_bind()
    bind.exec_driver_sql(f"DROP SCHEMA {QUEUE_SCHEMA} CASCADE")
    tables = bind.exec_driver_sql(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    ).scalars()
    for table in tables.all():
        if table not in _KEPT:
            bind.exec_driver_sql(f'DROP TABLE "{table}" CASCADE')
    bind.exec_driver_sql("DROP FUNCTION audit_is_append_only")

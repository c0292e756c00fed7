"""Terminals of every kind, and what was heard of each."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the spine."""
    run_sql("0002_ingest.sql")


def downgrade() -> None:
    """Back to the spine."""
    for step in (
        "DROP INDEX quarantine_once, quarantine_received",
        "DROP TABLE terminal_alarm, terminal_heard",
        "ALTER TABLE terminal DROP COLUMN hardware_id, DROP COLUMN enrol_until",
    ):
        op.get_bind().exec_driver_sql(step)

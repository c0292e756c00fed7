"""The spine: registry, accounts, messages, plans, visits, SOS, shares, the hot path, the job queue."""

from __future__ import annotations

from fleet.migrations.steps import drop_everything, run_queue_schema, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty database with PostGIS."""
    run_sql("0001_spine.sql")
    run_queue_schema()


def downgrade() -> None:
    """Back to an empty database."""
    drop_everything()

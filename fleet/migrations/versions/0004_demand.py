"""What is asked for: cadences and their own exceptions, who closed them, the season's rules, days ahead."""

from __future__ import annotations

from fleet.migrations.steps import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From what tracks prove."""
    run_sql("0004_demand.sql")


def downgrade() -> None:
    """Back to what tracks prove."""

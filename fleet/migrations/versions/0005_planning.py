"""What plans are made of and worked on with: means, scenarios, jobs that are not lost."""

from __future__ import annotations

from fleet.migrations.steps import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From what is asked for."""
    run_sql("0005_planning.sql")


def downgrade() -> None:
    """Back to what is asked for."""

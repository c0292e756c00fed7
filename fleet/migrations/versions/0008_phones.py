"""A district's telephone numbers."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From lines that are written onto boards by hand to numbers that are kept."""
    run_sql("0008_phones.sql")


def downgrade() -> None:
    """Back; the numbers are lost."""
    op.get_bind().exec_driver_sql("DROP TABLE district_phone")

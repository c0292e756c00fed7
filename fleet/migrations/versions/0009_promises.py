"""The time that a call was promised for, beside the one at which it is planned now."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From a plan whose times are its promises to one that keeps what was promised."""
    run_sql("0009_promises.sql")


def downgrade() -> None:
    """Back; a time that was moved a little is the promise."""
    op.get_bind().exec_driver_sql("ALTER TABLE plan_stop DROP COLUMN promised")

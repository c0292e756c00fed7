"""Shared maps with a scope and a password."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From vans and a delay to beats, a day, hours and a password besides."""
    run_sql("0007_links.sql")


def downgrade() -> None:
    """Back; links that show less than all of their vans' time would show more, and are taken back."""
    for step in (
        "UPDATE share SET revoked_at = now() WHERE revoked_at IS NULL AND (beats IS NOT NULL"
        " OR day IS NOT NULL OR hour_from > 0 OR hour_to < 24 OR password_hash IS NOT NULL)",
        "DROP TABLE share_try",
        "ALTER TABLE share DROP COLUMN beats, DROP COLUMN day, DROP COLUMN hour_from, DROP COLUMN hour_to,"
        " DROP COLUMN password_hash",
    ):
        op.get_bind().exec_driver_sql(step)

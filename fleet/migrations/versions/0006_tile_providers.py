"""Tile services of others, switched on by an administrator of a district."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From what is asked for."""
    run_sql("0006_tile_providers.sql")


def downgrade() -> None:
    """Back to what is asked for."""
    op.get_bind().exec_driver_sql("DROP TABLE tile_provider")

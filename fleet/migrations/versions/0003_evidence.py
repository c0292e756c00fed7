"""What tracks prove: fences, alerts, ledgers of days, evidence of stops."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From the ingest's."""
    run_sql("0003_evidence.sql")


def downgrade() -> None:
    """Back to the ingest's."""
    for table in ("site", "shift", "beat_assignment", "beat", "beat_cell", "plan"):
        op.get_bind().exec_driver_sql(f"DROP FUNCTION due_of_{table} CASCADE")
    for step in (
        "DROP FUNCTION mark_days_of_beat, mark_van_days, is_first_change",
        "DROP TABLE van_day_watermark",
        "DROP TABLE van_day_due, stop_evidence, van_day_beat, van_day, alert_step, alert, alert_rule, fence",
        "DROP INDEX visit_of_stop",
        "ALTER TABLE visit DROP COLUMN grade",
    ):
        op.get_bind().exec_driver_sql(step)

"""Planning jobs that are not lost, the best they have found so far, districts planned by themselves."""

from __future__ import annotations

from alembic import op

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
    for step in (
        "DROP TABLE equipment, day_rule, plan_schedule, plan_job_best",
        "DROP INDEX plan_job_day",
        "ALTER TABLE plan_job DROP COLUMN attempts, DROP COLUMN deaths, DROP COLUMN keep,"
        " DROP COLUMN spent_s, DROP COLUMN levels, DROP COLUMN started_at",
    ):
        op.get_bind().exec_driver_sql(step)
    run_sql("0005_planning_down.sql")

"""What is asked for: cadences and their own exceptions, who closed them, the season's rules, days ahead."""

from __future__ import annotations

from alembic import op

from fleet.migrations.steps import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From what tracks prove."""
    run_sql("0004_demand.sql")


def downgrade() -> None:
    """Back to what tracks prove. Of several cadences of a person and channel the one without days is kept."""
    for step in (
        "DROP TABLE day_temperature, season_rule",
        "DROP INDEX visit_recorded",
        "DELETE FROM visit WHERE undone_at IS NOT NULL",
        "ALTER TABLE visit DROP COLUMN undone_at, DROP COLUMN undone_by, DROP COLUMN recorded_at, "
        "DROP COLUMN recorded_by",
        "DROP FUNCTION cadences_on",
        "DROP INDEX cadence_rule_key, cadence_exception_key",
        "DELETE FROM cadence WHERE own AND (day_from IS NOT NULL OR day_to IS NOT NULL)",
        "DELETE FROM cadence AS rule USING cadence AS own WHERE own.own AND NOT rule.own "
        "AND own.recipient_id = rule.recipient_id AND own.channel = rule.channel",
        "ALTER TABLE cadence DROP CONSTRAINT cadence_days, DROP CONSTRAINT cadence_rule_has_no_days, "
        "DROP COLUMN closed_by, DROP COLUMN closed_by_own, DROP COLUMN day_from, DROP COLUMN day_to",
        "ALTER TABLE cadence ADD CONSTRAINT cadence_key UNIQUE (recipient_id, channel)",
    ):
        op.get_bind().exec_driver_sql(step)

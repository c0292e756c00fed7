"""Districts that are planned by themselves: at which time of day, and for which day.

The day's own plan is made before its crews arrive, not the evening before: what was served until midnight is
in the ledger by then, and whom the crews missed yesterday is due today. A district that wants to see its plan
the evening before plans one day ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import audit
from fleet.sql import load

ACTOR: Final = "schedule"
"""Who asked, as the audit and the plan name it."""
LATE: Final = timedelta(hours=3)
"""A worker that comes up so long after the time still plans; later, people have seen to it themselves."""
_SQL = load(Path(__file__).parent / "queries.sql")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a district is planned, local time; `days_ahead` 0 is the same day, 1 the next one."""

    district_id: int
    timezone: str
    enabled: bool
    at: time
    days_ahead: int
    seconds: float
    last_day: date | None = None


def day_due(schedule: Schedule, now: datetime) -> date | None:
    """The day that is to be planned now, if any and if it was not asked for already."""
    if not schedule.enabled:
        return None
    here = now.astimezone(ZoneInfo(schedule.timezone))
    for began in (here.date(), here.date() - timedelta(days=1)):
        at = datetime.combine(began, schedule.at, here.tzinfo)
        day = began + timedelta(days=schedule.days_ahead)
        if at <= here < at + LATE and day != schedule.last_day:
            return day
    return None


def schedules(conn: sa.Connection, district_id: int | None = None) -> tuple[Schedule, ...]:
    """The schedules of all districts or of one; a district that was never told has the defaults."""
    return tuple(Schedule(**row) for row in _rows(conn, "schedules", district=district_id))


def set_schedule(conn: sa.Connection, schedule: Schedule, by: str) -> None:
    """Change when a district is planned."""
    conn.exec_driver_sql(
        _SQL["set_schedule"],
        {
            "district": schedule.district_id,
            "enabled": schedule.enabled,
            "at": schedule.at,
            "days_ahead": schedule.days_ahead,
            "seconds": schedule.seconds,
        },
    )
    audit.record(
        conn, by, "plan.schedule", f"district:{schedule.district_id}", schedule.district_id,
        enabled=schedule.enabled, at=f"{schedule.at:%H:%M}", days_ahead=schedule.days_ahead,
        seconds=schedule.seconds,
    )  # fmt: skip


def claim(conn: sa.Connection, district_id: int, day: date) -> bool:
    """Take a day on oneself; False where another has, nobody works, or a plan or job is there."""
    return bool(_rows(conn, "claim_day", district=district_id, day=day))


def unclaim(conn: sa.Connection, district_id: int, day: date) -> None:
    """Let the next worker try."""
    conn.exec_driver_sql(_SQL["unclaim_day"], {"district": district_id, "day": day})


def _rows(conn: sa.Connection, name: str, **params: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.exec_driver_sql(_SQL[name], params).mappings()]

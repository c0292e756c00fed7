"""Alerts as they are kept: read, acknowledged, shelved, each step noted; and a district's rules.

Functions take the caller's connection and neither open nor commit. Reconciling with what is found is
`tracking.alert_books`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import sqlalchemy as sa

from fleet import sql
from fleet.errors import Conflict, InvalidInput, NotFound
from tracking.alarm_rules import DEFAULTS, Rule

SQL: Final = sql.load(Path(__file__).with_name("alerts.sql"))
WATCH: Final = "watch"
"""The actor of what nobody did by hand."""
LONGEST_SHELF: Final = timedelta(hours=12)
MOST: Final = 500
Step: TypeAlias = Literal["raised", "ended", "acknowledged", "shelved", "unshelved", "corrected", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Stored:
    """An alert as it is kept; `acked_by` and `shelved_by` are people's names. Times are of the district."""

    id: int
    district_id: int
    code: str
    subject: str
    van_id: int | None
    severity: str
    began: datetime
    ended: datetime | None
    raised_at: datetime
    historical: bool
    body: Mapping[str, Any]
    acked_at: datetime | None
    acked_by: str | None
    shelved_until: datetime | None
    shelved_by: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: one open alert of it at a time."""
        return self.code, self.subject

    def is_shelved(self, now: datetime) -> bool:
        """Whether it is out of sight."""
        return self.shelved_until is not None and self.shelved_until > now


@dataclass(frozen=True, slots=True)
class Done:
    """One step in the life of an alert."""

    n: int
    at: datetime
    actor: str
    step: Step
    detail: Mapping[str, Any]


_FIELDS = tuple(each.name for each in fields(Stored))


def rows(conn: sa.Connection, name: str, **params: object) -> tuple[Stored, ...]:
    """Run a statement that gives alerts."""
    found = conn.exec_driver_sql(SQL[name], params).mappings()
    return tuple(Stored(*(row[name] for name in _FIELDS)) for row in found)


def rules_of(conn: sa.Connection, district_id: int) -> dict[str, Rule]:
    """A district's rules: the defaults with its own limits over them."""
    rules = dict(DEFAULTS)
    for row in conn.exec_driver_sql(SQL["rules"], {"district": district_id}):
        if row.code not in rules:
            continue
        # Kept as it was checked when it was set: a range that is narrower today must not stop the watch.
        rules[row.code] = replace(
            rules[row.code],
            enabled=row.enabled,
            severity=row.severity,
            threshold=row.threshold,
            on_delay_s=row.on_delay_s,
        )
    return rules


def set_rule(conn: sa.Connection, district_id: int, rule: Rule, *, by: str, at: datetime) -> None:
    """Keep a district's own limits of a rule, already checked by `alarm_rules.changed`."""
    given = {
        "district": district_id, "code": rule.code, "enabled": rule.enabled, "severity": rule.severity,
        "threshold": rule.threshold, "on_delay_s": rule.on_delay_s, "at": at, "by": by,
    }  # fmt: skip
    conn.exec_driver_sql(SQL["set_rule"], given)


def standing(conn: sa.Connection, district_id: int) -> tuple[Stored, ...]:
    """What has not ended, shelved ones too, the newest first."""
    return rows(conn, "standing", district=district_id)


def lately(conn: sa.Connection, district_id: int, since: datetime, most: int = 100) -> tuple[Stored, ...]:
    """What stands, then what began since `since` and is over, the newest first."""
    return rows(conn, "lately", district=district_id, **{"from": since}, most=most)


def between(
    conn: sa.Connection,
    district_id: int,
    span: tuple[datetime, datetime],
    *,
    van_id: int | None = None,
    code: str | None = None,
) -> tuple[Stored, ...]:
    """What began in a span, the newest first, at most `MOST`; withdrawn ones are left out."""
    given = {"from": span[0], "to": span[1], "van": van_id, "code": code, "most": MOST}
    return rows(conn, "between", district=district_id, **given)


def find(conn: sa.Connection, district_id: int, alert_id: int) -> Stored:
    """One alert, its row locked.

    Raises
    ------
    NotFound : the district has no such alert.
    """
    found = rows(conn, "one", id=alert_id, district=district_id)
    if not found:
        raise NotFound("There is no alert {id} in this district. Load the page again.", id=alert_id)
    return found[0]


def steps(conn: sa.Connection, alert_id: int) -> tuple[Done, ...]:
    """What was done with an alert, in order."""
    return tuple(Done(*row) for row in conn.exec_driver_sql(SQL["steps"], {"id": alert_id}))


def note(
    conn: sa.Connection, alert_id: int, step: Step, at: datetime, *, by: str = WATCH, **detail: object
) -> None:
    """Write down a step. The caller holds the alert's row, so that steps are numbered without gaps."""
    given = {"id": alert_id, "at": at, "by": by, "step": step, "detail": json.dumps(detail)}
    conn.exec_driver_sql(SQL["note"], given)


def acknowledge(conn: sa.Connection, district_id: int, alert_id: int, *, by: str, at: datetime) -> Stored:
    """Somebody has seen it and says so by name; the first who does stays.

    Raises
    ------
    NotFound : the district has no such alert.
    Conflict : somebody else has acknowledged it; the sentence names them.
    """
    held = find(conn, district_id, alert_id)
    if held.acked_by is not None:
        raise Conflict("{name} has already acknowledged this alert.", name=held.acked_by)
    _act(conn, "acknowledge", district_id, alert_id, by=by, at=at)
    note(conn, alert_id, "acknowledged", at, by=by)
    return find(conn, district_id, alert_id)


def shelve(
    conn: sa.Connection, district_id: int, alert_id: int, *, until: datetime, by: str, at: datetime
) -> Stored:
    """Put an open alert out of sight until a time; then it comes back by itself.

    Raises
    ------
    NotFound : the district has no such alert.
    InvalidInput : the time has passed, or lies too far ahead; or it is a call for help.
    Conflict : the alert has ended.
    """
    held = find(conn, district_id, alert_id)
    if held.severity == "sos":
        raise InvalidInput("A call for help cannot be shelved: look at it.")
    if not at < until <= at + LONGEST_SHELF:
        raise InvalidInput(
            "An alert can be shelved for up to {hours} hours from now. Choose another time.",
            hours=LONGEST_SHELF // timedelta(hours=1),
        )
    if not _act(conn, "shelve", district_id, alert_id, by=by, until=until):
        raise Conflict("This alert has ended; there is nothing to shelve.")
    note(conn, alert_id, "shelved", at, by=by, until=until.isoformat())
    return find(conn, district_id, alert_id)


def unshelve(conn: sa.Connection, district_id: int, alert_id: int, *, by: str, at: datetime) -> Stored:
    """Bring a shelved alert back at once; no harm when it is not shelved.

    Raises
    ------
    NotFound : the district has no such alert.
    """
    find(conn, district_id, alert_id)
    if _act(conn, "unshelve", district_id, alert_id):
        note(conn, alert_id, "unshelved", at, by=by)
    return find(conn, district_id, alert_id)


def _act(conn: sa.Connection, name: str, district_id: int, alert_id: int, **given: object) -> bool:
    params = {"id": alert_id, "district": district_id, **given}
    return conn.exec_driver_sql(SQL[name], params).first() is not None

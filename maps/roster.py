"""The terminals of a district with the last that was heard of each, as the database holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from fleet import sql
from fleet.units import ms_of
from fleet.words import Locale, translate
from maps.board import Json
from maps.naming import named
from tracking.reason import Reason, reason_of

_SQL = sql.load(Path(__file__).with_name("queries.sql"))
WINDOW: Final = timedelta(hours=24)
"""How far back refusals are counted and listed, time of the clock."""
MOST_REFUSALS: Final = 50
_REASONS: Final[dict[Reason, str]] = {
    "unreadable": "The message cannot be read",
    "place": "No such place on Earth",
    "time": "The time cannot be right",
    "range": "A value is out of range",
    "event": "The tap cannot be right",
    "too_long": "Too much in one message",
    "unstorable": "The database cannot keep it",
    "checksum": "Damaged on its way",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a terminal with a screen should have drawn; no plan where none is published for the day."""

    state: int
    plan: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was refused; `why` is the sentence that its terminal was told."""

    at: datetime
    why: str


def goal(conn: sa.Connection, district_id: int, day: date) -> Goal:
    """What a district's terminals should have drawn."""
    row = conn.exec_driver_sql(_SQL["drawn_goal"], {"district": district_id, "day": day}).one()
    return Goal(row.state, row.plan)


def rows(conn: sa.Connection, district_id: int, now: datetime, locale: Locale) -> list[Json]:
    """Every terminal, by van and code, ready for JSON; times in epoch milliseconds.

    Times are the clock's, but for `enrol_until`, which is the wall's.
    """
    given = {"district": district_id, "since": now - WINDOW}
    found = conn.exec_driver_sql(_SQL["roster"], given)
    return [_row(row, locale) for row in found]


def _row(row: Any, locale: Locale) -> Json:
    return {
        "id": row.id,
        "code": row.code,
        "kind": row.kind,
        "protocol": row.protocol,
        "primary": row.is_primary,
        "revoked": row.revoked,
        "enrol_until": _ms(row.enrol_until),
        "van": {
            "id": row.van_id, "name": named(row.van_name, row.van_name_en, locale), "colour": row.van_colour
        },
        "heard": _ms(row.heard_at),
        "fix": _ms(row.fix_t),
        "lag_s": row.lag_s,
        "offset_s": row.offset_s,
        "offset_told": bool(row.offset_told),
        "fixes": row.fixes,
        "refused": row.refused,
        "app": row.app or "",
        "plan": row.plan,
        "state": row.state,
    }  # fmt: skip


def refusals(conn: sa.Connection, district_id: int, terminal_id: int, now: datetime) -> Sequence[Refusal]:
    """What was refused of a terminal lately, the newest first; nothing for one of another district."""
    given = {
        "district": district_id, "terminal": terminal_id, "since": now - WINDOW, "most": MOST_REFUSALS,
    }  # fmt: skip
    return [Refusal(*row) for row in conn.exec_driver_sql(_SQL["refusals"], given)]


def refusal_json(one: Refusal, locale: Locale) -> Json:
    """A refusal as a person reads it: its kind in their language, and the sentence its terminal was told."""
    return {"at": ms_of(one.at), "kind": reason_said(reason_of(one.why), locale), "why": one.why}


def reason_said(reason: Reason, locale: Locale) -> str:
    """What kind of refusal it is, in words."""
    return translate(locale, _REASONS.get(reason, "Refused"))


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else ms_of(instant)

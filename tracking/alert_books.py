"""Brings what is kept of alerts into line with what is found: raises, ends, corrects, withdraws.

Every function works in its caller's transaction, which has taken the district's turn first, so that of two
servers one writes at a time; the schema's unique indexes hold even if both should. What is returned is what
screens have to be told: alerts found only afterwards are not among it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

import sqlalchemy as sa

from fleet.units import moment_of
from tracking import alarms
from tracking.alarm_day import Episode
from tracking.alarm_rules import OF_DAY, OF_MOMENT, Rules
from tracking.alarms import Condition
from tracking.alert_store import SQL, Stored, note, rows

Change: TypeAlias = Literal["raised", "ended", "corrected", "withdrawn", "unshelved"]


@dataclass(frozen=True, slots=True)
class Told:
    """A change that screens should hear of."""

    alert_id: int
    change: Change
    code: str
    van_id: int | None


@dataclass(frozen=True, slots=True)
class VanScope:
    """Which alerts a van's day answers for: those that began from `starts` to before `ends`."""

    district_id: int
    van_id: int
    starts: datetime
    ends: datetime


def take_turn(conn: sa.Connection, district_id: int) -> bool:
    """Be the only one who writes this district's alerts until the transaction ends; False when another is."""
    return bool(conn.exec_driver_sql(SQL["take_turn"], {"district": district_id}).scalar_one())


def wait_turn(conn: sa.Connection, district_id: int) -> None:
    """The same, but wait for it."""
    conn.exec_driver_sql(SQL["wait_turn"], {"district": district_id})


def reconcile_moment(
    conn: sa.Connection, district_id: int, found: Sequence[Condition], rules: Rules, now: datetime,
    *, server: str = "",
) -> list[Told]:  # fmt: skip
    """Bring the open alerts of the rules of the moment into line.

    Parameters
    ----------
    found : all conditions of the district
    server : whose own alerts may end: that another server is behind only it can know
    """
    kept = {each.key: each for each in rows(conn, "of_codes", district=district_id, codes=list(OF_MOMENT))}
    told, seen = [], set()
    for each in found:
        key = (each.code, each.subject)
        seen.add(key)
        if key not in kept and alarms.is_due(each, rules[each.code], now):
            new = _New.of_condition(each)
            told += _raise(conn, district_id, new, now) or _reopen(conn, district_id, new, now)
    for key, stored in kept.items():
        if key in seen or (stored.code == "server_behind" and stored.subject != f"server:{server}"):
            continue
        conn.exec_driver_sql(SQL["end"], {"id": stored.id, "ended": now})
        note(conn, stored.id, "ended", now)
        told.append(Told(stored.id, "ended", stored.code, stored.van_id))
    return told


def reconcile_day(
    conn: sa.Connection, scope: VanScope, found: Sequence[Episode], rules: Rules, now: datetime
) -> list[Told]:
    """Bring the alerts of a van's day into line with its episodes, whichever facts came late.

    What stays is matched by rule, subject and beginning, else by rule, subject and overlap, so that an
    alert keeps its number, its name and its shelf when late facts move its ends.
    """
    given = {"van": scope.van_id, "codes": list(OF_DAY), "from": scope.starts, "to": scope.ends}
    kept = list(rows(conn, "of_van_day", **given))
    inside = [each for each in found if scope.starts <= moment_of(each.began_ms) < scope.ends]
    # What has ended first: an open one finds its place free.
    inside.sort(key=lambda each: (each.ended_ms is None, each.code, each.subject, each.began_ms))
    matched = _match(kept, inside)
    told = []
    for stored in kept:
        if stored.id not in matched.values():
            told += _withdraw(conn, stored, now)
    by_id = {each.id: each for each in kept}
    for n, episode in enumerate(inside):
        if n in matched:
            told += _correct(conn, by_id[matched[n]], episode, now)
        else:
            told += _raise(conn, scope.district_id, _New.of_episode(episode, rules), now)
    return told


def restate(conn: sa.Connection, stored: Stored, episode: Episode | None, now: datetime) -> list[Told]:
    """Bring one alert into line with what is known now of the time that it tells of; withdraw it for None."""
    return _withdraw(conn, stored, now) if episode is None else _correct(conn, stored, episode, now)


def return_expired(conn: sa.Connection, district_id: int, now: datetime) -> list[Told]:
    """Bring back what was shelved until now."""
    back = conn.exec_driver_sql(SQL["expired"], {"district": district_id, "at": now}).scalars().all()
    for alert_id in back:
        note(conn, alert_id, "unshelved", now)
    return [Told(alert_id, "unshelved", "", None) for alert_id in back]


def day_span(day: date, midnight: datetime) -> tuple[datetime, datetime]:
    """From a day's midnight to the next, in the midnight's own zone."""
    return midnight, datetime.combine(day + timedelta(days=1), midnight.timetz())


def _match(kept: Sequence[Stored], found: Sequence[Episode]) -> dict[int, int]:
    """Places in `found` with the number of the alert that is the same."""
    matched: dict[int, int] = {}
    free = {each.id: each for each in kept}
    for is_same in (_begins_alike, _overlaps):
        for n, episode in enumerate(found):
            if n in matched:
                continue
            same = next((each for each in free.values() if is_same(each, episode)), None)
            if same is not None:
                matched[n] = same.id
                del free[same.id]
    return matched


def _begins_alike(stored: Stored, episode: Episode) -> bool:
    return stored.key == (episode.code, episode.subject) and stored.began == moment_of(episode.began_ms)


def _overlaps(stored: Stored, episode: Episode) -> bool:
    if stored.key != (episode.code, episode.subject):
        return False
    ends_later = episode.ended_ms is None or moment_of(episode.ended_ms) >= stored.began
    return ends_later and (stored.ended is None or stored.ended >= moment_of(episode.began_ms))


@dataclass(frozen=True, slots=True)
class _New:
    code: str
    subject: str
    van_id: int | None
    severity: str
    began: datetime
    ended: datetime | None
    historical: bool
    body: Mapping[str, float | int | str]

    @classmethod
    def of_condition(cls, each: Condition) -> _New:
        return cls(each.code, each.subject, each.van_id, each.severity, each.began, None, False, each.body)

    @classmethod
    def of_episode(cls, each: Episode, rules: Rules) -> _New:
        ended = None if each.ended_ms is None else moment_of(each.ended_ms)
        severity, began = rules[each.code].severity, moment_of(each.began_ms)
        # What was over when it was found was found too late to be told as new.
        late = ended is not None
        return cls(each.code, each.subject, each.van_id, severity, began, ended, late, each.body)


def _raise(conn: sa.Connection, district_id: int, new: _New, now: datetime) -> list[Told]:
    given = {
        "district": district_id, "code": new.code, "subject": new.subject, "van": new.van_id,
        "severity": new.severity, "began": new.began, "ended": new.ended, "at": now,
        "historical": new.historical, "body": json.dumps(new.body),
    }  # fmt: skip
    alert_id = conn.exec_driver_sql(SQL["raise"], given).scalar_one_or_none()
    if alert_id is None:
        return []
    note(conn, alert_id, "raised", now, historical=new.historical)
    if new.historical:
        return []
    return [Told(alert_id, "raised", new.code, new.van_id)]


def _reopen(conn: sa.Connection, district_id: int, new: _New, now: datetime) -> list[Told]:
    """The same thing again, since the same time: it had not ended after all."""
    given = {"district": district_id, "code": new.code, "subject": new.subject, "began": new.began}
    alert_id = conn.exec_driver_sql(SQL["reopen"], given).scalar_one_or_none()
    if alert_id is None:
        return []
    note(conn, alert_id, "corrected", now, reopened=True)
    return [Told(alert_id, "raised", new.code, new.van_id)]


def _correct(conn: sa.Connection, stored: Stored, episode: Episode, now: datetime) -> list[Told]:
    began = moment_of(episode.began_ms)
    ended = None if episode.ended_ms is None else moment_of(episode.ended_ms)
    given = {"id": stored.id, "began": began, "ended": ended, "body": json.dumps(episode.body)}
    if conn.exec_driver_sql(SQL["correct"], given).first() is None:
        return []
    change: Change = "corrected"
    if began == stored.began and (ended is None) == (stored.ended is None):
        if ended == stored.ended:
            # Only its values grew, such as the top speed: no step of its life.
            return []
    elif began == stored.began and stored.ended is None:
        change = "ended"
    note(conn, stored.id, change, now, was=[_said(stored.began), _said(stored.ended)])
    if stored.historical and ended is not None:
        return []
    if stored.historical:
        change = "raised"
    return [Told(stored.id, change, stored.code, stored.van_id)]


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _withdraw(conn: sa.Connection, stored: Stored, now: datetime) -> list[Told]:
    conn.exec_driver_sql(SQL["withdraw"], {"id": stored.id, "at": now})
    note(conn, stored.id, "withdrawn", now)
    return [] if stored.historical else [Told(stored.id, "withdrawn", stored.code, stored.van_id)]

"""Rows of the visits' page: who is due by which channel, and what was written down. Names are masked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import recording, registry
from fleet.registry import Recipient, Site, mask_name
from fleet.units import ms_of
from fleet.words import Locale
from maps.board import Json
from maps.naming import named
from routing.cadence import STATES, Standing, closers, standings, target_gap
from routing.outlook import last_days

SOON: Final = 3
"""Days before its target that a call is listed."""
MOST_DUE: Final = 2000
_MOST_RECORDED: Final = 60


def district_rows(conn: sa.Connection, district: registry.District, now: datetime, locale: Locale) -> Json:
    """All that the page lists.

    Returns
    -------
    `due`, today's first and of them the most overdue; how many there are; `recorded`, the newest first.
    """
    today = now.astimezone(ZoneInfo(district.timezone)).date()
    people = {person.id: person for person in registry.recipients(conn, district.id)}
    homes = {site.id: site for site in registry.sites(conn, district.id)}
    # What was done today counts: the list shrinks as the day goes on.
    last = last_days(conn, district, today + timedelta(days=1))
    found = standings(registry.cadences(conn, district.id), last, today)
    due = [each for each in found if each.gap > 0 and days_left(each) <= SOON]
    # Stable: within a state the most overdue stay first.
    due.sort(key=lambda each: STATES.index(each.state))
    return {
        "as_of": ms_of(now),
        "day": today.isoformat(),
        "due_total": len(due),
        "due": [
            _due(each, people[each.cadence.recipient_id], homes, today, locale) for each in due[:MOST_DUE]
        ],
        "recorded": [
            _recorded(each, people, homes, locale)
            for each in recording.lately(conn, district.id, _MOST_RECORDED)
        ],
    }


def days_left(stands: Standing) -> float:
    """Days until a call is due; 0 or below when it is."""
    return target_gap(stands.cadence) - stands.gap


def people_rows(conn: sa.Connection, district_id: int, locale: Locale) -> Sequence[Json]:
    """Whom a call may be written down for: code, masked name, home."""
    homes = {site.id: site for site in registry.sites(conn, district_id)}
    return [_person(each, homes, locale) for each in registry.recipients(conn, district_id)]


def _person(person: Recipient, homes: dict[int, Site], locale: Locale) -> Json:
    home = homes[person.home_id]
    return {
        "code": person.code,
        "name": mask_name(person.name),
        "home": named(home.name, home.name_en, locale),
    }


def _due(stands: Standing, person: Recipient, homes: dict[int, Site], today: date, locale: Locale) -> Json:
    cadence = stands.cadence
    return {
        "key": f"{cadence.recipient_id}:{cadence.channel}",
        **_person(person, homes, locale),
        "channel": cadence.channel,
        "state": stands.state,
        "last": stands.last.isoformat() if stands.last else None,
        "gap": (today - stands.last).days if stands.last else None,
        "target": cadence.target_days,
        "most": cadence.max_days,
        "ratio": round(stands.ratio, 2),
        "own": cadence.own,
        "until": cadence.day_to.isoformat() if cadence.day_to else None,
        "left": days_left(stands),
        "by": [each for each in ("call", "grid") if each in closers(cadence)],
    }


def _recorded(
    entry: recording.Recorded, people: dict[int, Recipient], homes: dict[int, Site], locale: Locale
) -> Json:
    return {
        "id": entry.id,
        **_person(people[entry.recipient_id], homes, locale),
        "channel": entry.channel,
        "outcome": entry.outcome,
        "began": ms_of(entry.began),
        "minutes": round(entry.service_s / 60),
        "at": ms_of(entry.recorded_at),
        "by": entry.recorded_by,
        "undone": ms_of(entry.undone_at) if entry.undone_at else None,
        "undone_by": entry.undone_by,
    }

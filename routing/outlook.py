"""The days ahead of a district, read from its registry and ledger, and spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely
import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput
from fleet.geo import haversine_m
from fleet.seasons import season_of
from fleet.visits import last_visits
from routing.cadence import Last
from routing.demand import DROPOFF_S, drop_offs, spared
from routing.horizon import CALL_DRIVE_S, LONGEST, SHORTEST, Horizon, VanTime, horizon_of, look_ahead
from routing.spread import spread

USUAL: Final = 14
"""Days looked ahead when a day is planned."""
BREAK_S: Final = 45 * 60
HANDLING_S: Final = 30 * 60
"""Loading, leaving and coming back, a shift."""
CALL_SHARE: Final = 0.9
"""Of a shift's working time, what calls, drop-offs and their driving may take. Calls in a van's own beats are
patrol too; the rest is kept for passes."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How a shift's seconds become time for calls. Patrol keeps what `calls` leaves of the working time."""

    calls: float = CALL_SHARE
    break_s: int = BREAK_S
    handling_s: int = HANDLING_S

    def of_shift_s(self, span_s: int) -> int:
        """Seconds of a shift that calls and drop-offs may take."""
        return max(0, round(self.calls * (span_s - self.break_s - self.handling_s)))


def read(
    conn: sa.Connection, district_id: int, first: date, days: int = USUAL, shares: Shares | None = None
) -> Horizon:
    """Look ahead from the morning of `first` and give every call its day.

    Days past the last shift that was entered are taken to be like the same weekday before them, and say so.

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : fewer than 7 or more than 28 days.
    """
    if not SHORTEST <= days <= LONGEST:
        raise InvalidInput(
            "{days} days cannot be looked ahead. Ask for {least} to {most}.",
            days=days, least=SHORTEST, most=LONGEST,
        )  # fmt: skip
    district = registry.district(conn, district_id)
    people = registry.recipients(conn, district_id)
    cadences = registry.cadences(conn, district_id)
    last = last_days(conn, district, first)
    vans, assumed = _van_times(conn, district_id, first, days, shares or Shares())
    drops_s = _drops_s(conn, district_id, people, first, days)
    ahead = look_ahead(people, cadences, last, _clusters(conn, district_id, people), first, vans, drops_s)
    return horizon_of(ahead, spread(ahead), cadences, last, assumed)


def last_days(conn: sa.Connection, district: registry.District, day: date) -> Last:
    """The day of each person's last served visit before the morning of `day`, by recipient and channel."""
    zone = ZoneInfo(district.timezone)
    midnight = datetime.combine(day, time(0), zone)
    told = last_visits(conn, district.id, midnight)
    return {key: began.astimezone(zone).date() for key, began in told.items()}


def _van_times(
    conn: sa.Connection, district_id: int, first: date, days: int, shares: Shares
) -> tuple[list[tuple[VanTime, ...]], frozenset[int]]:
    """For each day its vans and their seconds for calls, and which days are assumed."""
    entered = [shifts_of(conn, district_id, first + timedelta(days=n)) for n in range(days)]
    known = max((n for n, shifts in enumerate(entered) if shifts), default=-1) + 1
    for n in range(known, days):
        # The same weekday; in the first week, the last day that is known.
        like = n - 7 if n >= 7 else known - 1
        entered[n] = entered[like] if like >= 0 else ()
    found = [tuple(VanTime(has, shares.of_shift_s(span_s)) for has, span_s in shifts) for shifts in entered]
    return found, frozenset(range(known, days))


def _drops_s(
    conn: sa.Connection, district_id: int, people: Sequence[registry.Recipient], first: date, days: int
) -> list[int]:
    """For each day, what its season's drop-offs take, as far as its heat allows them."""
    menu = registry.menu(conn, district_id)
    told = [season_of(conn, district_id, first + timedelta(days=n)) for n in range(days)]
    by_season = {season: drop_offs(people, menu, season) for season in {day.season for day in told}}
    each_s = DROPOFF_S + CALL_DRIVE_S
    return [len(spared(by_season[day.season], day.outdoor.share)) * each_s for day in told]


def shifts_of(conn: sa.Connection, district_id: int, day: date) -> tuple[tuple[frozenset[str], int], ...]:
    """The vans of a day: what each can do with its crew, and its shift's seconds."""
    features = {van.id: van.features for van in registry.vans(conn, district_id)}
    skills = {crew.id: crew.skills for crew in registry.crews(conn, district_id)}
    return tuple(
        (
            frozenset(features[shift.van_id]) | frozenset(skills[shift.crew_id]),
            int((shift.ends - shift.starts).total_seconds()),
        )
        for shift in registry.shifts(conn, district_id, day)
    )


def _clusters(
    conn: sa.Connection, district_id: int, people: Sequence[registry.Recipient]
) -> Mapping[int, int]:
    """Each person's neighbourhood: the beat that their home lies in, else (negative) the nearest centre."""
    sites = {site.id: site for site in registry.sites(conn, district_id)}
    beats = registry.beats(conn, district_id)
    found: dict[int, int] = {}
    homes = np.array([(sites[p.home_id].lon, sites[p.home_id].lat) for p in people]).reshape(-1, 2)
    for beat in beats:
        area = shapely.MultiPolygon([(rings[0], list(rings[1:])) for rings in beat.polygons])
        inside = shapely.contains_xy(area, homes[:, 0], homes[:, 1])
        for person, within in zip(people, inside, strict=True):
            if within:
                found.setdefault(person.id, beat.id)
    centres = [site for site in sites.values() if site.kind == "centre"]
    for person in people:
        if person.id not in found and centres:
            home = sites[person.home_id]
            near = min(centres, key=lambda c: (haversine_m((c.lon, c.lat), (home.lon, home.lat)), c.id))
            found[person.id] = -near.id
    return found

"""All rows of the registry, the ledger and the season that a day's plan looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput
from fleet.seasons import season_of
from routing import means, outlook
from routing.demand import Advice, DropOff, Due, drop_offs, due_visits, spared
from routing.problem import Equipment


@dataclass(frozen=True, slots=True)
class Book:
    """The rows of one district and day; see `Agenda` for what becomes of them."""

    district: registry.District
    day: date
    vans: tuple[registry.Van, ...]
    shifts: Mapping[int, registry.Shift]
    crews: Mapping[int, registry.Crew]
    sites: Mapping[int, registry.Site]
    people: tuple[registry.Recipient, ...]
    dues: tuple[Due, ...]
    drops: tuple[DropOff, ...]
    menu: Mapping[str, registry.MenuItem]
    beats: Mapping[int, registry.Beat]
    beats_of: Mapping[int, Sequence[int]]
    season: str
    rule: means.DayRule
    kits: tuple[Equipment, ...]
    familiar: Mapping[int, frozenset[int]]
    worked_s: Mapping[int, int]
    promises: Mapping[means.Called, tuple[int, datetime]]

    @property
    def origin(self) -> datetime:
        """The local midnight that a problem's seconds count from."""
        return datetime.combine(self.day, time(0), ZoneInfo(self.district.timezone))

    def seconds(self, moment: datetime) -> int:
        """A moment in a problem's seconds."""
        return int((moment - self.origin).total_seconds())

    def beats_on(self, van_id: int) -> tuple[registry.Beat, ...]:
        """The beats that a van patrols on the day."""
        return tuple(self.beats[beat] for beat in self.beats_of.get(van_id, ()))


def read(
    conn: sa.Connection, district_id: int, day: date, *, look_ahead: bool, advice: Advice | None = None
) -> Book:
    """Read a day's demand and means.

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : nobody works on that day.
    """
    district = registry.district(conn, district_id)
    shifts = {shift.van_id: shift for shift in registry.shifts(conn, district_id, day)}
    if not shifts:
        raise InvalidInput("No van has a shift on {day}. Enter the day's shifts, then plan.", day=day)
    people = registry.recipients(conn, district_id)
    menu = registry.menu(conn, district_id)
    told = season_of(conn, district_id, day)
    season = told.season
    last = outlook.last_days(conn, district, day)
    if advice is None and look_ahead:
        advice = outlook.read(conn, district_id, day)
    kits = means.equipment_of(conn, district_id)
    carried = {kit.code for kit in kits}
    able = [has | carried for has, _ in outlook.shifts_of(conn, district_id, day)]
    return Book(
        district=district,
        day=day,
        vans=registry.vans(conn, district_id),
        shifts=shifts,
        crews={crew.id: crew for crew in registry.crews(conn, district_id)},
        sites={site.id: site for site in registry.sites(conn, district_id)},
        people=people,
        dues=due_visits(people, registry.cadences(conn, district_id), last, day, advice, able),
        drops=spared(drop_offs(people, menu, season), told.outdoor.share),
        menu={item.code: item for item in menu if item.season == season},
        beats={beat.id: beat for beat in registry.beats(conn, district_id)},
        beats_of=registry.beats_of(conn, district_id, day),
        season=season,
        rule=means.rule_of(conn, district_id),
        kits=kits,
        familiar=means.familiar_vans(conn, district_id, day),
        worked_s=means.worked_s(conn, district_id, day),
        promises=means.promises(conn, district_id, day),
    )

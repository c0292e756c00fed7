"""A district's day as a planning problem, and what the problem's indexes mean in the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput
from fleet.geo import LonLat
from fleet.roads import Roads
from fleet.seasons import season_of
from routing import beats, means, outlook
from routing.demand import DROPOFF_S, DropOff, Due, drop_offs, due_visits, spared
from routing.problem import (
    Cell,
    Equipment,
    Item,
    Kitchen,
    Portion,
    Problem,
    Promise,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)

RELOAD_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a visit of the problem is for; a drop-off is for a stop point, not for one person."""

    site_id: int
    recipient_id: int | None = None
    cadence_id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Agenda:
    """The problem of a day and its keys: for each van, visit and cell of it, the rows it stands for.

    `origin` is the local midnight that the problem's seconds count from; `site_ids` is None for beat cells.
    """

    district_id: int
    day: date
    origin: datetime
    season: str
    problem: Problem
    van_ids: tuple[int, ...]
    site_ids: tuple[int | None, ...]
    callers: tuple[Caller, ...]
    beat_ids: tuple[int, ...]

    def at(self, seconds: int) -> datetime:
        """The moment of one of the problem's times."""
        return self.origin + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Book:
    """All rows of the registry that a day's plan looks at."""

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
        return datetime.combine(self.day, time(0), ZoneInfo(self.district.timezone))

    def seconds(self, moment: datetime) -> int:
        return int((moment - self.origin).total_seconds())


def build(
    conn: sa.Connection, roads: Roads, district_id: int, day: date, *, look_ahead: bool = True
) -> Agenda:
    """Read a day's demand and means, ask for the road table, and lay out the problem.

    Parameters
    ----------
    look_ahead : whether the days ahead say who is due today; else everybody is who is past their target

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : nobody works on that day, or a van on shift has no depot.
    """
    book = _read(conn, district_id, day, look_ahead=look_ahead)
    depots = _depots(book)
    places = _Places(book)
    for site_id in (*depots.values(), *(s.id for s in book.sites.values() if s.is_kitchen)):
        places.site(site_id)
    visits, callers = _visits(book, places)
    cells = _cells(book)
    cell_sites = [places.cell(cell) for _, cell in cells]
    matrix = roads.table(places.points)
    vans = _vans(book, places, depots, matrix.seconds)
    assigned = {
        beat: frozenset(n for n, van in enumerate(vans) if beat in book.beats_of.get(van[0], ()))
        for beat in book.beats
    }
    problem = Problem(
        sites=tuple(places.sites),
        seconds=frozen_matrix(matrix.seconds),
        metres=frozen_matrix(matrix.metres),
        vans=tuple(van for _, van in vans),
        visits=visits,
        items=tuple(
            Item(item.code, "hot" if item.container == "hot" else "cold", item.hold_s)
            for item in book.menu.values()
        ),
        cells=tuple(
            Cell(site, assigned[beat], passes=cell.passes)
            for (beat, cell), site in zip(cells, cell_sites, strict=True)
        ),
        basis=matrix.basis,
        kitchens=tuple(_kitchens(book, places)),
        centres=frozenset(places.site(site.id) for site in book.sites.values() if site.is_kitchen),
        patrol_target_s=book.rule.patrol_s,
        equipment=book.kits,
        pace=book.rule.pace,
    )
    return Agenda(
        district_id=district_id,
        day=day,
        origin=book.origin,
        season=book.season,
        problem=problem,
        van_ids=tuple(van_id for van_id, _ in vans),
        site_ids=tuple(places.ids),
        callers=callers,
        beat_ids=tuple(beat for beat, _ in cells),
    )


def _read(conn: sa.Connection, district_id: int, day: date, *, look_ahead: bool) -> _Book:
    district = registry.district(conn, district_id)
    shifts = {shift.van_id: shift for shift in registry.shifts(conn, district_id, day)}
    if not shifts:
        raise InvalidInput("No van has a shift on {day}. Enter the day's shifts, then plan.", day=day)
    people = registry.recipients(conn, district_id)
    menu = registry.menu(conn, district_id)
    told = season_of(conn, district_id, day)
    season = told.season
    last = outlook.last_days(conn, district, day)
    advice = outlook.read(conn, district_id, day) if look_ahead else None
    kits = means.equipment_of(conn, district_id)
    carried = {kit.code for kit in kits}
    able = [has | carried for has, _ in outlook.shifts_of(conn, district_id, day)]
    return _Book(
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


def _depots(book: _Book) -> dict[int, int]:
    """The depot of each van on shift."""
    found: dict[int, int] = {}
    for van in book.vans:
        if van.id in book.shifts:
            if van.depot_id is None:
                raise InvalidInput(
                    "The van {van} is on shift and has no depot. Give it a centre as depot.", van=van.code
                )
            found[van.id] = van.depot_id
    return found


class _Places:
    """The problem's sites as they are met, each once."""

    def __init__(self, book: _Book) -> None:
        self.book = book
        self.sites: list[Site] = []
        self.ids: list[int | None] = []
        self.known: dict[int, int] = {}

    @property
    def points(self) -> list[LonLat]:
        return [(site.lon, site.lat) for site in self.sites]

    def site(self, site_id: int) -> int:
        if site_id not in self.known:
            row = self.book.sites[site_id]
            self.known[site_id] = self._add(Site(row.name, row.lon, row.lat), site_id)
        return self.known[site_id]

    def cell(self, cell: registry.Cell) -> int:
        return self._add(Site(f"cell {cell.id}", cell.lon, cell.lat), None)

    def _add(self, site: Site, site_id: int | None) -> int:
        self.sites.append(site)
        self.ids.append(site_id)
        return len(self.sites) - 1


def _visits(book: _Book, places: _Places) -> tuple[tuple[Visit, ...], tuple[Caller, ...]]:
    people = {person.id: person for person in book.people}
    kits = frozenset(kit.code for kit in book.kits)
    vans = {van_id: n for n, van_id in enumerate(van.id for van in book.vans if van.id in book.shifts)}
    visits: list[Visit] = []
    callers: list[Caller] = []
    for due in book.dues:
        person = people[due.recipient_id]
        visits.append(
            Visit(
                name=f"{person.code} ({due.channel})",
                kind="visit",
                site=places.site(person.home_id),
                service_s=due.service_s,
                windows=_hours(book.sites[person.home_id], due.service_s),
                nap=TimeWindow(_of_day(person.nap_from), _of_day(person.nap_to)),
                skills=due.skills - kits,
                mandatory=due.mandatory,
                prize=due.prize,
                equipment=due.skills & kits,
                familiar=frozenset(vans[each] for each in book.familiar.get(person.id, ()) if each in vans),
                promise=_promise(book, vans, (person.home_id, person.id, due.cadence_id)),
            )
        )
        callers.append(Caller(person.home_id, person.id, due.cadence_id))
    codes = list(book.menu)
    for drop in book.drops:
        site = book.sites[drop.site_id]
        visits.append(
            Visit(
                name=site.code,
                kind="dropoff",
                site=places.site(site.id),
                service_s=DROPOFF_S,
                windows=_hours(site, DROPOFF_S),
                portions=tuple(Portion(codes.index(code), cups) for code, cups in drop.cups.items()),
                promise=_promise(book, vans, (site.id, None, None)),
            )
        )
        callers.append(Caller(site.id))
    return tuple(visits), tuple(callers)


def _promise(book: _Book, vans: Mapping[int, int], called: means.Called) -> Promise | None:
    """What the day's published plan told them; nothing where its van is not on shift any more."""
    told = book.promises.get(called)
    return Promise(vans[told[0]], book.seconds(told[1])) if told and told[0] in vans else None


def _hours(site: registry.Site, service_s: int) -> tuple[TimeWindow, ...]:
    """Service begins and ends inside a site's hours."""
    return (TimeWindow(_of_day(site.opens), _of_day(site.closes) - service_s),)


def _of_day(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _cells(book: _Book) -> list[tuple[int, registry.Cell]]:
    """Cells of the beats that somebody on shift patrols."""
    patrolled = {beat for van_id in book.shifts for beat in book.beats_of.get(van_id, ())}
    return [(beat.id, cell) for beat in book.beats.values() if beat.id in patrolled for cell in beat.cells]


def _vans(
    book: _Book, places: _Places, depots: Mapping[int, int], seconds: beats.Seconds
) -> list[tuple[int, Van]]:
    found: list[tuple[int, Van]] = []
    for row in book.vans:
        if row.id not in depots:
            continue
        shift = book.shifts[row.id]
        starts_s, ends_s = book.seconds(shift.starts), book.seconds(shift.ends)
        depot = places.site(depots[row.id])
        own = [book.beats[beat] for beat in book.beats_of.get(row.id, ())]
        patrol = beats.patrol(own, places.points, seconds) if own else None
        van = Van(
            name=row.code,
            depot=depot,
            starts_s=starts_s,
            ends_s=ends_s,
            hot_cups=row.hot_cups,
            cold_cups=row.cold_cups,
            skills=frozenset(row.features) | frozenset(book.crews[shift.crew_id].skills),
            rest=means.rest_of(starts_s, ends_s),
            batch_s=starts_s,
            inside=patrol.inside if patrol else None,
            in_beat_s=patrol.in_beat_s if patrol else None,
            leaves_by_s=starts_s + book.rule.waits_s if book.rule.waits_s else None,
            overtime_s=book.rule.overtime_s,
            span_s=book.rule.span_s,
            worked_s=book.worked_s.get(row.id, 0),
        )
        found.append((row.id, van))
    return found


def _kitchens(book: _Book, places: _Places) -> Iterator[Kitchen]:
    """Each kitchen once for each of its batches that it is still open for."""
    for site in book.sites.values():
        window = TimeWindow(_of_day(site.opens), _of_day(site.closes) - RELOAD_S)
        for batch in book.rule.batches if site.is_kitchen else ():
            if window.closes_s >= _of_day(batch):
                yield Kitchen(places.site(site.id), window, RELOAD_S, _of_day(batch))

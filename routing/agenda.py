"""A district's day as a planning problem, and what the problem's indexes mean in the registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from fleet import registry
from fleet.errors import InvalidInput
from fleet.geo import LonLat
from fleet.roads import Roads
from routing import beats, means
from routing.book import Book, read
from routing.demand import DROPOFF_S, Advice
from routing.problem import (
    Cell,
    Item,
    Kitchen,
    Legs,
    Portion,
    Problem,
    Promise,
    Site,
    TimeWindow,
    Van,
    Visit,
    frozen_matrix,
)
from routing.road_tables import with_tables

RELOAD_S = 15 * 60
MOST_SITES = 5_000
"""A road table over more sites is not asked for: such a day is wide."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a visit of the problem is for; a drop-off is for a stop point, not for one person."""

    site_id: int
    recipient_id: int | None = None
    cadence_id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Agenda:
    """The problem of a day and its keys: for each van, visit and cell of it, the rows it stands for.

    `origin` is the local midnight that the problem's seconds count from; `site_ids` is None for beat cells;
    `beats` are the beats of each van, by its id.
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
    beats: Mapping[int, tuple[registry.Beat, ...]] = field(default_factory=dict)

    def at(self, seconds: int) -> datetime:
        """The moment of one of the problem's times."""
        return self.origin + timedelta(seconds=seconds)


def build(
    conn: sa.Connection, roads: Roads, district_id: int, day: date, *, look_ahead: bool = True
) -> Agenda:
    """Lay a day out and ask for its road table.

    Raises
    ------
    NotFound, InvalidInput : see `layout`; or the day has more than `MOST_SITES` sites.
    """
    return tabled(layout(conn, district_id, day, look_ahead=look_ahead), roads)


def tabled(agenda: Agenda, roads: Roads) -> Agenda:
    """An agenda whose problem has the tables that it was laid out without.

    Raises
    ------
    InvalidInput : the day has more than `MOST_SITES` sites.
    """
    problem = agenda.problem
    if len(problem.sites) > MOST_SITES:
        raise InvalidInput(
            "The day {day} has {sites} sites; what looks at all of them at once takes {most} at most."
            " Plan it by a job.",
            day=agenda.day,
            sites=len(problem.sites),
            most=MOST_SITES,
        )
    own = [agenda.beats.get(van_id, ()) for van_id in agenda.van_ids]
    return replace(agenda, problem=with_tables(problem, roads, own))


def layout(
    conn: sa.Connection,
    district_id: int,
    day: date,
    *,
    look_ahead: bool = True,
    advice: Advice | None = None,
) -> Agenda:
    """Read a day's demand and means, and lay out the problem without its tables, as of a wide day.

    Parameters
    ----------
    look_ahead : whether the days ahead say who is due today; else everybody is who is past their target
    advice : who says it instead

    Raises
    ------
    NotFound : there is no such district.
    InvalidInput : nobody works on that day, or a van on shift has no depot.
    """
    book = read(conn, district_id, day, look_ahead=look_ahead, advice=advice)
    depots = _depots(book)
    places = _Places(book)
    for site_id in (*depots.values(), *(s.id for s in book.sites.values() if s.is_kitchen)):
        places.site(site_id)
    visits, callers = _visits(book, places)
    cells = _cells(book)
    cell_sites = [places.cell(cell) for _, cell in cells]
    vans = _vans(book, places, depots)
    none = frozen_matrix([[]])[:0, :0]
    assigned = {
        beat: frozenset(n for n, van in enumerate(vans) if beat in book.beats_of.get(van[0], ()))
        for beat in book.beats
    }
    problem = Problem(
        sites=tuple(places.sites),
        seconds=none,
        metres=none,
        legs=Legs(),
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
        beats={van_id: book.beats_on(van_id) for van_id, _ in vans},
    )


def _depots(book: Book) -> dict[int, int]:
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

    def __init__(self, book: Book) -> None:
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


def _visits(book: Book, places: _Places) -> tuple[tuple[Visit, ...], tuple[Caller, ...]]:
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


def _promise(book: Book, vans: Mapping[int, int], called: means.Called) -> Promise | None:
    """What the day's published plan told them; nothing where its van is not on shift any more."""
    told = book.promises.get(called)
    return Promise(vans[told[0]], book.seconds(told[1])) if told and told[0] in vans else None


def _hours(site: registry.Site, service_s: int) -> tuple[TimeWindow, ...]:
    """Service begins and ends inside a site's hours."""
    return (TimeWindow(_of_day(site.opens), _of_day(site.closes) - service_s),)


def _of_day(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _cells(book: Book) -> list[tuple[int, registry.Cell]]:
    """Cells of the beats that somebody on shift patrols."""
    patrolled = {beat for van_id in book.shifts for beat in book.beats_of.get(van_id, ())}
    return [(beat.id, cell) for beat in book.beats.values() if beat.id in patrolled for cell in beat.cells]


def _vans(book: Book, places: _Places, depots: Mapping[int, int]) -> list[tuple[int, Van]]:
    found: list[tuple[int, Van]] = []
    for row in book.vans:
        if row.id not in depots:
            continue
        shift = book.shifts[row.id]
        starts_s, ends_s = book.seconds(shift.starts), book.seconds(shift.ends)
        depot = places.site(depots[row.id])
        own = book.beats_on(row.id)
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
            inside=beats.inside(own, places.points) if own else None,
            leaves_by_s=starts_s + book.rule.waits_s if book.rule.waits_s else None,
            overtime_s=book.rule.overtime_s,
            span_s=book.rule.span_s,
            worked_s=book.worked_s.get(row.id, 0),
        )
        found.append((row.id, van))
    return found


def _kitchens(book: Book, places: _Places) -> Iterator[Kitchen]:
    """Each kitchen once for each of its batches that it is still open for."""
    for site in book.sites.values():
        window = TimeWindow(_of_day(site.opens), _of_day(site.closes) - RELOAD_S)
        for batch in book.rule.batches if site.is_kitchen else ():
            if window.closes_s >= _of_day(batch):
                yield Kitchen(places.site(site.id), window, RELOAD_S, _of_day(batch))

"""A document out of the database: the district, the plan, the tracks of a day, put on their sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from fleet import registry, sos_store
from fleet.context import Context
from fleet.errors import NotFound
from fleet.registry import District, Site, Van
from fleet.units import moment_of, ms_of
from fleet.words import Locale
from maps import covered, document, driven, ground, reach
from maps.day import day_start, read_homes, read_published, read_routes, read_stops
from maps.document import CIRCLE_M, TITLES, Detail, Document, Frame, Kind, Sheet, minute_of_day
from maps.haze import Haze
from maps.naming import named
from tracking.ledger import Stretch
from tracking.track import Track

DELAY: Final = timedelta(minutes=5)
"""A shared document of a day that is on ends so long before it is made."""
NOTES: Final[Mapping[Detail, str]] = {
    "shared": "Homes are shown by cells of 300 m; there is no name and no time of a visit.",
    "exact": "Internal: places are exact, stops have numbers only. Do not pass it on.",
    "named": "Internal: places are exact and named. Do not pass it on.",
}
_ESTIMATED = "Driving times are estimated by straight line."


@dataclass(frozen=True, slots=True)
class Order:
    """Which document, of which day, for whom."""

    kind: Kind
    district_id: int
    day: date | None
    detail: Detail = "shared"
    locale: Locale = "zh"


@dataclass(frozen=True, slots=True)
class _Known:
    """What every document of a day rests on."""

    order: Order
    district: District
    day: date
    span: tuple[datetime, datetime]
    frame: Frame
    vans: Mapping[int, Van]
    centres: tuple[Site, ...]


def make(context: Context, order: Order) -> Document:
    """Read what a document shows.

    Raises
    ------
    NotFound : no such district, or the day has no published plan where it is the plan that is asked for.
    """
    with context.engine.connect() as conn:
        known = _known(conn, order, context.clock.now())
        made = {"plan": _plan, "today": _today, "coverage": _coverage, "heat": _heat}[order.kind](
            context, conn, known
        )
        bounds = document.bounds_of_sheets(each for each in made.sheets if each.code != "circles")
        below, origin = ground.read(conn, bounds)
    notes = [_as_of(known), *made.notes, known.frame.say(NOTES[order.detail])]
    if known.district.synthetic:
        notes.append(known.frame.say("Synthetic demo district"))
    if origin:
        notes.append(origin)
    return replace(made, sheets=(below, *made.sheets), notes=tuple(notes), bounds=bounds)


def _known(conn: sa.Connection, order: Order, now: datetime) -> _Known:
    district = registry.district(conn, order.district_id)
    zone = ZoneInfo(district.timezone)
    day = order.day or now.astimezone(zone).date()
    start = day_start(district, day)
    until = now - DELAY if order.detail == "shared" else now
    end = max(start, min(day_start(district, day + timedelta(days=1)), until))
    homes = [at for at, _ in read_homes(conn, district.id)] if order.detail == "shared" else None
    return _Known(
        order,
        district,
        day,
        (start, end),
        Frame(order.detail, order.locale, zone, Haze(homes)),
        {van.id: van for van in registry.vans(conn, district.id)},
        registry.sites(conn, district.id, "centre"),
    )


def _as_of(known: _Known) -> str:
    local = known.span[1].astimezone(known.frame.zone)
    if known.order.kind == "plan" or local.date() != known.day:
        return str(known.day)
    return known.frame.say("{day}, as of {time}", day=known.day, time=local.strftime("%H:%M"))


def _document(known: _Known, sheets: tuple[Sheet, ...], *notes: str) -> Document:
    district = known.district
    name = named(district.name, district.name_en, known.order.locale)
    title = f"{name} · {known.frame.say(TITLES[known.order.kind])}"
    key = tuple((van.colour, named(van.name, van.name_en, known.order.locale)) for van in known.vans.values())
    return Document(known.order.kind, title, notes, sheets, key)


def _plan(_context: Context, conn: sa.Connection, known: _Known) -> Document:
    plan = read_published(conn, known.district.id, known.day)
    if plan is None:
        raise NotFound(
            "There is no published plan of {day}. Publish one, or choose another day.", day=known.day
        )
    frame, vans = known.frame, known.vans
    notes = [frame.say("Plan, version {n}", n=plan.version)]
    if plan.basis != "road":
        notes.append(frame.say(_ESTIMATED))
    sheets = (
        document.beat_sheet(frame, registry.beats(conn, known.district.id)),
        document.route_sheet(frame, vans, read_routes(conn, plan.id), planned=True),
        document.place_sheet(frame, known.centres),
        document.stop_sheet(frame, vans, read_stops(conn, plan.id)),
    )
    return _document(known, sheets, *notes)


def _tracks(conn: sa.Connection, known: _Known) -> dict[int, tuple[Track, int]]:
    return covered.read_tracks(conn, known.vans, known.span)


def _today(_context: Context, conn: sa.Connection, known: _Known) -> Document:
    frame, vans = known.frame, known.vans
    days = {van_id: driven.drawn(*each) for van_id, each in _tracks(conn, known).items()}
    plan = read_published(conn, known.district.id, known.day)
    routes = read_routes(conn, plan.id) if plan else ()
    legs, stays = document.driven_sheets(frame, vans, days)
    planned = replace(
        document.route_sheet(frame, vans, routes, planned=False), name=frame.say("Planned routes")
    )
    sheets = (
        document.beat_sheet(frame, registry.beats(conn, known.district.id)),
        planned,
        legs,
        document.place_sheet(frame, known.centres),
        stays,
    )
    notes = () if days else (frame.say("No van was heard on this day."),)
    return _document(known, sheets, *notes)


def _coverage(_context: Context, conn: sa.Connection, known: _Known) -> Document:
    frame = known.frame
    tracks = {van_id: track for van_id, (track, _) in _tracks(conn, known).items()}
    seen = covered.read_coverage(conn, known.district.id, known.day, known.span, tracks)
    of = sum(len(beat.cells) for beat, _ in seen)
    n = sum(coverage.cells_seen for _, coverage in seen)
    homes = read_homes(conn, known.district.id)
    hours = _hours(known)
    always = reach.static_shares(homes, [(at, 0, 1440) for at, _, _ in hours], [0], CIRCLE_M)[0]
    sheets = (
        document.circle_sheet(frame, known.centres),
        document.beat_sheet(frame, [beat for beat, _ in seen]),
        document.cell_sheet(frame, seen),
        document.place_sheet(frame, known.centres),
    )
    made = _document(
        known,
        sheets,
        frame.say("{n} of {of} cells were passed by their vans.", n=n, of=of),
        frame.say("{share} % of the elders live within 1,000 m of a centre.", share=int(100 * always + 0.5)),
    )
    key = (
        ("#0b7a53", frame.say("passed as often as owed")),
        ("#a87b00", frame.say("passed, but not as often")),
        ("#8594a3", frame.say("not passed")),
    )
    return replace(made, key=key)


def _hours(known: _Known) -> list[tuple[tuple[float, float], int, int]]:
    return [
        ((site.lon, site.lat), minute_of_day(site.opens), minute_of_day(site.closes))
        for site in known.centres
    ]


def _heat(context: Context, conn: sa.Connection, known: _Known) -> Document:
    frame, (start, end) = known.frame, known.span
    tracks = {van_id: track for van_id, (track, _) in _tracks(conn, known).items()}
    minutes = reach.minutes_of(tracks.values())
    busy = _busy(conn, known, start, end)
    homes = read_homes(conn, known.district.id)
    spots = [reach.places(track, busy.get(van_id, ()), minutes) for van_id, track in tracks.items()]
    vans = [[None if at is None else frame.haze.place(at) for at in van] for van in spots]
    local = [moment_of(minute).astimezone(frame.zone) for minute in minutes]
    of_day = [minute_of_day(each) for each in local]
    static = reach.static_shares(homes, _hours(known), of_day, CIRCLE_M)
    made = reach.series(minutes, vans, homes, static, context.roads.table)
    notes = [] if minutes else [frame.say("No van was heard on this day.")]
    if minutes and made.basis != "road":
        notes.append(frame.say(_ESTIMATED))
    sheets = (
        document.circle_sheet(frame, known.centres),
        document.reach_sheet(frame, made),
        document.place_sheet(frame, known.centres),
    )
    key = (
        ("#0b7a53", frame.say("up to 5 min")), ("#5aa05a", frame.say("up to 10 min")),
        ("#a8b83a", frame.say("up to 15 min")), ("#d08030", frame.say("longer")),
        ("#8594a3", frame.say("no van")),
    )  # fmt: skip
    values = {
        "of_day": of_day,
        "frames": made.frames(),
        "share": [round(each, 4) for each in made.share],
        "static": [round(each, 4) for each in made.static],
    }
    return replace(_document(known, sheets, *notes), key=key, series=values if minutes else None)


def _busy(conn: sa.Connection, known: _Known, start: datetime, end: datetime) -> dict[int, list[Stretch]]:
    """When each van was under way to somebody who had called for help."""
    found: dict[int, list[Stretch]] = {}
    calls = chain(
        sos_store.list_between(conn, known.district.id, start, end),
        sos_store.list_open(conn, known.district.id),
    )
    for call in calls:
        if call.van_id is not None and call.accepted_at is not None:
            over = min(end, call.closed_at or end)
            found.setdefault(call.van_id, []).append(Stretch(ms_of(call.accepted_at), ms_of(over)))
    return found

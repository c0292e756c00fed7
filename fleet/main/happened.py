"""What has happened on a running day and was adopted: it goes on being so when the day is read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from fleet import registry, tables
from fleet.roads import Roads as RoadTable
from routing.agenda import Agenda, Caller
from routing.problem import Problem, Site, TimeWindow, Visit
from routing.running import Roads, Running, placed, sited
from routing.running_repair import Event, NoShow, ThermosCold, VanDown, after
from routing.running_store import Published

SERVICE_S = 20 * 60
"""How long a visit takes that no cadence asks for."""
_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Happened:
    """One adopted event of the day: the state that it made, when, and what of it the journal keeps."""

    id: int
    at: datetime
    body: Mapping[str, Any]


def today(conn: sa.Connection, district_id: int, day: date) -> tuple[Happened, ...]:
    """The events of a day that were adopted, the oldest first."""
    t = tables.journal
    query = sa.select(t.c.state, t.c.at, t.c.body["happened"]).where(
        t.c.district_id == district_id,
        t.c.kind == "plan",
        t.c.body["day"].astext == day.isoformat(),
        t.c.body.has_key("happened"),
    )
    return tuple(Happened(*row) for row in conn.execute(query.order_by(t.c.state)))


def booked(before: Sequence[Happened]) -> list[int]:
    """The elders whom the day is to call on besides."""
    return [int(each.body["elder"]) for each in before if each.body["kind"] == "new_visit"]


def with_elders(conn: sa.Connection, roads: RoadTable, agenda: Agenda, elders: Sequence[int]) -> Agenda:
    """The agenda with a call in person on each of some elders; those that it has already stay as they are."""
    people = {person.id: person for person in registry.recipients(conn, agenda.district_id)} if elders else {}
    sites = {site.id: site for site in registry.sites(conn, agenda.district_id)} if elders else {}
    for elder in dict.fromkeys(elders):
        if elder in people and visit_of(agenda, elder) is None:
            agenda = _with_elder(roads, agenda, people[elder], sites[people[elder].home_id])
    return agenda


def visit_of(agenda: Agenda, elder: int) -> int | None:
    """The visit of an agenda that is for an elder."""
    return next((n for n, each in enumerate(agenda.callers) if each.recipient_id == elder), None)


def _with_elder(roads: RoadTable, agenda: Agenda, person: registry.Recipient, home: registry.Site) -> Agenda:
    problem, site_ids = agenda.problem, agenda.site_ids
    if home.id in site_ids:
        site = site_ids.index(home.id)
    else:
        site = len(problem.sites)
        new = Site(home.code, home.lon, home.lat)
        problem, site_ids = _with_home(roads, problem, new), (*site_ids, home.id)
    asked = Visit(person.code, "visit", site, SERVICE_S, (TimeWindow(0, _DAY_S),), mandatory=True)
    return replace(
        agenda,
        problem=replace(problem, visits=(*problem.visits, asked)),
        site_ids=site_ids,
        callers=(*agenda.callers, Caller(home.id, person.id, None)),
    )


def _with_home(roads: RoadTable, problem: Problem, home: Site) -> Problem:
    """The problem with one more site; a day without tables stays without."""
    if not len(problem.seconds):
        return sited(problem, home)
    table = roads.table([(home.lon, home.lat), *((each.lon, each.lat) for each in problem.sites)])
    ways = Roads(table.seconds[0, 1:], table.metres[0, 1:], table.seconds[1:, 0], table.metres[1:, 0])
    return placed(problem, home, ways)


def known(
    rest: Running, agenda: Agenda, published: Published, before: Sequence[Happened], now: datetime
) -> Running:
    """The rest of the day as earlier events have left it.

    A plan that was published since counts more: a van that has calls in it is up again, a visit that is in
    it is asked for again.
    """
    for each in before:
        event = _event(rest, agenda, published, each, now)
        if event is not None:
            problem, orders, _ = after(rest.problem, rest.orders, event)
            rest = replace(rest, problem=problem, orders=orders)
    return rest


def _event(
    rest: Running, agenda: Agenda, published: Published, each: Happened, now: datetime
) -> Event | None:
    body, kind = each.body, each.body["kind"]
    if kind == "no_show":
        key = Caller(body["site"], body["elder"], body["cadence"])
        gone = next((n for n, v in enumerate(rest.visits) if agenda.callers[v] == key), None)
        is_back = gone is not None and rest.visits[gone] in published.stop_ids
        return None if gone is None or is_back else NoShow(gone)
    if kind not in ("van_down", "food_cold") or body["van"] not in agenda.van_ids:
        return None
    van = agenda.van_ids.index(body["van"])
    if kind == "van_down":
        calls = any(call.kind in ("visit", "dropoff") for call in rest.orders[van])
        return None if calls else VanDown(van)
    reloaded = any(
        stop.kind == "reload" and each.at <= agenda.at(stop.begins_s) < now
        for route in published.plan.routes
        if route.van == van
        for stop in route.stops
    )
    return None if reloaded else ThermosCold(van, body["container"])

"""Which vans of a running day are read: all of them, or of a wide day those near to what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from fleet.context import Context
from fleet.geo import LonLat
from fleet.main import closing, happened
from fleet.sos import Case
from maps.day import Day
from routing import agenda as agendas
from routing import running_near, running_store
from routing.agenda import Agenda
from routing.closure import Closure
from routing.running_store import Published


@dataclass(frozen=True, slots=True)
class Told:
    """What the day is looked at for.

    Parameters
    ----------
    case : a call whose place is the problem's last site
    asked : the vans that may go there
    more : elders who are to be called on though the day did not ask for them
    closed : a place that nobody drives through, besides those that are closed already
    lifted : a closure in force that is left out
    vans : whom something happened to
    """

    case: Case | None = None
    asked: Sequence[int] = ()
    more: Sequence[int] = ()
    closed: Closure | None = None
    lifted: int | None = None
    vans: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """A day with a published plan, laid out without tables, and what happened on it before."""

    day: Day
    agenda: Agenda
    before: Sequence[happened.Happened]

    @property
    def plan_id(self) -> int:
        assert self.day.plan is not None, "a day without a plan is not laid out"
        return self.day.plan.id


def whole(conn: sa.Connection, context: Context, laid: Laid, told: Told) -> tuple[Agenda, Published] | None:
    """The whole day with the roads between all of its sites."""
    agenda = agendas.tabled(laid.agenda, context.roads)
    agenda = happened.with_elders(conn, context.roads, agenda, [*happened.booked(laid.before), *told.more])
    return agenda, running_store.read(conn, agenda, laid.plan_id)


def nearby(conn: sa.Connection, context: Context, laid: Laid, told: Told) -> tuple[Agenda, Published] | None:
    """The vans near to what happened, with the roads between their sites only."""
    booked = [*happened.booked(laid.before), *told.more]
    agenda = happened.with_elders(conn, context.roads, laid.agenda, booked)
    found = running_store.find(conn, agenda, laid.plan_id)
    number = {van_id: van for van, van_id in enumerate(agenda.van_ids)}
    ahead = {number[van_id]: at for van_id, at in _ahead(laid.day, agenda).items()}
    must = [number[each] for each in told.vans if each in number]
    place = _where(replace(laid, agenda=agenda), told, [at for van in must for at in ahead[van]])
    if place is None:
        return None
    near = running_near.Nearness(place, must, [number[each] for each in told.asked if each in number], ahead)
    vans = running_near.nearest(agenda.problem, found, near, running_near.NEAREST)
    smaller, kept = running_near.cut(agenda, found, vans, place)
    smaller = agendas.tabled(smaller, context.roads)
    return smaller, kept.published(smaller.problem)


def _ahead(day: Day, agenda: Agenda) -> dict[int, list[LonLat]]:
    """Where each van is, then where it is still to stop; its depot at least."""
    places: dict[int, list[LonLat]] = {van_id: [] for van_id in agenda.van_ids}
    for van_id, own in places.items():
        position = day.positions.get(van_id)
        own += [position.at] if position is not None and position.t >= day.start else []
    for stop in day.stops:
        if stop.leaves >= day.now and stop.van_id in places:
            places[stop.van_id].append(stop.at)
    for van, van_id in enumerate(agenda.van_ids):
        depot = agenda.problem.sites[agenda.problem.vans[van].depot]
        places[van_id] = places[van_id] or [(depot.lon, depot.lat)]
    return places


def _where(laid: Laid, told: Told, own: Sequence[LonLat]) -> LonLat | None:
    """The place of what happened: of the call, the closed road or the elder, else amid the van's stops."""
    if told.case is not None:
        return told.case.lon, told.case.lat
    lifted = [e.place for e in closing.in_force(laid.before, laid.day.now) if e.id == told.lifted]
    for closed in (told.closed, *lifted):
        if closed is not None:
            return closed.lon, closed.lat
    agenda = laid.agenda
    for visit in (happened.visit_of(agenda, elder) for elder in told.more):
        if visit is not None:
            site = agenda.problem.sites[agenda.problem.visits[visit].site]
            return site.lon, site.lat
    return (sum(at[0] for at in own) / len(own), sum(at[1] for at in own) / len(own)) if own else None

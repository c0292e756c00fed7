"""Of a wide day the vans near to a place, as a smaller day with whatever they have to do.

A day of fewer vans is a day like any other: what reads, repairs and rewrites a running day takes it as it is.
Nothing is asked of a database here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fleet.geo import LonLat, haversine_m
from routing.agenda import Agenda
from routing.parts import Group
from routing.parts_cut import Cutter
from routing.plan import Route, Stop
from routing.problem import Equipment, Problem
from routing.running_store import Found
from routing.timetable import calls_of

NEAREST = 12
"""So many vans are read: the improvement takes six, and a van that is down hands its calls to all of them."""
_ASKED = 6
_UNSERVED = 60
"""So many visits that nobody serves may be put in, the nearest ones."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Where something happened, the vans that must be read, and where each van of the day is or will be.

    `ahead` has for each van its position, then its stops to come; nothing for one of which nothing is known.
    """

    place: LonLat
    must: Sequence[int]
    asked: Sequence[int]
    ahead: Mapping[int, Sequence[LonLat]]


def nearest(problem: Problem, found: Found, near: Nearness, most: int = NEAREST) -> tuple[int, ...]:
    """The vans that matter: whom it happened to, the nearest of those who may go, then whoever comes near.

    Vans that a rule ties to one of them are among them, even beyond `most`.
    """
    known = [van for van, points in near.ahead.items() if points]
    here = {van: haversine_m(near.place, near.ahead[van][0]) for van in known}
    ever = {van: min(haversine_m(near.place, at) for at in near.ahead[van]) for van in known}
    first = sorted((van for van in near.asked if van in here), key=lambda van: (here[van], van))
    order = [*near.must, *first[: min(_ASKED, most)], *sorted(known, key=lambda van: (ever[van], van))]
    return _tied(problem, found.routes, set(list(dict.fromkeys(order))[: max(most, len(near.must))]))


def cut(agenda: Agenda, found: Found, vans: Sequence[int], place: LonLat) -> tuple[Agenda, Found]:
    """Some vans of a day laid out without tables, with all of their calls, and the plan's routes of them.

    Visits that nobody serves come along where they are near; what another van serves does not.
    """
    problem = agenda.problem
    own = {stop.visit for van in vans for stop in _stops(found.routes, van) if stop.visit is not None}
    visits = tuple(sorted(own | _free(problem, found, own, place)))
    orders = tuple(
        calls_of(problem, _stops(found.routes, van)) if van in vans else ()
        for van in range(len(problem.vans))
    )
    units = tuple(_units(problem, found.routes, vans, each) for each in problem.equipment)
    part = Cutter(problem).cut(Group(tuple(vans), visits, units), orders)
    number = {visit: n for n, visit in enumerate(part.visits)}
    smaller = replace(
        agenda,
        problem=part.problem,
        van_ids=tuple(agenda.van_ids[n] for n in part.vans),
        site_ids=tuple(agenda.site_ids[n] for n in part.sites),
        callers=tuple(agenda.callers[n] for n in part.visits),
        beat_ids=tuple(agenda.beat_ids[n] for n in part.cells),
    )
    routes = {route.van: route for route in part.routes(found.routes)}
    ids = {number[visit]: stop_id for visit, stop_id in found.stop_ids.items() if visit in number}
    promised = {number[visit]: at_s for visit, at_s in found.promised.items() if visit in number}
    return smaller, Found(routes, ids, found.lost, promised)


def _stops(routes: Mapping[int, Route], van: int) -> tuple[Stop, ...]:
    return routes[van].stops if van in routes else ()


def _tied(problem: Problem, routes: Mapping[int, Route], vans: set[int]) -> tuple[int, ...]:
    """With the vans that share a relation's visits with one of them, or meet one to hand something over."""
    van_of = {stop.visit: van for van, route in routes.items() for stop in route.stops}
    knots = [{van_of[n] for n in each.visits if n in van_of} for each in problem.relations]
    met: dict[int, set[int]] = {}
    for van, route in routes.items():
        for stop in route.stops:
            if stop.kind == "handover":
                met.setdefault(stop.site, set()).add(van)
    knots = [knot for knot in [*knots, *met.values()] if len(knot) > 1]
    while more := [knot for knot in knots if knot & vans and not knot <= vans]:
        vans = vans.union(*more)
    return tuple(sorted(vans))


def _free(problem: Problem, found: Found, own: set[int], place: LonLat) -> set[int]:
    """The nearest visits that nobody serves, without those that are bound to a visit of another van."""
    served = {stop.visit for route in found.routes.values() for stop in route.stops}
    away = {n: problem.sites[v.site] for n, v in enumerate(problem.visits) if n not in served}
    order = sorted(away, key=lambda n: (haversine_m(place, (away[n].lon, away[n].lat)), n))
    free = set(order[:_UNSERVED])
    bound = {
        n for each in problem.relations for n in each.visits if not free.union(own).issuperset(each.visits)
    }
    return free - bound


def _units(problem: Problem, routes: Mapping[int, Route], vans: Sequence[int], thing: Equipment) -> int:
    """The units that no other van has use for today."""
    users = {
        van
        for van, route in routes.items()
        for stop in route.stops
        if stop.visit is not None and thing.code in problem.visits[stop.visit].equipment
    }
    return max(thing.units - len(users.difference(vans)), min(thing.units, len(users.intersection(vans))))

"""A call for help on a wide day: how long the vans near to it take to be cut out, answered and improved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from fleet.geo import haversine_m
from fleet.roads import Roads
from routing.agenda import Agenda, Caller, tabled
from routing.checker import violations
from routing.plan import Plan
from routing.running import running
from routing.running_improve import Wish
from routing.running_near import Nearness, cut, nearest
from routing.running_repair import NewVisit, better, respond
from routing.running_store import Found
from tests.bench.figure import Figure
from tests.bench.large_days import LargeDay
from tests.routing.running_days import call_for_help, state_at

CALLS: Final = 12
_MOMENT_S: Final = 11 * 3600


@dataclass(frozen=True, slots=True)
class Help:
    """What came of one call: seconds until its vans were read, until an answer, until a better one."""

    cut_s: float
    answer_s: float
    improve_s: float
    served: bool
    broken: int
    vans: int


def figures(name: str, day: LargeDay, plan: Plan) -> Iterator[Figure]:
    """Medians and the longest of some calls at drawn homes, late in the morning."""
    agenda, found = _laid_out(day, plan)
    rng = np.random.default_rng(1)
    visits = rng.choice(len(day.problem.visits), CALLS, replace=False).tolist()
    roads = Roads("")
    try:
        told = [_helped(agenda, found, roads, day.problem.visits[n].site) for n in visits]
    finally:
        roads.close()
    name = f"{name}, a call for help"
    for what, times in (
        ("the vans near to it are read", [each.cut_s for each in told]),
        ("answered", [each.answer_s for each in told]),
        ("improved", [each.improve_s for each in told]),
    ):
        yield Figure(f"{name}: {what}, median", round(1000 * float(np.median(times))), "ms")
        yield Figure(f"{name}: {what}, longest", round(1000 * max(times)), "ms")
    yield Figure(f"{name}: served", sum(each.served for each in told), f"of {CALLS}")
    yield Figure(f"{name}: vans read, most", max(each.vans for each in told), "")
    broken = sum(each.broken for each in told)
    yield Figure(f"{name}: violations", broken, "", expect="= 0", ok=broken == 0)


def _laid_out(day: LargeDay, plan: Plan) -> tuple[Agenda, Found]:
    """The day as if read from a database: each row's id is its index."""
    problem = day.problem
    agenda = Agenda(
        district_id=1,
        day=date(2026, 7, 15),
        origin=datetime(2026, 7, 14, 16, tzinfo=UTC),
        season="summer",
        problem=problem,
        van_ids=tuple(range(len(problem.vans))),
        site_ids=tuple(range(len(problem.sites))),
        callers=tuple(Caller(visit.site, n, n) for n, visit in enumerate(problem.visits)),
        beat_ids=tuple(range(len(problem.cells))),
        beats=dict(enumerate(day.beats)),
    )
    routes = {route.van: route for route in plan.routes}
    ids = {stop.visit: stop.visit for r in plan.routes for stop in r.stops if stop.visit is not None}
    return agenda, Found(routes, ids, ())


def _helped(agenda: Agenda, found: Found, roads: Roads, site: int) -> Help:
    home = agenda.problem.sites[site]
    place = home.lon, home.lat
    began = time.perf_counter()
    ahead = {
        van: [
            (agenda.problem.sites[stop.site].lon, agenda.problem.sites[stop.site].lat)
            for stop in route.stops
            if stop.leaves_s >= _MOMENT_S
        ]
        for van, route in found.routes.items()
    }
    vans = nearest(agenda.problem, found, Nearness(place, (), tuple(found.routes), ahead))
    smaller, kept = cut(agenda, found, vans, place)
    smaller = tabled(smaller, roads)
    plan = kept.published(smaller.problem).plan
    rest = running(smaller.problem, plan, state_at(smaller.problem, plan, _MOMENT_S))
    cut_s = time.perf_counter() - began
    sites = smaller.problem.sites
    at = min(range(len(sites)), key=lambda n: haversine_m(place, (sites[n].lon, sites[n].lat)))
    asked = call_for_help(smaller.problem, at, _MOMENT_S, 900)
    began = time.perf_counter()
    answered = respond(rest.problem, rest.orders, NewVisit(asked), Wish())
    answer_s = time.perf_counter() - began
    began = time.perf_counter()
    after = better(answered, at, Wish())
    improve_s = time.perf_counter() - began
    broken = len(violations(after.problem, after.answered)) + len(violations(after.problem, after.plan))
    served = len(after.problem.visits) - 1 not in after.plan.unserved
    return Help(cut_s, answer_s, improve_s, served, broken, len(vans))

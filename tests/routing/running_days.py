"""Days that are under way as they were planned: where each van stands at a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.place import Orders
from routing.plan import Plan, Route
from routing.problem import CONTAINERS, Problem, Promise, TimeWindow, Van, Visit
from routing.running import Spot, State, VanNow
from routing.running_improve import plan_with
from routing.timetable import Call
from tests.routing.instances import day_visit, in_a_row


def state_at(problem: Problem, plan: Plan, now_s: int) -> State:
    """The day at a moment if all went as planned; a van on the road stands halfway to its next stop."""
    done = {
        stop.visit
        for route in plan.routes
        for stop in route.stops
        if stop.visit is not None and stop.begins_s <= now_s
    }
    vans = {route.van: _van_now(problem, route, now_s) for route in plan.routes}
    idle = {n: VanNow(van.depot, max(now_s, van.starts_s)) for n, van in enumerate(problem.vans)}
    return State(tuple((idle | vans)[n] for n in range(len(problem.vans))), frozenset(done))


def _van_now(problem: Problem, route: Route, now_s: int) -> VanNow:
    van = problem.vans[route.van]
    begun = [stop for stop in route.stops if stop.begins_s <= now_s]
    if not begun:
        return VanNow(van.depot, van.starts_s)
    here = begun[-1]
    free_s = max(now_s, here.leaves_s)
    ahead = [stop for stop in route.stops if stop.begins_s > now_s]
    heading: tuple[int, ...] = ()
    at: int | Spot = here.site
    if ahead and free_s == now_s > here.leaves_s and ahead[0].visit is not None:
        heading = (ahead[0].visit,)
        at = halfway(problem, here.site, ahead[0].site)
    aboard = {each: van.aboard(each) for each in CONTAINERS}
    batch_s = van.batch_s
    for stop in begun:
        if stop.kitchen is not None:
            aboard = {each: van.cups(each) for each in CONTAINERS}
            batch_s = problem.kitchens[stop.kitchen].ready_s
        if stop.visit is not None:
            for each in CONTAINERS:
                aboard[each] -= problem.cups_of(problem.visits[stop.visit], each)
    idle_s = sum(s.leaves_s - s.begins_s for s in begun if s.kind in ("break", "reload"))
    return VanNow(
        at,
        free_s,
        heading,
        aboard["hot"],
        aboard["cold"],
        batch_s,
        patrolled_s=sum(s.leaves_s - s.begins_s for s in begun if s.kind in ("visit", "pass")),
        rested=any(stop.kind == "break" for stop in begun),
        out_s=max(0, free_s - route.stops[0].leaves_s - idle_s),
    )


def halfway(problem: Problem, a: int, b: int) -> Spot:
    """A spot on the road from one site to another, half of each way off."""
    one, other = problem.sites[a], problem.sites[b]
    seconds = (problem.seconds[a].astype(np.int64) + problem.seconds[b]) // 2
    seconds[b] = problem.seconds[a, b] // 2
    metres = (problem.metres[a].astype(np.int64) + problem.metres[b]) // 2
    return Spot((one.lon + other.lon) / 2, (one.lat + other.lat) / 2, seconds.astype(np.int32),
                metres.astype(np.int32))  # fmt: skip


def call_for_help(problem: Problem, site: int, now_s: int, within_s: int = 1200) -> Visit:
    """An SOS at a site: service of 20 min, to begin soon."""
    return Visit(f"SOS at {problem.sites[site].name}", "visit", site, 1200,
                 (TimeWindow(now_s, now_s + within_s),), mandatory=True, sos=True)  # fmt: skip


def line(*sites: int, **van: object) -> tuple[Problem, Plan]:
    """One van at site 0 that calls on the sites in this order, 100 s a step, 300 s each."""
    vans = (Van("V1", 0, 0, 20_000, **van),)  # type: ignore[arg-type]
    problem = in_a_row(vans, tuple(day_visit(f"A{site}", site) for site in sites))
    return problem, plan_with(problem, (tuple(Call("visit", n) for n in range(len(sites))),))


def road(*sites: int) -> tuple[Problem, Orders]:
    """Two vans, at both ends of a row; the first calls on the sites as promised."""
    vans = (Van("V1", 0, 0, 20_000), Van("V2", 5, 0, 20_000))
    problem = in_a_row(vans, tuple(day_visit(f"A{site}", site) for site in sites))
    orders = (tuple(Call("visit", n) for n in range(len(sites))), ())
    plan = plan_with(problem, orders)
    begins = {stop.visit: stop.begins_s for stop in plan.routes[0].stops}
    promised = tuple(replace(v, promise=Promise(0, begins[n])) for n, v in enumerate(problem.visits))
    return replace(problem, visits=promised), orders

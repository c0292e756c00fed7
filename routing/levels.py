"""What a set of routes comes to on each level of the objective."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from routing.plan import Levels, Plan, Route
from routing.problem import Problem

SEEN_M = 150
"""A cell counts as seen from a stop this near, by road."""


def plan_of(problem: Problem, routes: Sequence[Route]) -> Plan:
    """The plan that these routes make: all other visits are unserved."""
    served = {stop.visit for route in routes for stop in route.stops if stop.visit is not None}
    unserved = tuple(n for n in range(len(problem.visits)) if n not in served)
    return Plan(tuple(routes), unserved, levels_of(problem, routes, unserved))


def levels_of(problem: Problem, routes: Sequence[Route], unserved: Sequence[int]) -> Levels:
    """Each level's value; see `Levels` for their order and units."""
    left = [problem.visits[n] for n in unserved]
    patrol = {route.van: route.patrol_s for route in routes}
    return Levels(
        mandatory_missed=sum(1 for visit in left if visit.mandatory),
        prize_missed=sum(v.prize for v in left if v.kind == "visit" and not v.mandatory),
        patrol_short_s=sum(
            max(0, problem.patrol_target_s - patrol.get(n, 0))
            for n, van in enumerate(problem.vans)
            if van.inside is not None
        ),
        unseen_s=max((_unseen_s(problem, routes, cell) for cell in range(len(problem.cells))), default=0),
        portions_missed=sum(visit.cups for visit in left),
        naps=sum(_naps(problem, route) for route in routes),
        drive_s=sum(route.drive_s for route in routes),
    )


def _naps(problem: Problem, route: Route) -> int:
    naps = 0
    for stop in route.stops:
        nap = problem.visits[stop.visit].nap if stop.visit is not None else None
        if nap is not None and nap.opens_s <= stop.begins_s < nap.closes_s:
            naps += 1
    return naps


def _unseen_s(problem: Problem, routes: Sequence[Route], cell: int) -> int:
    """The longest span of its vans' shifts in which no van stops in the cell or near it."""
    site, vans = problem.cells[cell].site, problem.cells[cell].vans
    if not vans:
        return 0
    times = [min(problem.vans[van].starts_s for van in vans)]
    for route in routes:
        for stop in route.stops:
            metres = int(problem.metres[stop.site, site])
            if stop.kind not in ("start", "end") and 0 <= metres <= SEEN_M:
                times.append(stop.begins_s)
    times.sort()
    times.append(max(times[-1], max(problem.vans[van].ends_s for van in vans)))
    return max(b - a for a, b in itertools.pairwise(times))

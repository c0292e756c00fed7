"""What a set of routes comes to on each level of the objective."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from routing.plan import Levels, Plan, Route, Stop
from routing.problem import PROMISE_S, Problem, Visit

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
    calls = [call for route in routes for call in _calls(problem, route)]
    naps = sum(in_nap(visit, stop.begins_s) for _, visit, stop in calls)
    moved = sum(is_moved(visit, van, stop) for van, visit, stop in calls)
    moved += sum(visit.promise is not None for visit in left)
    unfamiliar = sum(bool(visit.familiar) and van not in visit.familiar for van, visit, _ in calls)
    imbalance_s = _imbalance_s(problem, routes)
    overtime_s = sum(max(0, r.stops[-1].leaves_s - problem.vans[r.van].ends_s) for r in routes)
    drive_s = sum(route.drive_s for route in routes)
    rates = problem.rates
    return Levels(
        sos_missed=sum(visit.sos for visit in left),
        mandatory_missed=sum(visit.mandatory and not visit.sos for visit in left),
        prize_missed=sum(visit.prize for visit in left if has_prize(visit)),
        patrol_short_min=_patrol_short_min(problem, routes),
        unseen_min=-(-_unseen_s(problem, routes) // 60),
        portions_missed=sum(visit.cups for visit in left),
        cost=drive_s
        + rates.nap * naps
        + rates.moved * moved
        + rates.unfamiliar * unfamiliar
        + int(rates.imbalance * imbalance_s)
        + rates.overtime * overtime_s,
        naps=naps,
        moved=moved,
        unfamiliar=unfamiliar,
        imbalance_s=imbalance_s,
        overtime_s=overtime_s,
        drive_s=drive_s,
    )


def has_prize(visit: Visit) -> bool:
    """Whether leaving it out costs its prize: an optional call on a person."""
    return visit.kind == "visit" and not visit.mandatory and not visit.sos


def in_nap(visit: Visit, begins_s: int) -> bool:
    """Whether service begins in the no-knock window, which a call for help does not know."""
    return visit.nap is not None and not visit.sos and visit.nap.opens_s <= begins_s < visit.nap.closes_s


def is_moved(visit: Visit, van: int, stop: Stop) -> bool:
    """Whether a stop breaks what was published."""
    promise = visit.promise
    return promise is not None and (van != promise.van or abs(stop.begins_s - promise.begins_s) > PROMISE_S)


def _calls(problem: Problem, route: Route) -> Iterator[tuple[int, Visit, Stop]]:
    for stop in route.stops:
        if stop.visit is not None:
            yield route.van, problem.visits[stop.visit], stop


def _patrol_short_min(problem: Problem, routes: Sequence[Route]) -> int:
    patrol = {route.van: route.patrol_s for route in routes}
    owed = (
        problem.patrol_target_s - van.patrolled_s - patrol.get(n, 0)
        for n, van in enumerate(problem.vans)
        if van.inside is not None
    )
    return sum(-(-max(0, each) // 60) for each in owed)


def _imbalance_s(problem: Problem, routes: Sequence[Route]) -> int:
    weeks = [van.worked_s for van in problem.vans]
    for route in routes:
        weeks[route.van] += route.work_s
    mean = sum(weeks) // len(weeks) if weeks else 0
    return sum(max(0, week - mean) for week in weeks)


def _unseen_s(problem: Problem, routes: Sequence[Route]) -> int:
    """The longest time in which no van stops in some cell or near, from its vans' first start to their last
    end."""
    begins: dict[int, list[int]] = {}
    for route in routes:
        for stop in route.stops[1:-1]:
            begins.setdefault(stop.site, []).append(stop.begins_s)
    longest_s = 0
    for n, cell in enumerate(problem.cells):
        if not cell.vans:
            continue
        first_s = min(problem.vans[van].starts_s for van in cell.vans)
        last_s = max(problem.vans[van].ends_s for van in cell.vans)
        seen = (at for site in seen_from(problem, n) for at in begins.get(site, ()))
        times = sorted((first_s, last_s, *(at for at in seen if first_s <= at <= last_s)))
        longest_s = max(longest_s, *(b - a for a, b in itertools.pairwise(times)))
    return longest_s


def seen_from(problem: Problem, cell: int) -> list[int]:
    """The sites from which a cell is seen."""
    if problem.legs is not None:
        return [site for site, metres in problem.legs.near.get(cell, {}).items() if metres <= SEEN_M]
    metres = problem.metres[:, problem.cells[cell].site]
    seen: list[int] = np.flatnonzero((metres >= 0) & (metres <= SEEN_M)).tolist()
    return seen

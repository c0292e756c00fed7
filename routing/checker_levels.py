"""What the checker holds a plan's figures against: it adds them up again, from the stops alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from routing.checker_routes import leg_s
from routing.plan import Plan, Route, Stop
from routing.problem import PROMISE_S, Problem, Visit
from routing.violation import Violation

SEEN_M = 150
"""A stop this near to a cell, by road, has seen it."""


def totals_violations(problem: Problem, route: Route) -> Iterator[Violation]:
    """Driving and patrol are what the stops add up to."""
    told = (route.drive_s, route.drive_m, route.patrol_s)
    true = (_drive_s(problem, route), _drive_m(problem, route), _patrol_s(problem, route))
    if told != true:
        yield Violation("totals", route.van, 0, f"says {told}, adds up to {true}")


def levels_violations(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """The plan's levels are what its stops come to, each of them."""
    true, told = levels_of_stops(problem, plan), plan.levels.figures()
    for name in sorted(true.keys() | told.keys()):
        if told.get(name) != true.get(name):
            yield Violation("levels", -1, 0, f"{name} says {told.get(name)}, is {true.get(name)}")


def levels_of_stops(problem: Problem, plan: Plan) -> Mapping[str, int]:
    """Each level of the objective by its name; see `Levels` for what they mean."""
    served = {stop.visit for route in plan.routes for stop in route.stops}
    left = [visit for n, visit in enumerate(problem.visits) if n not in served]
    figures = {
        "sos_missed": 0,
        "mandatory_missed": 0,
        "prize_missed": 0,
        "patrol_short_min": _patrol_short_min(problem, plan),
        "unseen_min": _unseen_min(problem, plan),
        "portions_missed": 0,
        "naps": 0,
        "moved": 0,
        "unfamiliar": 0,
        "imbalance_s": _imbalance_s(problem, plan),
        "overtime_s": 0,
        "drive_s": 0,
    }
    for visit in left:
        _count_missed(figures, visit)
    for route in plan.routes:
        ends_s = problem.vans[route.van].ends_s
        figures["overtime_s"] += max(0, route.stops[-1].leaves_s - ends_s)
        figures["drive_s"] += _drive_s(problem, route)
        for stop in route.stops:
            if stop.visit is not None:
                _count_served(figures, problem.visits[stop.visit], route.van, stop)
    rates = problem.rates
    figures["cost"] = (
        figures["drive_s"]
        + figures["naps"] * rates.nap
        + figures["moved"] * rates.moved
        + figures["unfamiliar"] * rates.unfamiliar
        + figures["overtime_s"] * rates.overtime
        + math.floor(figures["imbalance_s"] * rates.imbalance)
    )
    return figures


def _count_missed(figures: dict[str, int], visit: Visit) -> None:
    """A visit left out counts once as help, duty or prize; its cups and its promise besides."""
    if visit.sos:
        figures["sos_missed"] += 1
    elif visit.mandatory:
        figures["mandatory_missed"] += 1
    elif visit.kind == "visit":
        figures["prize_missed"] += visit.prize
    for portion in visit.portions:
        figures["portions_missed"] += portion.cups
    if visit.promise is not None:
        figures["moved"] += 1


def _count_served(figures: dict[str, int], visit: Visit, van: int, stop: Stop) -> None:
    """Who calls for help is not disturbed in a nap."""
    nap, promise = visit.nap, visit.promise
    if nap is not None and not visit.sos and nap.opens_s <= stop.begins_s < nap.closes_s:
        figures["naps"] += 1
    if promise is not None:
        early_s, late_s = promise.begins_s - stop.begins_s, stop.begins_s - promise.begins_s
        if promise.van != van or early_s > PROMISE_S or late_s > PROMISE_S:
            figures["moved"] += 1
    if len(visit.familiar) > 0 and van not in visit.familiar:
        figures["unfamiliar"] += 1


def _drive_s(problem: Problem, route: Route) -> int:
    total_s = 0
    for n in range(1, len(route.stops)):
        before = route.stops[n - 1]
        total_s += leg_s(problem, before.site, route.stops[n].site, before.leaves_s) or 0
    return total_s


def _drive_m(problem: Problem, route: Route) -> int:
    total_m = 0
    for n in range(1, len(route.stops)):
        origin, to = route.stops[n - 1].site, route.stops[n].site
        if problem.legs is None:
            total_m += int(problem.metres[origin][to])
        elif origin != to:
            total_m += problem.legs.drives[origin, to][1]
    return total_m


def _patrol_s(problem: Problem, route: Route) -> int:
    """In the van's own beats, moving or serving."""
    van = problem.vans[route.van]
    if van.inside is None:
        return 0
    total_s = 0
    for n, stop in enumerate(route.stops):
        if n > 0:
            total_s += _in_beat_s(problem, route.van, route.stops[n - 1].site, stop.site)
        if stop.kind in ("visit", "dropoff", "pass") and van.inside[stop.site]:
            total_s += stop.leaves_s - stop.begins_s
    return total_s


def _in_beat_s(problem: Problem, n: int, origin: int, to: int) -> int:
    if problem.legs is not None:
        return problem.legs.in_beat_s.get((n, origin, to), 0)
    table = problem.vans[n].in_beat_s
    return 0 if table is None else int(table[origin][to])


def _patrol_short_min(problem: Problem, plan: Plan) -> int:
    """Each van's missing minutes rounded up, then summed. A van without a beat owes none."""
    total_min = 0
    for n, van in enumerate(problem.vans):
        if van.inside is None:
            continue
        short_s = problem.patrol_target_s - van.patrolled_s
        short_s -= sum(_patrol_s(problem, route) for route in plan.routes if route.van == n)
        if short_s > 0:
            total_min += math.ceil(short_s / 60)
    return total_min


def _imbalance_s(problem: Problem, plan: Plan) -> int:
    """How far weeks of work lie above their mean, which is rounded down."""
    weeks = [van.worked_s for van in problem.vans]
    for route in plan.routes:
        weeks[route.van] += route.stops[-1].leaves_s - route.stops[0].leaves_s
        for stop in route.stops:
            if stop.kind == "break":
                weeks[route.van] -= stop.leaves_s - stop.begins_s
    mean_s = sum(weeks) // len(weeks) if weeks else 0
    return sum(week - mean_s for week in weeks if week > mean_s)


def _unseen_min(problem: Problem, plan: Plan) -> int:
    """The longest time without a look at some cell, from its vans' first start to their last end.

    Any van's stop is a look, as it begins; leaving the depot and being back are none.
    """
    begins: dict[int, list[int]] = {}
    for route in plan.routes:
        for stop in route.stops[1:-1]:
            begins.setdefault(stop.site, []).append(stop.begins_s)
    longest_s = 0
    for n_cell, cell in enumerate(problem.cells):
        if not cell.vans:
            continue
        first_s = min(problem.vans[van].starts_s for van in cell.vans)
        last_s = max(problem.vans[van].ends_s for van in cell.vans)
        looks = [first_s, last_s]
        for site in _sites_near(problem, n_cell, begins):
            looks += [at for at in begins[site] if first_s <= at <= last_s]
        looks.sort()
        for n in range(1, len(looks)):
            longest_s = max(longest_s, looks[n] - looks[n - 1])
    return math.ceil(longest_s / 60)


def _sites_near(problem: Problem, cell: int, sites: Iterable[int]) -> list[int]:
    """Those of the sites from which a cell is seen."""
    if problem.legs is not None:
        metres = problem.legs.near.get(cell, {})
        return [site for site in sites if site in metres and metres[site] <= SEEN_M]
    at = problem.cells[cell].site
    return [site for site in sites if 0 <= int(problem.metres[site, at]) <= SEEN_M]

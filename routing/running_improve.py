"""Better orders for a running day within some tenths of a second, from an answer that is sound already."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from routing.checker import violations
from routing.ejection import BUDGET
from routing.hunt import Hunt
from routing.levels import plan_of
from routing.place import Orders
from routing.plan import Plan
from routing.problem import Problem, TimeWindow
from routing.running_part import Part, held, nearest, part
from routing.running_rest import hold_breaks
from routing.search import plan_along
from routing.solver import Run
from routing.solver import improve as polish
from routing.stage import stage_of, takes
from routing.timetable import calls_of, route_of, timetable

_VANS = 6
_SHARE = 0.4
"""Of the time, how much is spent by the search. The rest makes a plan of what it found, and if then there is
time the library's model goes on from it."""
_LEAST_S = 0.04
"""With less time than this the model is not even built."""
_CHUNK = 40
_COOLER = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """How far a running day may be changed, and how long it may be thought about.

    Parameters
    ----------
    budget : published visits that may be moved or dropped for an event
    in_time_s : until when a call for help is reached in time: only then it keeps the budget; None is whenever
    seconds : for the improvement; 0 is none
    steps : where given, the search counts its steps and looks at no clock
    vans : the nearest vans whose routes may change
    """

    budget: int = BUDGET
    in_time_s: int | None = None
    seconds: float = 0.13
    seed: int = 1
    steps: int | None = None
    vans: int = _VANS


def plan_with(problem: Problem, orders: Orders) -> Plan:
    """The plan that calls in exactly these orders make, each break where it moves fewest promises."""
    held = hold_breaks(problem, orders)
    tables = (timetable(held, van, calls).stops for van, calls in enumerate(orders))
    return plan_of(problem, [route_of(problem, van, stops) for van, stops in enumerate(tables)])


def improve(problem: Problem, orders: Orders, site: int, wish: Wish) -> Plan:
    """The best plan found from orders that keep every limit; theirs where none is better.

    Only the vans nearest to the site change. Calls for help that are served stay on their van and begin no
    later, what is locked stays, and no promise is broken that the orders keep, unless a call for help is
    left.
    """
    until = time.monotonic() + wish.seconds
    before = plan_with(problem, orders)
    vans = nearest(problem, orders, site, wish.vans)
    if not vans:
        return before
    helpless = before.levels.sos_missed > 0  # a call nobody answers: no promise is worth it
    spare = len(problem.visits) if helpless else 0
    fixed = _fixed(held(problem, orders, site, spare), orders)
    small = part(fixed, orders, vans)
    found = _hunted(small, wish, until)
    began = time.monotonic()
    plans = [_along(problem, small, found, orders)]
    left_s = until - time.monotonic() - (time.monotonic() - began)
    if takes(small.problem, found) and (wish.steps is not None or left_s > _LEAST_S):
        plans += [_along(problem, small, each, orders) for each in _modelled(small, found, wish, left_s)]
    most = len(problem.visits) if helpless else before.levels.moved
    better = sorted(
        (plan for plan in plans if plan.levels < before.levels and plan.levels.moved <= most),
        key=lambda plan: plan.levels,
    )
    return next((plan for plan in better if not violations(problem, plan)), before)


def _along(problem: Problem, small: Part, found: Orders, before: Orders) -> Plan:
    """The whole day's plan along a part's orders, its slack patrolled."""
    along = plan_along(small.problem, found, thorough=False)
    calls = tuple(calls_of(small.problem, route.stops) for route in along.routes)
    return plan_with(problem, small.whole(calls, before))


def _modelled(small: Part, start: Orders, wish: Wish, seconds: float) -> list[Orders]:
    """The last solution of the library's model from a start, if any: promises and locked visits are fixed."""
    found: list[Orders] = []
    run = Run(seconds, start, found.append, lambda: False, wish.steps)
    polish(small.problem, stage_of(start), run, wish.seed)
    return found[-1:]


def _fixed(problem: Problem, orders: Orders) -> Problem:
    """Calls for help on the van that they were given to, to begin no later."""
    visits = list(problem.visits)
    for van, calls in enumerate(orders):
        for stop in timetable(problem, van, calls).stops:
            if stop.visit is not None and visits[stop.visit].sos:
                windows = (TimeWindow(visits[stop.visit].windows[0].opens_s, stop.begins_s),)
                visits[stop.visit] = replace(visits[stop.visit], windows=windows, vans=frozenset({van}))
    return replace(problem, visits=tuple(visits))


def _hunted(small: Part, wish: Wish, until: float) -> Orders:
    """The search's orders after its steps, or when its time is over."""
    hunt = Hunt(small.problem, wish.seed)
    hunt.begin(small.orders)
    hot, cold = hunt.heat()
    heat = max(hot / _COOLER, cold), cold
    if wish.steps is not None:
        hunt.go(wish.steps, heat)
        return hunt.orders()
    ends = until - (1 - _SHARE) * wish.seconds
    while time.monotonic() < ends:
        hunt.go(_CHUNK, heat)
    return hunt.orders()

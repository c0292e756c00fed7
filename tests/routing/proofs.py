"""What a reason claims, tried out: plans with visits left out, and the smallest changes by brute force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from routing.checker import violations
from routing.levels import plan_of
from routing.plan import Plan
from routing.problem import CONTAINERS, Problem
from routing.reason import Need, Reason, relaxed, size_of, with_visit
from routing.search import plan_along
from routing.timetable import Call, route_of, timetable
from routing.violation import Violation
from tests.routing.problems import random_sample

Amount = Literal["capacity", "food_clock", "window", "later_window", "break", "kitchen", "shift_end", "span"]
_MOST = 2**18


def thinned(seed: int, *, thorough: bool = False) -> tuple[Problem, Plan]:
    """A random problem of all rules and a plan of it that leaves some visits out.

    Where a thing is not handed over any more the checker may have something against the plan.
    """
    rng = np.random.default_rng(seed)
    problem, orders = random_sample(seed)
    kept = tuple(
        tuple(
            call
            for call in calls
            if call.kind not in ("visit", "dropoff")
            or call.index in problem.vans[van].prefix
            or rng.random() < 0.7
        )
        for van, calls in enumerate(orders)
    )
    return problem, plan_along(problem, kept, thorough=thorough)


def tried(problem: Problem, plan: Plan, calls: tuple[Call, ...], found: tuple[int, Reason]) -> Plan:
    """The plan with a visit put in where a reason says, in the problem that has its changes."""
    visit, reason = found
    mended = relaxed(problem, visit, reason)
    order = with_visit(problem, calls, visit, reason)
    stops = timetable(mended, reason.van, order).stops
    others = [route for route in plan.routes if route.van != reason.van]
    return plan_of(mended, [*others, route_of(mended, reason.van, stops)])


def faults(
    problem: Problem, plan: Plan, calls: tuple[Call, ...], found: tuple[int, Reason]
) -> tuple[Violation, ...]:
    """What the checker has against that plan."""
    return violations(relaxed(problem, *found), tried(problem, plan, calls, found))


def single_changes(problem: Problem, van: int, calls: tuple[Call, ...], visit: int) -> Iterator[int]:
    """For each position and each thing there can be more of, the size of the least that alone will do."""
    for position in range(len(calls) + 1):
        for need in _kinds(problem, van, calls):
            least = _least(problem, calls, visit, Reason(van, (need,), position))
            if least is not None:
                yield size_of(replace(need, short=least))


def _kinds(problem: Problem, van: int, calls: tuple[Call, ...]) -> Iterator[Need]:
    for container in CONTAINERS:
        yield Need("capacity", what=(container,))
    for call in calls:
        if call.kind in ("visit", "dropoff"):
            yield Need("later_window", visit=call.index)
    plain: tuple[Amount, ...] = ("food_clock", "window", "kitchen", "shift_end")
    yield from (Need(code) for code in plain)
    if problem.vans[van].rest:
        yield Need("break")
    if problem.vans[van].span_s is not None:
        yield Need("span")


def _least(problem: Problem, calls: tuple[Call, ...], visit: int, reason: Reason) -> int | None:
    """The least amount of one need with which the timetable finds nothing, by halving."""

    def does(short: int) -> bool:
        more = replace(reason, needs=(replace(reason.needs[0], short=short),))
        order = with_visit(problem, calls, visit, more)
        return not timetable(relaxed(problem, visit, more), reason.van, order).breaches

    if not does(_MOST):
        return None
    low, high = -1, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return high

"""What a new plan of a running day changes of what was published, one row a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from routing.levels import is_moved
from routing.plan import Plan, Stop
from routing.problem import Problem

What: TypeAlias = Literal["dropped", "van", "time"]


@dataclass(frozen=True, slots=True)
class Change:
    """One broken promise. `van` and `begins_s` are what holds from now on, None for a visit left out."""

    visit: int
    what: What
    promised_van: int
    promised_s: int
    van: int | None = None
    begins_s: int | None = None


def changes(problem: Problem, plan: Plan) -> tuple[Change, ...]:
    """The promises of a problem that a plan does not keep, the earliest promised first."""
    stops = {stop.visit: (route.van, stop) for route in plan.routes for stop in route.stops}
    found: list[Change] = []
    for n, visit in enumerate(problem.visits):
        promise = visit.promise
        if promise is None:
            continue
        if n not in stops:
            found.append(Change(n, "dropped", promise.van, promise.begins_s))
            continue
        van, stop = stops[n]
        if is_moved(visit, van, stop):
            what: What = "time" if van == promise.van else "van"
            found.append(Change(n, what, promise.van, promise.begins_s, van, stop.begins_s))
    return tuple(sorted(found, key=lambda each: (each.promised_s, each.visit)))


def moved_on(problem: Problem, van: int, stops: Sequence[Stop]) -> int:
    """How many visits on one van's stops break their promise."""
    return sum(stop.visit is not None and is_moved(problem.visits[stop.visit], van, stop) for stop in stops)

"""Why unserved: how long it takes to prove a reason of every van for 50 visits that have no place.

And why this van, as the desk asks it, on a day of 20 vans.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from routing.bid import bids
from routing.checker import violations
from routing.desk_session import opened
from routing.explain import explain, orders_of, warm_up
from routing.plan import Plan
from routing.problem import Problem
from routing.search import plan_along
from routing.timetable import Call, timetable
from tests.bench.figure import Figure, Mode
from tests.routing.instances import district
from tests.routing.proofs import faults

VISITS, SECONDS = 50, 2.0
_WIDE = 20
_SERVICE_S = 900
"""Short enough for some 40 stops."""


def overloaded() -> tuple[Problem, Plan]:
    """A district's day of all rules that asks for more than five vans can do, each with some 40 stops."""
    problem = district(visits=260, dropoffs=40, side_m=5000)
    shorter = (replace(visit, service_s=min(visit.service_s, _SERVICE_S)) for visit in problem.visits)
    problem = replace(problem, visits=tuple(shorter))
    plan = plan_along(problem, _full(problem), thorough=False)
    return problem, replace(plan, unserved=_mixed(problem, plan.unserved))


def _full(problem: Problem) -> tuple[tuple[Call, ...], ...]:
    """Each van calls on its nearest, until there is no time for more."""
    left = set(range(len(problem.visits)))
    orders: list[tuple[Call, ...]] = []
    for van, one in enumerate(problem.vans):
        calls: tuple[Call, ...] = ()
        at = one.depot
        while True:
            seconds = problem.seconds[at]
            able = [n for n in left if problem.visits[n].skills <= one.skills]
            for n in sorted(able, key=lambda n: int(seconds[problem.visits[n].site]))[:8]:
                longer = (*calls, Call(problem.visits[n].kind, n, in_nap=True))
                if not timetable(problem, van, longer).breaches:
                    calls, at = longer, problem.visits[n].site
                    left.discard(n)
                    break
            else:
                break
        orders.append(calls)
    return tuple(orders)


def _mixed(problem: Problem, unserved: tuple[int, ...]) -> tuple[int, ...]:
    """As many as are measured, drop-offs among them."""
    drops = [n for n in unserved if problem.visits[n].kind == "dropoff"][: VISITS // 5]
    others = [n for n in unserved if problem.visits[n].kind == "visit"]
    return tuple(sorted(drops + others[: VISITS - len(drops)]))


def figures(_: Mode = "default") -> Iterator[Figure]:
    """Seconds for all reasons of 50 visits, and how many of them the checker does not bear out."""
    problem, plan = overloaded()
    warm_up(problem)
    began = time.monotonic()
    found = explain(problem, plan)
    took_s = time.monotonic() - began
    stops = sum(len(calls) for calls in orders_of(problem, plan)) / len(problem.vans)
    yield Figure(
        f"why unserved: {len(found)} visits, {len(problem.vans)} vans of {stops:.0f} stops",
        round(took_s, 2), "s", expect=f"<= {SECONDS:g}", ok=took_s <= SECONDS,
    )  # fmt: skip
    left_out = tuple(n for n in range(len(problem.visits)) if n not in _served(plan))
    whole = replace(plan, unserved=left_out)
    assert not violations(problem, whole)
    orders = orders_of(problem, whole)
    unproved = sum(
        reason.position is None or bool(faults(problem, whole, orders[reason.van], (visit, reason)))
        for visit, reasons in found.items()
        for reason in reasons
    )
    yield Figure("why unserved: reasons not borne out", unproved, "", expect="= 0", ok=unproved == 0)
    yield from _bids()


def _bids() -> Iterator[Figure]:
    """Every van's bid for one visit after the other, half of them served, on a full day of 20 vans."""
    problem = district(vans=_WIDE, visits=36 * _WIDE, dropoffs=2 * _WIDE, cells=8 * _WIDE, side_m=12_000)
    plan = plan_along(problem, _full(problem), thorough=False)
    served = [n for n in range(len(problem.visits)) if n in _served(plan)]
    session, times = opened(problem, orders_of(problem, plan)), list[float]()
    for visit in (*served[:: len(served) // 8][:8], *plan.unserved[:8]):
        began = time.monotonic()
        bids(session, visit, proved=True)
        times.append(time.monotonic() - began)
    name = f"why this van: {_WIDE} vans of {len(served) / _WIDE:.0f} calls, {len(plan.unserved)} unserved"
    yield Figure(f"{name}, median", round(1000 * median(times)), "ms")
    yield Figure(f"{name}, longest", round(1000 * max(times)), "ms")


def _served(plan: Plan) -> set[int | None]:
    return {stop.visit for route in plan.routes for stop in route.stops}


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name}: {figure.value} {figure.unit} ({figure.expect})")  # noqa: T201

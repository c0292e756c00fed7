"""The search for a day's plan: stages, the incumbent that never gets worse, and what is put in at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from routing.balance import balance
from routing.levels import plan_of
from routing.patrol import fill
from routing.place import Orders, squeeze
from routing.plan import Plan
from routing.problem import Problem
from routing.solver import Method, Run, Stage, improve
from routing.timetable import Call, route_of, timetable
from routing.vetting import vet
from routing.weights import leg_costs, order_cost


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: `share` of its time, its stage, and what the incumbent serves."""

    share: float
    stage: str
    served: int
    unserved: int


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search and from which seed, whom to tell, and whether to end early with what there is."""

    seconds: float = 10.0
    seed: int = 1
    progress: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None


def solve(problem: Problem, effort: Effort | None = None) -> Plan:
    """Find a plan whose levels are as small as the time allows.

    First without reloads and outside naps; then, where something stayed unserved, with both; then whatever
    still fits is put in; then slack is filled with beat passes.

    Raises
    ------
    InvalidInput : the problem cannot be right; the sentence names the row and the mend.
    """
    vet(problem)
    return plan_along(problem, _Search(problem, effort or Effort()).run())


def plan_along(problem: Problem, orders: Orders) -> Plan:
    """The plan that calls in these orders make, once what still fits is put in and slack is patrolled.

    Where patrol is owed it is made again with calls moved between vans; the better one counts.
    """
    whole = squeeze(problem, _lean(problem, orders))
    plan = _patrolled(problem, whole)
    if plan.levels.patrol_short_min == 0:
        return plan
    moved = _patrolled(problem, squeeze(problem, balance(problem, whole)))
    return min(plan, moved, key=lambda each: each.levels)


def _patrolled(problem: Problem, orders: Orders) -> Plan:
    routes = [
        route_of(problem, van, timetable(problem, van, calls).stops)
        for van, calls in enumerate(fill(problem, orders))
    ]
    return plan_of(problem, routes)


def _lean(problem: Problem, orders: Orders) -> Orders:
    """Without the reloads that nothing needs."""
    lean: list[tuple[Call, ...]] = []
    for van, calls in enumerate(orders):
        without = tuple(call for call in calls if call.kind != "reload")
        needed = len(without) < len(calls) and bool(timetable(problem, van, without).breaches)
        lean.append(calls if needed else without)
    return tuple(lean)


class _Search:
    """One search: its clock, its stages, its incumbent."""

    def __init__(self, problem: Problem, effort: Effort) -> None:
        self.problem, self.effort = problem, effort
        self.began = time.monotonic()
        self.legs = [leg_costs(problem, van) for van in range(len(problem.vans))]
        self.stage = Stage("visits")
        self.best: Orders = tuple(() for _ in problem.vans)
        self.best_value = self.value(self.best)
        self.told = 0.0

    def run(self) -> Orders:
        """The best orders found. At least one construction is made, however short the time."""
        if not self.problem.visits or not self.problem.vans:
            return self.best
        self.work("construct", max(0.3, 0.15 * self.effort.seconds))
        self.squeeze(0.3)
        self.work("polish", self.left_s(0.35 if self.unserved(self.best) else 1.0))
        self.second()
        return self.best

    def second(self) -> None:
        """Let the unserved into their naps and, where cups are missing, the vans reload."""
        left = self.unserved(self.best)
        cups = any(self.problem.visits[n].portions for n in left)
        vans = frozenset(self.reloads() if cups else ())
        naps = frozenset(call.index for calls in self.best for call in calls if call.in_nap)
        self.stage = Stage("unserved", vans, naps | frozenset(left))
        if vans:
            self.work("construct", self.left_s(0.75))
        self.squeeze(0.8)
        self.work("polish", self.left_s(1.0))

    def reloads(self) -> Iterator[tuple[int, int]]:
        """Each van with the kitchen nearest to its depot."""
        problem = self.problem
        for n, van in enumerate(problem.vans):
            away = [problem.least_s(van.depot, kitchen.site) for kitchen in problem.kitchens]
            near = min((s, k) for k, s in enumerate(away) if s >= 0) if any(s >= 0 for s in away) else None
            if near is not None:
                yield n, near[1]

    def squeeze(self, until: float) -> None:
        """Put in what fits, naps or not: the library's insertion is slow to meet tight windows."""
        if self.unserved(self.best):
            self.take(squeeze(self.problem, self.best, lambda: self.left_s(until) < 0 or self.halted()))
            naps = frozenset(call.index for calls in self.best for call in calls if call.in_nap)
            self.stage = Stage(self.stage.name, self.stage.reloads, self.stage.in_nap | naps)

    def work(self, method: Method, seconds: float) -> None:
        if seconds < 0.05 or self.halted():
            return
        start = None if method == "construct" else self.best
        run = Run(method, seconds, start, self.take, self.halted)
        improve(self.problem, self.stage, run, self.effort.seed)

    def left_s(self, until: float) -> float:
        return self.began + until * self.effort.seconds - time.monotonic()

    def halted(self) -> bool:
        return self.effort.cancelled is not None and self.effort.cancelled()

    def take(self, orders: Orders) -> None:
        """Make these orders the incumbent if they are better and our own timetable agrees with them."""
        value = self.value(orders)
        if value < self.best_value and not any(
            timetable(self.problem, van, calls).breaches for van, calls in enumerate(orders)
        ):
            self.best, self.best_value = orders, value
        self.tell()

    def tell(self) -> None:
        now = time.monotonic()
        if self.effort.progress is None or now - self.told < 0.2:
            return
        self.told = now
        left = len(self.unserved(self.best))
        share = min(1.0, (now - self.began) / max(0.001, self.effort.seconds))
        self.effort.progress(Progress(share, self.stage.name, len(self.problem.visits) - left, left))

    def unserved(self, orders: Orders) -> list[int]:
        served = {c.index for calls in orders for c in calls if c.kind in ("visit", "dropoff")}
        return [n for n in range(len(self.problem.visits)) if n not in served]

    def value(self, orders: Orders) -> tuple[int, int, int, int, int]:
        """What the model minimises, as a tuple: mandatory, prize, cups, naps allowed, lowest level."""
        left = [self.problem.visits[n] for n in self.unserved(orders)]
        return (
            sum(1 for visit in left if visit.mandatory),
            sum(v.prize for v in left if v.kind == "visit" and not v.mandatory),
            sum(visit.cups for visit in left if not visit.mandatory),
            sum(1 for calls in orders for call in calls if call.in_nap),
            sum(order_cost(self.problem, n, calls, self.legs[n]) for n, calls in enumerate(orders)),
        )

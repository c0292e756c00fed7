"""A wide day planned part by part, and the parts' routes joined into one plan.

Rounds part the day along different borders, each going on from the routes of the one before. A round's parts
share neither van nor visit, so as many are planned at once as there are cores. The whole only gets better.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from routing.explain import explain, orders_of
from routing.levels import plan_of
from routing.parts import Group, Most, parted
from routing.parts_asked import asked_together
from routing.parts_cut import Cutter, Part
from routing.parts_pool import Pool, plan_part
from routing.place import Orders
from routing.plan import Plan, Route
from routing.problem import Legs, Problem
from routing.reason import Reason
from routing.search import Effort, Phase, Progress
from routing.timetable import Call
from routing.vetting import vet

Lay: TypeAlias = Callable[[Part], Problem]
"""Gives a part's problem its tables."""

_ROUNDS: Final = (0.6, 1.0)
"""By these shares of the effort each round ends."""
_PART_S: Final = 5.0
"""A part costs some seconds beside its search: with less for each part of two rounds one is better."""
_LEAST_S: Final = 0.5
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """The plan of a wide day, and its problem with the legs that the plan drives."""

    problem: Problem
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Made:
    """What became of one part."""

    routes: Mapping[int, Route]
    orders: Mapping[int, tuple[Call, ...]]
    legs: Legs
    basis: str


def solve_parts(problem: Problem, lay: Lay, effort: Effort | None = None, most: Most | None = None) -> Joined:
    """Plan a wide day. Cancelled, it returns the best so far: parts that nobody began are left unserved.

    With `Effort.steps` each part has its share of them by its visits, and the same seed gives the same plan.

    Raises
    ------
    InvalidInput : the problem cannot be right; the sentence names the row and the mend.
    """
    vet(problem)
    return _Rounds(problem, lay, effort or Effort(), most or Most()).run()


def along_parts(problem: Problem, lay: Lay, orders: Orders, most: Most | None = None) -> Joined:
    """The plan that calls in these orders make, without any search."""
    rounds = _Rounds(problem, lay, Effort(start=orders), most or Most())
    for group in rounds.groups(0):
        rounds.take(rounds.made(group, lambda laid, own: plan_part(laid, own, None)))
    return rounds.joined()


def explain_parts(
    problem: Problem, lay: Lay, plan: Plan, most: Most | None = None
) -> Mapping[int, tuple[Reason, ...]]:
    """For each unserved visit a reason for each van of its part, the nearest to serving it first.

    A visit that is in no part is asked of the vans whose part had no room for it.
    """
    orders, cutter = orders_of(problem, plan), Cutter(problem)
    reasons: dict[int, tuple[Reason, ...]] = {}
    routes = {route.van: route for route in plan.routes}
    unserved = frozenset(plan.unserved)
    for group in asked_together(problem, parted(problem, orders, most), unserved, most or Most()):
        if unserved.isdisjoint(group.visits):
            continue
        part = cutter.cut(group, orders)
        laid = lay(part)
        found = explain(laid, plan_of(laid, part.routes(routes)))
        for visit, each in found.items():
            reasons[part.visits[visit]] = tuple(part.whole_reason(reason) for reason in each)
    return reasons


class _Rounds:
    """One search: its routes so far, which no part makes worse, and what is known of the roads."""

    def __init__(self, problem: Problem, lay: Lay, effort: Effort, most: Most) -> None:
        self.drives: dict[tuple[int, int], tuple[int, int]] = {}
        self.in_beat_s: dict[tuple[int, int, int], int] = {}
        self.near: dict[int, Mapping[int, int]] = {}
        self.problem = replace(problem, legs=Legs(self.drives, self.in_beat_s, self.near))
        self.lay, self.effort, self.most = lay, effort, most
        self.cutter = Cutter(problem)
        self.orders: Orders = effort.start or tuple(() for _ in problem.vans)
        self.routes: dict[int, Route] = {}
        self.best = plan_of(self.problem, ())
        self.lock = threading.Lock()
        self.phase: Phase = "hunt"
        self.began = time.monotonic()
        self.ends_at = self.began
        self.waiting = self.done = self.all = 0
        self.late_s = 0.0

    def run(self) -> Joined:
        """All rounds, or as many as there is time for."""
        phases: tuple[Phase, ...] = ("hunt", "hunt again")
        groups = self.groups(0)
        rounds = _ROUNDS if self.affords_two(len(groups)) else _ROUNDS[1:]
        with Pool(max(1, self.effort.cores)) as pool:
            for turn, (self.phase, share) in enumerate(zip(phases, rounds, strict=False)):
                self.ends_at = self.began + share * self.effort.seconds
                if not self.halted() and (turn == 0 or self.in_time()):
                    self.round(pool, groups if turn == 0 else self.groups(turn))
        return self.joined()

    def affords_two(self, groups: int) -> bool:
        """Whether there is time to plan so many parts twice."""
        turns = -(-groups // max(1, self.effort.cores))
        return self.effort.steps is not None or self.effort.seconds >= len(_ROUNDS) * turns * _PART_S

    def groups(self, turn: int) -> list[Group]:
        """What is planned together in a round; without vans there is nothing to plan."""
        return [group for group in parted(self.problem, self.orders, self.most, turn) if group.vans]

    def round(self, pool: Pool, groups: Sequence[Group]) -> None:
        """Plan all groups, as many at once as there are cores, and take them over in their order."""
        self.waiting = self.all = len(groups)
        with ThreadPoolExecutor(max(1, self.effort.cores), "part") as threads:
            try:
                for made in [threads.submit(self.search, pool, group, len(groups)) for group in groups]:
                    self.watch(pool, made)
                    self.take(made.result())
                    self.done += 1
            except BaseException:
                pool.stop()
                raise

    def watch(self, pool: Pool, made: Future[_Made | None]) -> None:
        """Wait for a part, tell of the whole meanwhile, and hear whether to go on."""
        while not made.done():
            wait([made], _LOOK_S)
            self.tell()
            if self.halted():
                pool.stop()

    def search(self, pool: Pool, group: Group, groups: int) -> _Made | None:
        """Plan one group; nothing once the search is broken off."""
        due = time.monotonic() + self.seconds()
        if pool.stopped:
            return None
        steps = self.effort.steps
        effort = Effort(
            seed=self.effort.seed,
            steps=None if steps is None else max(1, steps * len(group.visits) // len(self.problem.visits)),
            cores=1 if steps is not None else max(1, self.effort.cores // groups),
        )
        made = self.made(
            group, lambda laid, own: pool.plan(laid, own, replace(effort, seconds=self.left_s(due)))
        )
        with self.lock:
            self.late_s = max(0.0, self.late_s + (time.monotonic() - due) / 2)
        return made

    def left_s(self, due: float) -> float:
        """What is left for a part's search once its roads are there, less what parts came late by so far."""
        with self.lock:
            return max(_LEAST_S, due - time.monotonic() - self.late_s)

    def seconds(self) -> float:
        """What the next part may take, so that those that wait have as much."""
        with self.lock:
            turns = -(-self.waiting // max(1, self.effort.cores))
            self.waiting -= 1
        return max(_LEAST_S, (self.ends_at - time.monotonic()) / max(1, turns))

    def made(self, group: Group, how: Callable[[Problem, Orders], Plan]) -> _Made:
        """A group's plan in the whole day's numbers."""
        part = self.cutter.cut(group, self.orders)
        laid = self.lay(part)
        plan = how(laid, part.orders(self.orders))
        orders = part.whole_orders(orders_of(laid, plan))
        return _Made(part.whole_routes(plan), orders, part.legs(laid, plan), laid.basis)

    def take(self, made: _Made | None) -> None:
        """Join a part's routes to the others, unless the whole is worse for them."""
        if made is None:
            return
        self.near.update(made.legs.near)
        routes = {**self.routes, **made.routes}
        plan = plan_of(self.problem, [routes[van] for van in sorted(routes)])
        if made.routes.keys() <= self.routes.keys() and plan.levels > self.best.levels:
            return
        self.drives.update(made.legs.drives)
        self.in_beat_s.update(made.legs.in_beat_s)
        self.routes, self.best = routes, plan
        self.orders = tuple(made.orders.get(van, calls) for van, calls in enumerate(self.orders))
        self.problem = replace(self.problem, basis=made.basis)
        self.tell()

    def joined(self) -> Joined:
        return Joined(self.problem, self.best)

    def halted(self) -> bool:
        return self.effort.cancelled is not None and self.effort.cancelled()

    def in_time(self) -> bool:
        return self.effort.steps is not None or time.monotonic() < self.ends_at

    def share(self) -> float:
        """Of the effort, how much is spent."""
        if self.effort.steps is not None:
            return self.done / max(1, len(_ROUNDS) * self.all)
        return min(1.0, (time.monotonic() - self.began) / max(1e-3, self.effort.seconds))

    def tell(self) -> None:
        if self.effort.progress is not None and self.routes:
            left = len(self.best.unserved)
            served, levels = len(self.problem.visits) - left, self.best.levels
            self.effort.progress(Progress(self.share(), self.phase, served, left, levels, self.orders))

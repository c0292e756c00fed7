"""The search for a day's plan: hunt, pack, hunt again, polish. The incumbent, whole, only gets better."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias

from routing import explain
from routing.balance import balance
from routing.grid import grid_of
from routing.handover import hand, is_handed, is_sound, unhanded
from routing.hunt import Hunt, cooling
from routing.levels import plan_of
from routing.naps import at_once, waited_out
from routing.packing import Pack, pack
from routing.patrol import fill
from routing.place import Orders, lean, orders_of, squeeze
from routing.plan import Levels, Plan
from routing.problem import Problem, Site, TimeWindow, Van, Visit, frozen_matrix
from routing.solver import Run, improve
from routing.stage import stage_of, takes
from routing.timetable import route_of, timetable
from routing.unseen import spread
from routing.vetting import vet

Phase: TypeAlias = Literal["hunt", "pack", "hunt again", "polish", "reasons", "lines"]

_HUNT, _PACK, _AGAIN = 0.62, 0.72, 0.90
"""By these shares of the effort each phase ends; polishing has the rest, else the last hunt."""
_CROWDED_HUNT, _CROWDED_PACK = 0.88, 0.92
"""The same where many are left out: one long cooling finds whom to serve, polishing adds nothing."""
_CROWDED_SHARE = 0.1
_SHOW_S = 1.0
"""How often an incumbent of the search is made a whole plan, at most."""
_SHOW_SHARE = 0.25
"""How much of a counted effort lies between two of them: with many vans a plan costs more than many steps."""
_STEPS = 400
"""Steps between two looks at the clock, to begin with."""
_LOOK_S = 0.15
_CHUNKS = 40
_POLISHED_VANS = 12
"""With more vans OR-Tools' neighbourhoods find nothing in the time that is left for them."""
_SQUEEZED = 40
_FINISH = 0.05
"""What spreading the passes may take besides, as a share of the effort."""
_WARM_SHARE = 40


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: `share` of its effort, its phase, and the best plan so far."""

    share: float
    stage: str
    served: int
    unserved: int
    levels: Levels | None = None
    orders: Orders = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search and from which seed, whom to tell, and whether to end early with what there is.

    Parameters
    ----------
    steps : where given, the search counts its steps and looks at no clock: the same seed gives the same plan
    cores : hunts side by side, each from a seed of its own
    start : orders to begin with
    """

    seconds: float = 10.0
    seed: int = 1
    progress: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] | None = None
    steps: int | None = None
    cores: int = 1
    start: Orders | None = None


def solve(problem: Problem, effort: Effort | None = None) -> Plan:
    """Find a plan whose levels are as small as the effort allows. Cancelled, it returns the best so far.

    Raises
    ------
    InvalidInput : the problem cannot be right; the sentence names the row and the mend.
    """
    vet(problem)
    return _Search(problem, effort or Effort()).run()


def warm_up() -> None:
    """Compile the search and what explains, or load what was compiled: a minute once, then 2 s. Blocks."""
    sites = tuple(Site(f"site {n}", 0.0, 0.0) for n in range(2))
    apart = frozen_matrix([[0, 60], [60, 0]])
    van = Van("van", 0, 0, 3600)
    visits = (Visit("visit", "visit", 1, 60, (TimeWindow(0, 3600),)),)
    hunt = Hunt(Problem(sites, apart, apart, (van,), visits), 1)
    hunt.go(1, hunt.heat())
    hunt.columns()
    explain.warm_up(hunt.problem)


def plan_along(problem: Problem, orders: Orders, *, thorough: bool = True) -> Plan:
    """The plan that calls in these orders make: reloads nobody needs taken out, what still fits put in, naps
    waited out where that costs nothing above them, and slack patrolled.

    Where patrol is owed it is made again with calls moved between vans; the better one counts. What is not
    thorough does without both of these.
    """
    if is_handed(orders):
        if is_sound(problem, orders):
            return _patrolled(problem, orders)
        orders = unhanded(problem, orders)
    sound = tuple(at_once(problem, van, calls) for van, calls in enumerate(orders))
    whole = lean(problem, sound)
    if thorough and len(problem.visits) - sum(len(calls) for calls in whole) <= _SQUEEZED:
        whole = squeeze(problem, whole)
    plans = [_patrolled(problem, whole)]
    rested = tuple(waited_out(problem, van, calls) for van, calls in enumerate(whole))
    if rested != whole:
        plans.append(_patrolled(problem, rested))
    best = min(plans, key=lambda each: each.levels)
    if thorough and best.levels.patrol_short_min:
        plans.append(_patrolled(problem, balance(problem, whole)))
    return min(plans, key=lambda each: each.levels)


def finished(problem: Problem, plan: Plan, halted: Callable[[], bool] | None = None) -> Plan:
    """The plan with equipment handed over at noon and beat passes put where cells stay unseen, where that
    makes its levels smaller; else the plan itself."""
    bare = tuple(tuple(c for c in calls if c.kind != "pass") for calls in orders_of(problem, plan))
    # What is handed over already is not handed over twice.
    handed = bare if is_handed(bare) else hand(problem, bare)
    if handed != bare:
        plan = min(plan, _patrolled(problem, handed), key=lambda each: each.levels)
    spread_out = spread(problem, orders_of(problem, plan), halted=halted)
    return min(plan, _planned(problem, fill(problem, spread_out)), key=lambda each: each.levels)


def _patrolled(problem: Problem, orders: Orders) -> Plan:
    return _planned(problem, fill(problem, orders))


def _planned(problem: Problem, orders: Orders) -> Plan:
    return plan_of(
        problem,
        [route_of(problem, v, timetable(problem, v, calls).stops) for v, calls in enumerate(orders)],
    )


class _Search:
    """One search: its clock, its hunts, its incumbent."""

    def __init__(self, problem: Problem, effort: Effort) -> None:
        self.problem, self.effort = problem, effort
        self.began = time.monotonic()
        self.spent = 0.0
        self.phase: Phase = "hunt"
        self.best: Plan | None = None
        self.orders: Orders = effort.start or tuple(() for _ in problem.vans)
        self.shown: tuple[int, ...] = ()
        self.shown_at = 0.0
        self.shown_share = -1.0
        self.making_s = 0.0
        self.crowded = False

    def run(self) -> Plan:
        """At least one plan is made, however small the effort."""
        if not self.problem.visits or not self.problem.vans:
            return self.take(self.orders)
        grid = grid_of(self.problem)
        hunts = [
            Hunt(self.problem, self.effort.seed + 7919 * n, grid) for n in range(max(1, self.effort.cores))
        ]
        if self.effort.start is not None:
            for hunt in hunts:
                hunt.begin(unhanded(self.problem, self.effort.start))
            self.best, self.orders = plan_along(self.problem, self.effort.start), self.effort.start
        self.show(hunts)
        # A plan made at once leaves out more than the best does, but not where there is room for all.
        served = sum(call.kind != "reload" for calls in hunts[0].orders() for call in calls)
        left = len(self.problem.visits) - served
        self.crowded = left > _CROWDED_SHARE * len(self.problem.visits)
        self.hunt(hunts, _CROWDED_HUNT if self.crowded else _HUNT, 1)
        self.pack(hunts)
        self.hunt(hunts, self.hunts_until(), _WARM_SHARE)
        best = self.take(min(hunts, key=lambda each: each.levels).orders())
        return self.finish(self.polish() if self.polishes() else best)

    def finish(self, plan: Plan) -> Plan:
        """Hand over at noon and spread the passes, unless the search was cancelled."""
        if self.halted():
            return plan
        until = time.monotonic() + max(_SHOW_S, _FINISH * self.effort.seconds)
        late = None if self.effort.steps is not None else lambda: time.monotonic() >= until
        self.best = finished(self.problem, plan, late)
        if self.best.levels < plan.levels:
            self.tell()
        return self.best

    def hunts_until(self) -> float:
        """The share at which hunting ends: with nothing to polish only the last whole plan needs time."""
        if self.polishes():
            return _AGAIN
        if self.effort.steps is not None:
            return 1.0
        return max(_AGAIN, 1.0 - 1.2 * self.making_s / max(1e-3, self.effort.seconds))

    def hunt(self, hunts: Sequence[Hunt], until: float, cooler: int) -> None:
        """Anneal until a share of the effort is spent, from so much cooler a beginning."""
        began, pace = self.share(), 0.0
        heats = [hunt.heat() for hunt in hunts]
        with ThreadPoolExecutor(len(hunts), "hunt") as threads:
            while (now := self.share()) < until and not self.halted():
                steps, takes = self.chunk(until - began, until - now, pace)
                spans = [(now - began) / (until - began), min(1.0, (now + takes - began) / (until - began))]
                since = time.monotonic()
                work = [
                    threads.submit(hunt.go, steps, cooling(heat, cooler, spans))
                    for hunt, heat in zip(hunts, heats, strict=True)
                ]
                for each in work:
                    each.result()
                self.spent += steps
                pace = steps / max(1e-4, time.monotonic() - since)
                self.show(hunts)

    def chunk(self, whole: float, left: float, pace: float) -> tuple[int, float]:
        """How many steps to take before the next look around, and the share of the effort that they take."""
        if self.effort.steps is not None:
            steps = max(1, int(self.effort.steps * whole) // _CHUNKS)
            return steps, steps / self.effort.steps
        if not pace:
            return _STEPS, 0.0
        steps = max(50, min(int(pace * _LOOK_S), int(pace * left * self.effort.seconds)))
        return steps, steps / pace / max(1e-3, self.effort.seconds)

    def pack(self, hunts: Sequence[Hunt]) -> None:
        """Put the best plan together from all routes met."""
        self.phase = "pack"
        if self.halted():
            return
        best = min(hunts, key=lambda each: each.levels)
        columns = [column for hunt in hunts for column in hunt.columns()]
        seconds = max(0.2, ((_CROWDED_PACK if self.crowded else _PACK) - self.share()) * self.effort.seconds)
        packed = pack(self.problem, columns, best.nodes(), Pack(seconds, self.effort.steps is not None))
        for hunt in hunts:
            hunt.adopt(packed, best)
        self.phase = "hunt again"
        self.show(hunts)

    def polishes(self) -> bool:
        """Whether the library's model holds all that this problem asks, and has time left."""
        return (
            len(self.problem.vans) <= _POLISHED_VANS
            and not self.crowded
            and not self.halted()
            and takes(self.problem, self.orders)
        )

    def polish(self) -> Plan:
        """Guided local search of the library on its full model, from the incumbent."""
        self.phase = "polish"
        plan = self.best or self.take(self.orders)
        seconds = (1.0 - self.share()) * self.effort.seconds
        ticks = None if self.effort.steps is None else self.effort.steps
        if seconds > 0.05 or ticks:
            run = Run(seconds, self.orders, self.offer, self.halted, ticks)
            improve(self.problem, stage_of(self.orders), run, self.effort.seed)
        return self.best or plan

    def share(self) -> float:
        """Of the effort, how much is spent."""
        if self.effort.steps is not None:
            return self.spent / max(1, self.effort.steps)
        return (time.monotonic() - self.began) / max(1e-3, self.effort.seconds)

    def halted(self) -> bool:
        return self.effort.cancelled is not None and self.effort.cancelled()

    def show(self, hunts: Sequence[Hunt]) -> None:
        """Make the best hunt's incumbent a plan, where it is new and some time has passed."""
        best = min(hunts, key=lambda each: each.levels)
        share = self.share()
        due = self.best is None or (
            share - self.shown_share >= _SHOW_SHARE
            if self.effort.steps is not None
            else time.monotonic() - self.shown_at >= max(_SHOW_S, 0.05 * self.effort.seconds)
        )
        if due and best.levels != self.shown:
            self.shown, self.shown_share = best.levels, share
            self.take(best.orders())
            self.shown_at = time.monotonic()
        self.tell()

    def take(self, orders: Orders) -> Plan:
        """Make a plan along these orders; the incumbent from now on where it is better."""
        # The first plan is wanted soon, and any is better than none.
        since = time.monotonic()
        plan = plan_along(self.problem, orders, thorough=self.best is not None)
        self.making_s = time.monotonic() - since
        if self.best is None or plan.levels < self.best.levels:
            self.best, self.orders = plan, orders
            self.tell()
        return self.best

    def offer(self, orders: Orders) -> None:
        """Take the library's orders where our own timetable agrees: its breaks may cut a drive in two."""
        sound = [at_once(self.problem, van, calls) for van, calls in enumerate(orders)]
        if not any(timetable(self.problem, van, calls).breaches for van, calls in enumerate(sound)):
            self.take(orders)

    def tell(self) -> None:
        if self.effort.progress is None or self.best is None:
            return
        left = len(self.best.unserved)
        served = len(self.problem.visits) - left
        share = min(1.0, self.share())
        self.effort.progress(Progress(share, self.phase, served, left, self.best.levels, self.orders))

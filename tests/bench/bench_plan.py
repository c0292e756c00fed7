"""Our plans beside PyVRP's and VROOM's: equal time, one judge, prize first and then travel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from routing.checker import violations
from routing.levels import plan_of
from routing.plan import Plan
from routing.problem import Problem
from routing.search import Effort, solve
from routing.timetable import Call, route_of, timetable
from tests.bench import peers
from tests.bench.figure import Case, Figure, Mode
from tests.bench.orienteering import generate
from tests.routing.instances import district


@dataclass(frozen=True, slots=True)
class Trial:
    """Instances of one size, and the time that each solver has for each of them."""

    vans: int
    points: int
    seconds: float
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.vans}x{self.points}"


TRIALS: dict[Mode, tuple[Trial, ...]] = {
    "quick": (Trial(5, 80, 8.0, (1,)),),
    "default": (Trial(5, 80, 10.0, (1, 2, 3)), Trial(5, 200, 30.0, (1, 2, 3))),
    "full": (Trial(5, 80, 10.0, tuple(range(1, 11))), Trial(5, 200, 30.0, tuple(range(1, 11)))),
}


def cases(mode: Mode) -> Iterator[Case]:
    """The district's day, then each size without break, naps, food and beats: no peer has them all."""
    yield Case("district day", _district_day)
    for trial in TRIALS[mode]:
        yield Case(trial.name, partial(_trial, trial))


def _district_day() -> Iterator[Figure]:
    """The whole problem, ours alone: a district's day of 92 calls with every rule."""
    problem = district()
    began = time.monotonic()
    first_s: list[float] = []
    plan = solve(problem, Effort(10.0, progress=lambda _: first_s.append(time.monotonic() - began)))
    found = len(violations(problem, plan))
    yield Figure("district day: violations", found, "", expect="= 0", ok=found == 0)
    yield Figure(
        "district day: first plan after", round(first_s[0], 2), "s", expect="<= 2", ok=first_s[0] <= 2
    )
    short_min = plan.levels.patrol_short_min
    yield Figure("district day: unserved", len(plan.unserved), "visits")
    yield Figure("district day: patrol missing", short_min, "min")


def _trial(trial: Trial) -> Iterator[Figure]:
    solvers: dict[str, Callable[[Problem, int], Plan]] = {
        "ours": partial(_ours, seconds=trial.seconds),
        "PyVRP": partial(_peer, search=peers.pyvrp, seconds=trial.seconds),
        "VROOM": partial(_peer, search=peers.vroom, seconds=trial.seconds),
    }
    sums: dict[str, tuple[int, int]] = {}
    for name, solver in solvers.items():
        prize = travel_s = broken = 0
        for seed in trial.seeds:
            problem = generate(trial.vans, trial.points, seed)
            plan = solver(problem, seed)
            broken += len(violations(problem, plan))
            prize += _collected(problem, plan)
            travel_s += plan.levels.drive_s
        sums[name] = prize, travel_s
        yield Figure(f"{trial.name} {name}: violations", broken, "", expect="= 0", ok=broken == 0)
    for peer in ("PyVRP", "VROOM"):
        for n, what, unit in ((0, "prize", "points"), (1, "travel", "s")):
            ours, theirs = sums["ours"][n], sums[peer][n]
            ratio = round(ours / theirs, 4) if theirs else None
            yield Figure(f"{trial.name} {what}", ours, unit, peer, theirs, ratio)


def _collected(problem: Problem, plan: Plan) -> int:
    """Prizes of what is served; a missed mandatory visit costs all the prizes there are."""
    whole = sum(visit.prize for visit in problem.visits if not visit.mandatory)
    return whole * (1 - plan.levels.mandatory_missed) - plan.levels.prize_missed


def _ours(problem: Problem, seed: int, *, seconds: float) -> Plan:
    return solve(problem, Effort(seconds, seed))


def _peer(
    problem: Problem, seed: int, *, search: Callable[[Problem, float, int], peers.Visits], seconds: float
) -> Plan:
    routes = [
        route_of(problem, van, timetable(problem, van, [Call("visit", n) for n in visits]).stops)
        for van, visits in enumerate(search(problem, seconds, seed))
    ]
    return plan_of(problem, routes)

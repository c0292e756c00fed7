"""A call for help on a running day, 5 vans with 40 stops each: how soon an answer, how often one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from routing.checker import violations
from routing.ejection import BUDGET
from routing.hunt import Hunt
from routing.place import Orders, call_of, places, suits
from routing.problem import Problem, Visit
from routing.running import Running, running
from routing.running_improve import Wish
from routing.running_repair import NewVisit, Repair, better, respond
from routing.search import Effort, solve
from tests.bench.figure import Case, Figure, Mode
from tests.routing.instances import HOUR_S, district
from tests.routing.running_days import call_for_help, state_at

SEEDS: dict[Mode, int] = {"quick": 1, "default": 3, "full": 6}
MOMENTS_S = (int(10.2 * HOUR_S), int(11.4 * HOUR_S), int(12.9 * HOUR_S), int(14.1 * HOUR_S))
CALLS = 4
"""Calls for help at each moment of each day, one after another on the same day's state."""
_PROOF_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Emergency:
    """One seeded call on the rest of a day."""

    name: str
    rest: Running
    visit: Visit


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one: `plain` tells whether insertion with one ejection would have served it."""

    served: bool
    plain: bool
    possible: bool
    answer_s: float
    improve_s: float
    broken: int
    changed: int
    better: bool


def cases(mode: Mode) -> Iterator[Case]:
    """One case: figures over all calls of all days."""
    yield Case("sos", partial(figures, mode))


def figures(mode: Mode) -> Iterator[Figure]:
    """Answered and improved how soon, served how often where it can be."""
    trials = [trial(each) for seed in range(1, SEEDS[mode] + 1) for each in emergencies(seed)]
    possible = [each for each in trials if each.possible]
    answered = sum(each.served for each in possible)
    plain = sum(each.plain for each in possible)
    p99_ms = [_p99_ms([each.answer_s for each in trials]), _p99_ms([each.improve_s for each in trials])]
    broken = sum(each.broken for each in trials)
    median_ms = round(1000 * float(np.median([each.answer_s for each in trials])), 1)
    soon = sum(each.answer_s <= 0.05 for each in trials)
    yield Figure("SOS: answered, median", median_ms, "ms")
    yield Figure("SOS: answered within 50 ms", soon, f"of {len(trials)}")
    yield Figure("SOS: answered, p99", p99_ms[0], "ms", expect="<= 50", ok=p99_ms[0] <= 50)
    yield Figure("SOS: improved, p99", p99_ms[1], "ms", expect="<= 200", ok=p99_ms[1] <= 200)
    yield Figure(
        "SOS: served where it can be",
        answered,
        f"of {len(possible)}",
        "insertion with one ejection",
        plain,
        expect=f"= {len(possible)}",
        ok=answered == len(possible),
    )
    yield Figure("SOS: violations", broken, "", expect="= 0", ok=broken == 0)
    yield Figure(
        "SOS: promises changed, mean", round(float(np.mean([e.changed for e in trials])), 1), "visits"
    )
    moved = [each.changed for each in trials]
    yield Figure("SOS: promises changed, most", max(moved), "visits")
    over = sum(each > BUDGET for each in moved)
    yield Figure(f"SOS: over {BUDGET} promises", over, f"of {len(trials)}")
    yield Figure("SOS: made better", sum(each.better for each in trials), f"of {len(trials)}")


def emergencies(seed: int) -> Iterator[Emergency]:
    """Calls at places drawn from a seed, at moments of a day planned from it, each to begin within 15 min.

    Days are full: what is optional fills all slack, so that nothing fits without giving something up.
    """
    problem = district(vans=5, visits=190, dropoffs=10, cells=40, seed=seed, side_m=4000)
    plan = solve(problem, Effort(steps=2_000, seed=seed))
    rng = np.random.default_rng(seed)
    for moment_s in MOMENTS_S:
        rest = running(problem, plan, state_at(problem, plan, moment_s))
        for site in rng.integers(0, 200, CALLS).tolist():
            visit = call_for_help(problem, site, moment_s, 900)
            yield Emergency(f"day {seed}, {moment_s / HOUR_S:.1f} h, site {site}", rest, visit)


def trial(each: Emergency) -> Trial:
    """Answer, improve, judge; and look long whether it could be served at all where it was not."""
    problem, orders, wish = each.rest.problem, each.rest.orders, Wish()
    began = time.perf_counter()
    found = respond(problem, orders, NewVisit(each.visit), wish)
    answer_s = time.perf_counter() - began
    began = time.perf_counter()
    after = better(found, each.visit.site, wish)
    improve_s = time.perf_counter() - began
    served = _serves(after)
    return Trial(
        served=served,
        plain=_plainly(found.problem, orders),
        possible=served or _possible(found.problem, orders),
        answer_s=answer_s,
        improve_s=improve_s,
        broken=len(violations(after.problem, after.answered)) + len(violations(after.problem, after.plan)),
        changed=len(after.changes),
        better=after.plan.levels < after.answered.levels,
    )


def _serves(found: Repair) -> bool:
    return len(found.problem.visits) - 1 not in found.plan.unserved


def _plainly(problem: Problem, orders: Orders) -> bool:
    """Whether the call fits in somewhere, or does so once one optional visit is left out."""
    sos = len(problem.visits) - 1
    for van, calls in enumerate(orders):
        if not suits(problem, van, sos):
            continue
        optional = [c for c in calls if c.kind == "visit" and not problem.visits[c.index].mandatory]
        for without in (None, *optional):
            kept = tuple(call for call in calls if call is not without)
            found = places(problem, van, kept, call_of(problem, sos), within_s=0)
            if any(not place.timetable.breaches for place in found):
                return True
    return False


def _possible(problem: Problem, orders: Orders) -> bool:
    """A long search that holds nothing but the rules: whether any plan serves the call."""
    free = replace(problem, visits=tuple(replace(visit, promise=None) for visit in problem.visits))
    hunt = Hunt(free, 1)
    hunt.begin(orders)
    hunt.go(_PROOF_STEPS, hunt.heat())
    return hunt.levels[0] == 0


def _p99_ms(seconds: Sequence[float]) -> float:
    return round(float(np.percentile(np.array(seconds), 99)) * 1000, 1)

"""Our plans beside PyVRP's and VROOM's, on the field's own sets, and on days with every rule.

Every solver has one thread of one core and equal time on the wall; every plan is judged by our checker. A
full run keeps each outcome as a line of `docs/results/plan-runs.jsonl` and goes on where it was broken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from fleet.main.benches import RESULTS
from routing.checker import violations
from routing.search import Effort, solve, warm_up
from tests.bench import plan_sets, plan_toptw, plan_trials
from tests.bench.cpu import cores
from tests.bench.figure import Case, Figure, Mode
from tests.bench.plan_runs import Book, code_version
from tests.bench.plan_stats import Bar
from tests.bench.plan_trials import Trial
from tests.routing.instances import district

_SERVED: Final = Bar(mean_to=1.002, low_to=1.0)
_ABOVE_PYVRP: Final = Bar(low_above=1.0)
_ABOVE_VROOM: Final = Bar(low_above=1.005)
_SUBSET: Final = (("c104", 1), ("r108", 2), ("rc104", 3), ("pr04", 4))
_SUBSET_VRPTW: Final = ("R112", "RC206")


def cases(mode: Mode) -> Iterator[Case]:
    """`quick`: one instance and a day. `default`: a named part of all within 20 minutes. `full`: all."""
    plan: dict[Mode, Callable[[], Iterator[Case]]] = {"quick": _quick, "default": _default, "full": _full}
    for case in plan[mode]():
        yield Case(case.name, partial(_on_one_core, case.measure), case.version)


def _on_one_core(measure: Callable[[], Iterator[Figure]]) -> Iterator[Figure]:
    """Libraries that would take more threads than one have to share this one core."""
    with cores("one core"):
        yield from measure()


def _quick() -> Iterator[Case]:
    yield Case("district day", _district_day)
    trial = Trial(5, 80, 5.0, (1,), 1)
    yield Case(trial.name, partial(plan_trials.served, trial, Book(None), Bar()))


def _default() -> Iterator[Case]:
    """Few instances have wide intervals: here only the means are held against what is asked."""
    nothing = Book(None)
    yield Case("district day", _district_day)
    small = Trial(5, 80, 10.0, tuple(range(1001, 1007)), 3)
    yield Case(small.name, partial(plan_trials.served, small, nothing, Bar(mean_to=1.002)))
    middle = Trial(5, 200, 30.0, (1001, 1002), 2)
    bars = Bar(mean_from=1.0), Bar(mean_from=1.005)
    yield Case(middle.name, partial(plan_trials.over_subscribed, middle, nothing, *bars))
    large = Trial(50, 2000, 60.0, (1001,), 1)
    yield Case(large.name, partial(plan_trials.large, large, nothing, vroom=False))
    yield Case("team orienteering", partial(plan_sets.orienteering, nothing, _SUBSET, 30.0))
    yield Case("VRPTW", partial(plan_sets.solomon, nothing, _SUBSET_VRPTW, 60.0, few=False))
    yield Case("demo's day", partial(_demo_day, 10.0, 60.0))
    yield from _others("default")


def _full() -> Iterator[Case]:
    book = Book(RESULTS / "plan-runs.jsonl")
    trials = plan_trials.versions()
    sets = plan_sets.version()
    small = Trial(5, 80, 10.0, tuple(range(1001, 1041)), 20)
    yield Case(small.name, partial(plan_trials.served, small, book, _SERVED), trials)
    middle = Trial(5, 200, 30.0, tuple(range(1001, 1021)), 20)
    bars = _ABOVE_PYVRP, _ABOVE_VROOM
    yield Case(middle.name, partial(plan_trials.over_subscribed, middle, book, *bars), trials)
    large = Trial(50, 2000, 60.0, (1001, 1002, 1003), 3)
    yield Case(large.name, partial(plan_trials.large, large, book, vroom=True), trials)
    pairs = [(name, paths) for paths in (1, 2, 3, 4) for name in plan_toptw.instances()]
    yield Case("team orienteering", partial(plan_sets.orienteering, book, pairs, 30.0), sets)
    yield Case("VRPTW", partial(plan_sets.solomon, book, None, 60.0, few=False), sets)
    yield Case("VRPTW, fewest vans", partial(plan_sets.solomon, book, None, 60.0, few=True), sets)
    yield Case("demo's day", partial(_demo_day, 30.0, 300.0), code_version("tests.bench.plan_day"))
    yield from _others("full")


def _district_day() -> Iterator[Figure]:
    """The whole problem, ours alone: a district's day of 92 calls with every rule."""
    warm_up()
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


def _demo_day(short_s: float, long_s: float) -> Iterator[Figure]:
    # Its database and generator are loaded where they are needed only.
    from tests.bench import plan_day

    yield from plan_day.figures(short_s, long_s)


def _others(mode: Mode) -> Iterator[Case]:
    """What the running day and the reasons for unserved visits are measured by, each in its own module."""
    for module, name in (("plan_sos", "help on a running day"), ("plan_reasons", "why unserved")):
        if find_spec(f"tests.bench.{module}") is not None:
            measured = partial(_other, f"tests.bench.{module}", mode)
            yield Case(name, measured, code_version(f"tests.bench.{module}"))


def _other(module: str, mode: Mode) -> Iterator[Figure]:
    warm_up()
    yield from import_module(module).figures(mode)

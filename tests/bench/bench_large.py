"""Days in parts: what parting costs beside the same day planned whole, and the most memory of a large one.

Each plan is made in a process of its own and judged by the checker.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from routing.parts_search import solve_parts
from routing.search import Effort, solve, warm_up
from tests.bench.cpu import cores
from tests.bench.figure import Case, Figure, Mode
from tests.bench.large_days import estimated, large_day
from tests.bench.orienteering import generate
from tests.bench.plan_runs import Outcome, apart, judged
from tests.routing.wide_days import laid_from, on_earth, wide

_SETUP_S: Final = 600.0
"""What a process may take besides its search: libraries, the instance, the checker, on a busy machine."""


def cases(mode: Mode) -> Iterator[Case]:
    """`quick`: a small day of each kind. `default`: 50x2,000 and 500x20,000. `full`: the same, longer."""
    vans, seconds = (20, 10.0) if mode == "quick" else (50, 60.0)
    large_s = {"quick": 10.0, "default": 120.0, "full": 600.0}[mode]
    seeds = (1001,) if mode != "full" else (1001, 1002, 1003)
    for seed in seeds:
        yield Case(f"{vans} vans in parts, seed {seed}", partial(_beside, vans, seconds, seed))
    fleet = 60 if mode == "quick" else 500
    yield Case(f"{fleet} vans", partial(_large, fleet, 40 * fleet, large_s))


def _beside(vans: int, seconds: float, seed: int) -> Iterator[Figure]:
    """One core for both."""
    limit_s = 2 * seconds + _SETUP_S
    with cores("one core"):
        whole = apart(partial(whole_day, vans, 40 * vans, seconds, seed), limit_s)
        parted = apart(partial(parted_day, vans, 40 * vans, seconds, seed), limit_s)
    if whole is None or parted is None:
        raise RuntimeError("A search did not end in its time.")
    name = f"{vans}x{40 * vans} in parts, seed {seed}"
    yield Figure(f"{name}: violations", parted.broken, "", expect="= 0", ok=parted.broken == 0)
    missed = parted.mandatory_missed
    yield Figure(f"{name}: mandatory visits missed", missed, "", "whole", whole.mandatory_missed)
    ratio = parted.prize / whole.prize
    beside = ("whole", whole.prize, round(ratio, 4), ">= 0.98")
    yield Figure(f"{name}: prize", parted.prize, "points", *beside, ok=ratio >= 0.98)
    yield Figure(f"{name}: driving", parted.travel_s, "s", "whole", whole.travel_s)
    yield Figure(f"{name}: took", parted.took_s, "s", "whole", whole.took_s)


def whole_day(vans: int, points: int, seconds: float, seed: int) -> Outcome:
    """The day with one table."""
    warm_up()
    problem = on_earth(generate(vans, points, seed))
    began = time.monotonic()
    return judged(problem, solve(problem, Effort(seconds)), time.monotonic() - began)


def parted_day(vans: int, points: int, seconds: float, seed: int) -> Outcome:
    """The same day in parts, judged by its whole table."""
    warm_up()
    problem = on_earth(generate(vans, points, seed))
    began = time.monotonic()
    joined = solve_parts(wide(problem), laid_from(problem), Effort(seconds))
    return judged(problem, joined.plan, time.monotonic() - began)


def _large(vans: int, sites: int, seconds: float) -> Iterator[Figure]:
    found = apart(partial(large, vans, sites, seconds), 4 * seconds + _SETUP_S)
    if found is None:
        raise RuntimeError("The large day did not end in its time.")
    name = f"{vans} vans, {sites} sites, {seconds:g} s on two cores"
    yield Figure(f"{name}: violations", found.broken, "", expect="= 0", ok=found.broken == 0)
    yield Figure(f"{name}: mandatory visits missed", found.mandatory_missed, "")
    yield Figure(f"{name}: served", sites - found.unserved, "visits")
    yield Figure(f"{name}: vans that leave", found.vans, "")
    yield Figure(f"{name}: took", found.took_s, "s")
    yield Figure(f"{name}: sites of its largest table", found.own, "", expect="<= 1500", ok=found.own <= 1500)
    yield Figure(f"{name}: memory", found.peak_mib, "MiB", expect="<= 2048", ok=found.peak_mib <= 2048)


def large(vans: int, sites: int, seconds: float) -> Outcome:
    """A large district's day with beats, batches and breaks. `own` is the sites of the largest table."""
    warm_up()
    day, sizes = large_day(vans, sites, 1), list[int]()
    began = time.monotonic()
    joined = solve_parts(day.problem, estimated(day, sizes), Effort(seconds, cores=2))
    took_s = time.monotonic() - began
    return replace(judged(joined.problem, joined.plan, took_s), own=max(sizes))

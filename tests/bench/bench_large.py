"""Days in parts: what parting costs beside the same day planned whole, the most memory of a large one, and a
call for help on it.

Every plan is judged by the checker.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from routing.parts_search import solve_parts
from routing.search import Effort, solve, warm_up
from tests.bench import wide_sos
from tests.bench.cpu import cores, family_rss_bytes
from tests.bench.figure import Case, Figure, Mode
from tests.bench.large_days import estimated, large_day
from tests.bench.orienteering import generate
from tests.bench.plan_runs import Outcome, apart, judged
from tests.routing.wide_days import laid_from, on_earth, wide

_CORES: Final = 2
_SETUP_S: Final = 600.0
"""What a process may take besides its search: libraries, the instance, the checker, on a busy machine."""


def cases(mode: Mode) -> Iterator[Case]:
    """`quick`: a small day of each kind. `default`: 50x2,000 and 500x20,000. `full`: the same, longer."""
    vans, seconds = (20, 8.0) if mode == "quick" else (50, 60.0)
    large_s = {"quick": 5.0, "default": 120.0, "full": 600.0}[mode]
    seeds = (1001,) if mode != "full" else (1001, 1002, 1003)
    for seed in seeds:
        yield Case(f"{vans} vans in parts, seed {seed}", partial(_beside, vans, seconds, seed))
    fleet = 24 if mode == "quick" else 500
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
    """A large district's day with beats, batches and breaks; its parts in a process for each of two cores."""
    warm_up()
    day, sizes = large_day(vans, sites, 1), list[int]()
    with _most_memory() as memory:
        began = time.monotonic()
        joined = solve_parts(day.problem, estimated(day, sizes), Effort(seconds, cores=_CORES))
        took_s = time.monotonic() - began
    began = time.monotonic()
    found = judged(joined.problem, joined.plan, took_s)
    judged_s = time.monotonic() - began
    name = f"{vans} vans, {sites} sites, {seconds:g} s on {_CORES} cores"
    yield Figure(f"{name}: violations", found.broken, "", expect="= 0", ok=found.broken == 0)
    yield Figure(f"{name}: mandatory visits missed", found.mandatory_missed, "")
    yield Figure(f"{name}: served", sites - found.unserved, "visits")
    yield Figure(f"{name}: prize missed", joined.plan.levels.prize_missed, "points")
    yield Figure(f"{name}: vans that leave", found.vans, "")
    yield Figure(f"{name}: took", found.took_s, "s")
    over = took_s / seconds - 1
    yield Figure(f"{name}: past its seconds", round(100 * over, 1), "%", expect="<= 10", ok=over <= 0.1)
    yield Figure(f"{name}: judged in", round(judged_s, 1), "s")
    yield Figure(
        f"{name}: sites of its largest table", max(sizes), "", expect="<= 1500", ok=max(sizes) <= 1500
    )
    peak = max(memory) >> 20
    yield Figure(f"{name}: memory of all its processes", peak, "MiB", expect="<= 2048", ok=peak <= 2048)
    yield from wide_sos.figures(f"{vans} vans, {sites} sites", day, joined.plan)


@contextmanager
def _most_memory() -> Iterator[list[int]]:
    """What this process and its children have resident, looked at four times a second."""
    told, ended = [0], threading.Event()

    def look() -> None:
        while not ended.wait(0.25):
            told.append(family_rss_bytes(os.getpid()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        thread.join()

"""Our plans on the field's own sets: team orienteering and routing with windows, beside what is published."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean

from routing.problem import Problem
from routing.search import Effort, solve, warm_up
from tests.bench import plan_solomon, plan_toptw
from tests.bench.figure import Figure
from tests.bench.plan_runs import Book, Outcome, calls, code_version, judged
from tests.bench.plan_solomon import Fleet
from tests.bench.plan_stats import Bar, figures
from tests.bench.plan_toptw import Orienteering, Published

_SEED = 1


def version() -> str:
    """What all outcomes here depend on."""
    return code_version(
        "routing.search", "routing.checker", "tests.bench.plan_toptw", "tests.bench.plan_solomon"
    )


def collected(instance: Orienteering, paths: int, seconds: float) -> Outcome:
    """Our plan for an instance of team orienteering; its `own` is the score as the instance counts it."""
    return _solved(plan_toptw.problem_of(instance, paths), partial(plan_toptw.score, instance), seconds)


def driven(instance: Fleet, vans: int | None, seconds: float) -> Outcome:
    """Our plan for an instance of Solomon's; its `own` is the distance as VROOM's benchmark counts it."""
    return _solved(plan_solomon.problem_of(instance, vans), partial(plan_solomon.distance, instance), seconds)


def _solved(problem: Problem, own: Callable[[Sequence[Sequence[int]]], int], seconds: float) -> Outcome:
    """The search is told the problem and the time, as in any other run."""
    warm_up()
    began = time.monotonic()
    plan = solve(problem, Effort(seconds, _SEED))
    found = judged(problem, plan, time.monotonic() - began)
    try:
        return replace(found, own=own(calls(plan)))
    except ValueError as wrong:  # the instance says no where the checker said yes
        sys.stderr.write(f"{wrong}\n")
        return replace(found, broken=found.broken + 1)


def orienteering(book: Book, pairs: Sequence[tuple[str, int]], seconds: float) -> Iterator[Figure]:
    """Scores beside the published local search's best ones, and beside the proven best of one path."""
    instances = plan_toptw.instances()
    if not instances:
        yield Figure("team orienteering: skipped, ../shared/data/toptw is missing", 0, "")
        return
    told = plan_toptw.published()
    by_paths: dict[int, list[tuple[str, Outcome]]] = {}
    for name, paths in pairs:
        run = f"team orienteering {name}, {paths} vans, {seconds:g} s"
        found = book.outcome(run, version(), partial(collected, instances[name], paths, seconds))
        if found is not None:
            by_paths.setdefault(paths, []).append((name, found))
    everything = [found for group in by_paths.values() for _, found in group]
    broken = sum(found.broken for found in everything)
    yield Figure("team orienteering: violations", broken, "", expect="= 0", ok=broken == 0)
    yield Figure("team orienteering: longest run", max(each.took_s for each in everything), "s")
    pairs_of = {
        paths: [(found.own, told[name].best[paths]) for name, found in group]
        for paths, group in sorted(by_paths.items())
    }
    for paths, scores in pairs_of.items():
        # What is asked is asked of all instances: a few of them may be those that we lose.
        yield from _scores(f"team orienteering m = {paths}", scores, asked=len(scores) == len(instances))
    yield from _scores(
        "team orienteering", [each for group in pairs_of.values() for each in group], asked=True
    )
    yield from _proven(by_paths.get(1, []), told)


def _scores(name: str, pairs: Sequence[tuple[int, int]], *, asked: bool) -> Iterator[Figure]:
    mine, theirs = fmean(own for own, _ in pairs), fmean(best for _, best in pairs)
    yield Figure(
        f"{name}: mean score of {len(pairs)}",
        round(mine, 2),
        "",
        "published ILS, best",
        round(theirs, 2),
        round(mine / theirs, 5),
        ">= 1" if asked else "",
        ok=mine >= theirs if asked else None,
    )
    yield from figures(f"{name} beside ILS", [own / best for own, best in pairs], Bar())


def _proven(group: Sequence[tuple[str, Outcome]], told: Mapping[str, Published]) -> Iterator[Figure]:
    optima = [(found.own, told[name].optimum) for name, found in group]
    ratios = [own / optimum for own, optimum in optima if optimum]
    if not ratios:
        return
    yield from figures("team orienteering m = 1 beside proven", ratios, Bar(mean_from=0.99))
    worst = round(100 * (min(ratios) - 1), 3)
    yield Figure("team orienteering m = 1: worst beside proven", worst, "%", ratio=round(min(ratios), 5))


def solomon(book: Book, names: Sequence[str] | None, seconds: float, *, few: bool) -> Iterator[Figure]:
    """Distances beside the best known, with the files' 25 vans, or with as few as the best known has.

    Only the former is held against a limit: it is the one that is asked for. Where fewer vans cannot serve
    everybody the distance says nothing.
    """
    instances = plan_solomon.instances()
    if not instances:
        yield Figure("VRPTW: skipped, ../shared/data/vrp is missing", 0, "")
        return
    best = plan_solomon.best_known()
    label = "VRPTW, fewest vans" if few else "VRPTW"
    found: dict[str, Outcome] = {}
    for name in names or sorted(instances):
        vans = best[name].vans if few else None
        run = f"VRPTW {name}, {vans or instances[name].vans} vans, {seconds:g} s"
        outcome = book.outcome(run, version(), partial(driven, instances[name], vans, seconds))
        if outcome is not None:
            found[name] = outcome
    broken = sum(each.broken for each in found.values())
    yield Figure(f"{label}: violations", broken, "", expect="= 0", ok=broken == 0)
    left = sum(each.unserved > 0 for each in found.values())
    yield Figure(
        f"{label}: instances with somebody unserved",
        left,
        "",
        expect="" if few else "= 0",
        ok=None if few else left == 0,
    )
    served = {name: each for name, each in found.items() if not each.unserved and not each.broken}
    gaps = [each.own / best[name].distance for name, each in served.items()]
    if gaps or not few:
        yield from figures(f"{label} distance beside best known", gaps, Bar() if few else Bar(mean_to=1.01))
    if gaps:
        yield Figure(f"{label}: largest gap", round(100 * (max(gaps) - 1), 3), "%", ratio=round(max(gaps), 5))
    more = sum(each.vans > best[name].vans for name, each in served.items())
    yield Figure(f"{label}: with more vans than the best known", more, "instances")
    yield Figure(f"{label}: longest run", max(each.took_s for each in found.values()), "s")

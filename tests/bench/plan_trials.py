"""Our plans beside PyVRP's and VROOM's: the same instances, equal time, one thread each, one judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Final

from routing.levels import plan_of
from routing.plan import Plan
from routing.problem import Problem
from routing.search import Effort, solve, warm_up
from routing.timetable import Call, route_of, timetable
from tests.bench import peers
from tests.bench.figure import Figure
from tests.bench.orienteering import generate
from tests.bench.plan_runs import Book, Outcome, apart, code_version, judged, peer_version
from tests.bench.plan_stats import Bar, figures

Solver = Callable[[Problem, float, int], Plan]
"""Problem, seconds, seed."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Instances of one size, and the time that each solver has for each of them.

    Parameters
    ----------
    seeds : of the generator, none of them used while the search was made
    wanted : as many of them count; the others stand by for those that do not
    """

    vans: int
    points: int
    seconds: float
    seeds: tuple[int, ...]
    wanted: int

    @property
    def name(self) -> str:
        return f"{self.vans}x{self.points}"


def _peer(problem: Problem, seconds: float, seed: int, *, search: Callable[..., peers.Visits]) -> Plan:
    routes = [
        route_of(problem, van, timetable(problem, van, [Call("visit", n) for n in visits]).stops)
        for van, visits in enumerate(search(problem, seconds, seed))
    ]
    return plan_of(problem, routes)


def _ours(problem: Problem, seconds: float, seed: int) -> Plan:
    return solve(problem, Effort(seconds, seed))


_PYVRP: Final = tuple(f"PyVRP, {point_s} s a point" for point_s in peers.POINTS_S)
SOLVERS: Final[Mapping[str, Solver]] = {
    "ours": _ours,
    **{
        name: partial(_peer, search=partial(peers.pyvrp, point_s=point_s))
        for name, point_s in zip(_PYVRP, peers.POINTS_S, strict=True)
    },
    "VROOM": partial(_peer, search=peers.vroom),
}
_LIBRARY: Final[Mapping[str, str]] = {**dict.fromkeys(_PYVRP, "pyvrp"), "VROOM": "pyvroom"}


def measure(trial: Trial, seed: int, solver: str) -> Outcome:
    """One solver's plan for one instance."""
    if solver == "ours":
        warm_up()
    problem = generate(trial.vans, trial.points, seed)
    began = time.monotonic()
    plan = SOLVERS[solver](problem, trial.seconds, seed)
    return judged(problem, plan, time.monotonic() - began)


def run_version(solver: str) -> str:
    """What an outcome of this solver depends on."""
    if solver == "ours":
        return code_version("routing.search", "routing.checker", "tests.bench.orienteering")
    return peer_version(_LIBRARY[solver], "tests.bench.peers", "tests.bench.orienteering")


def versions() -> str:
    """What all figures of a trial depend on."""
    return "; ".join(run_version(solver) for solver in SOLVERS)


@dataclass(frozen=True, slots=True)
class Match:
    """One instance: what we made of it, what PyVRP's better prizes did, and VROOM where it ended."""

    ours: Outcome
    pyvrp: Outcome
    vroom: Outcome | None

    @property
    def all_served(self) -> bool:
        """Whether every solver served everybody, within the rules."""
        told = [each for each in (self.ours, self.pyvrp, self.vroom) if each is not None]
        return not any(each.unserved or each.broken for each in told)


def match(book: Book, trial: Trial, seed: int, *, alone: bool = False, vroom: bool = True) -> Match:
    """All solvers on one instance. `alone` gives each a process to itself and its memory is measured."""

    def one(solver: str) -> Outcome | None:
        run = f"{trial.name} seed {seed}, {solver}, {trial.seconds:g} s{', alone' if alone else ''}"
        task = partial(measure, trial, seed, solver)
        whole = partial(apart, task, _limit_s(trial)) if alone else task
        return book.outcome(run, run_version(solver), whole)

    ours, theirs = one("ours"), [one(solver) for solver in _PYVRP]
    ended = [each for each in theirs if each is not None]
    if ours is None or not ended:
        raise RuntimeError(
            f"A solver of {trial.name} did not end in {_limit_s(trial):g} s. To try again, take its line out "
            "of the results."
        )
    return Match(ours, min(ended, key=lambda each: each.rank), one("VROOM") if vroom else None)


def _limit_s(trial: Trial) -> float:
    """What a process may take for everything: libraries, compiling, the instance, the search, the checker."""
    return 2 * trial.seconds + 180


def served(trial: Trial, book: Book, bar: Bar) -> Iterator[Figure]:
    """Travel where everybody is served; instances on which any solver leaves somebody out do not count."""
    kept: list[Match] = []
    dropped = by_us = 0
    for seed in trial.seeds:
        if len(kept) == trial.wanted:
            break
        found = match(book, trial, seed)
        if found.all_served:
            kept.append(found)
        else:
            dropped += 1
            by_us += bool(found.ours.unserved) and not found.pyvrp.unserved
    yield from _counts(trial, kept)
    yield Figure(f"{trial.name}: instances left out, not all served", dropped, "")
    yield Figure(f"{trial.name}: of these by ours, not PyVRP", by_us, "", expect="= 0", ok=by_us == 0)
    yield _means(f"{trial.name} travel", "s", [(m.ours.travel_s, m.pyvrp.travel_s) for m in kept])
    yield from figures(
        f"{trial.name} travel beside PyVRP", [m.ours.travel_s / m.pyvrp.travel_s for m in kept], bar
    )
    beside_vroom = [m.ours.travel_s / m.vroom.travel_s for m in kept if m.vroom is not None]
    yield from figures(f"{trial.name} travel beside VROOM", beside_vroom, Bar())


def over_subscribed(trial: Trial, book: Book, pyvrp: Bar, vroom: Bar) -> Iterator[Figure]:
    """Prize where not everybody can be served."""
    found = [match(book, trial, seed) for seed in trial.seeds[: trial.wanted]]
    yield from _counts(trial, found)
    yield _means(f"{trial.name} prize", "points", [(m.ours.prize, m.pyvrp.prize) for m in found])
    yield from _prizes(f"{trial.name} prize beside PyVRP", [(m.ours, m.pyvrp) for m in found], pyvrp)
    beside = [(m.ours, m.vroom) for m in found if m.vroom is not None]
    yield from _prizes(f"{trial.name} prize beside VROOM", beside, vroom)


def large(trial: Trial, book: Book, *, vroom: bool) -> Iterator[Figure]:
    """Many vans, each solver in a process to itself: prize, and the most memory it had."""
    found = [match(book, trial, seed, alone=True, vroom=vroom) for seed in trial.seeds[: trial.wanted]]
    yield from _counts(trial, found)
    for seed, each in zip(trial.seeds, found, strict=False):
        ratio = _ratio(each.ours, each.pyvrp)
        yield Figure(
            f"{trial.name} prize, seed {seed}",
            each.ours.prize,
            "points",
            "PyVRP",
            each.pyvrp.prize,
            None if ratio is None else round(ratio, 4),
            ">= 1.02",
            ok=ratio is None or ratio >= 1.02,
        )
        if vroom:
            prize, unit = (each.vroom.prize, "points") if each.vroom else (0, "did not end")
            yield Figure(f"{trial.name} prize of VROOM, seed {seed}", prize, unit)
    peak = max(each.ours.peak_mib for each in found)
    theirs = max(each.pyvrp.peak_mib for each in found)
    yield Figure(
        f"{trial.name} memory",
        peak,
        "MiB",
        "PyVRP",
        theirs,
        round(peak / theirs, 3),
        "<= 1024",
        ok=peak <= 1024,
    )
    if told := [each.vroom.peak_mib for each in found if each.vroom is not None]:
        yield Figure(f"{trial.name} memory of VROOM", max(told), "MiB")


def _counts(trial: Trial, found: Sequence[Match]) -> Iterator[Figure]:
    """How many instances there were, whose plans hold, and whether anybody took more time than he had."""
    yield Figure(
        f"{trial.name}: instances", len(found), "", expect=f"= {trial.wanted}", ok=len(found) == trial.wanted
    )
    broken = sum(each.ours.broken for each in found)
    yield Figure(f"{trial.name} ours: violations", broken, "", expect="= 0", ok=broken == 0)
    missed = sum(each.ours.mandatory_missed for each in found)
    theirs = sum(each.pyvrp.mandatory_missed for each in found)
    yield Figure(f"{trial.name}: mandatory visits missed", missed, "", "PyVRP", theirs)
    sides: dict[str, list[Outcome | None]] = {
        "ours": [each.ours for each in found],
        "PyVRP": [each.pyvrp for each in found],
        "VROOM": [each.vroom for each in found],
    }
    for name, outcomes in sides.items():
        ended = [each for each in outcomes if each is not None]
        if name != "ours" and ended:
            yield Figure(
                f"{trial.name} {name}: plans that break a rule", sum(e.broken > 0 for e in ended), ""
            )
        if ended:
            yield Figure(f"{trial.name} {name}: longest run", max(each.took_s for each in ended), "s")


def _means(name: str, unit: str, pairs: Sequence[tuple[int, int]]) -> Figure:
    ours, theirs = (fmean(side) if side else 0.0 for side in (list(zip(*pairs, strict=True)) or ((), ())))
    ratio = round(ours / theirs, 5) if theirs else None
    return Figure(f"{name}, mean", round(ours, 1), unit, "PyVRP", round(theirs, 1), ratio)


def _prizes(name: str, pairs: Sequence[tuple[Outcome, Outcome]], bar: Bar) -> Iterator[Figure]:
    """Instances that a peer lost by its mandatory visits or by a broken rule do not count, and are told."""
    ratios = [_ratio(ours, theirs) for ours, theirs in pairs]
    counted = [each for each in ratios if each is not None]
    yield Figure(f"{name}: won by a rule or a mandatory visit", len(ratios) - len(counted), "")
    yield from figures(name, counted, bar)


def _ratio(ours: Outcome, theirs: Outcome) -> float | None:
    """Prize beside prize; 0 where we lost by something above the prize, None where the other did."""
    above_ours, above_theirs = ours.rank[:2], theirs.rank[:2]
    if above_ours != above_theirs:
        return 0.0 if above_ours > above_theirs else None
    return ours.prize / theirs.prize if theirs.prize else None

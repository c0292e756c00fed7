"""No lower level buys a higher one: on small days what the search finds is the best tuple that there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from routing.levels import plan_of
from routing.plan import Levels
from routing.problem import Item, Portion, Problem, TimeWindow, Van
from routing.search import Effort, solve
from routing.timetable import Call, route_of, timetable
from tests.routing.instances import day_visit, in_a_row


def small(seed: int) -> Problem:
    """Two vans on a row of sites, five calls of every level, and time for about three of them."""
    rng = np.random.default_rng(seed)
    kinds: list[dict[str, Any]] = [
        {"sos": True},
        {"mandatory": True},
        {"prize": int(rng.integers(1, 99))},
        {"prize": 90},
    ]
    visits = [
        day_visit(
            f"V{n}", int(rng.integers(1, 6)), int(rng.integers(200, 900)),
            windows=(TimeWindow(0, int(rng.integers(400, 2500))),), **kind,
        )
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    cups = (Portion(0, int(rng.integers(1, 5))),)
    visits.append(day_visit("S", int(rng.integers(1, 6)), 200, kind="dropoff", portions=cups))
    vans = (Van("V1", 0, 0, int(rng.integers(900, 2200)), cold_cups=4), Van("V2", 3, 0, 1200, cold_cups=2))
    return in_a_row(vans, tuple(visits), (Item("soup", "cold", 0),))


def every_split(visits: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All orders of all choices of visits on two vans."""
    for where in itertools.product((0, 1, 2), repeat=len(visits)):
        groups = [[n for n, van in zip(visits, where, strict=True) if van == each] for each in (0, 1)]
        yield from itertools.product(itertools.permutations(groups[0]), itertools.permutations(groups[1]))


def best_tuple(problem: Problem) -> Levels:
    best: Levels | None = None
    for split in every_split(range(len(problem.visits))):
        tables = [
            timetable(problem, van, [Call(problem.visits[n].kind, n, in_nap=True) for n in nodes])
            for van, nodes in enumerate(split)
        ]
        if any(table.breaches for table in tables):
            continue
        levels = plan_of(problem, [route_of(problem, v, t.stops) for v, t in enumerate(tables)]).levels
        best = levels if best is None else min(best, levels)
    assert best is not None
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_best_tuple_of_levels_is_found(seed: int) -> None:
    problem = small(seed)
    assert solve(problem, Effort(steps=3000, seed=seed)).levels == best_tuple(problem)

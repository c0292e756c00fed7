from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from routing.hunt import Column
from routing.packing import Pack, pack
from routing.problem import Equipment, Problem, Relation, Van
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V1", 0, 0, 10_000)
BONDS: tuple[dict[str, Any], ...] = (
    {}, {"relations": (Relation("same_van", (3, 4)),)}, {"equipment": (Equipment("climber"),)},
)  # fmt: skip


def problem_with(visits: int, **more: Any) -> Problem:
    kits = frozenset({"climber"})
    calls = tuple(day_visit(f"V{n}", 1, equipment=kits if n < 2 else frozenset()) for n in range(visits))
    vans = (VAN, replace(VAN, name="V2"), replace(VAN, name="V3"))
    return in_a_row(vans, calls, **more)


def random_columns(seed: int, visits: int) -> list[Column]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(14):
        nodes = tuple(rng.permutation(visits)[: rng.integers(1, 4)].tolist())
        found.append(Column(int(rng.integers(0, 3)), nodes, frozenset(nodes), int(rng.integers(1, 100))))
    return found


def best_by_brute_force(problem: Problem, columns: list[Column]) -> int:
    """The most that columns can save together."""
    best = 0
    for count in range(4):
        for some in itertools.combinations(columns, count):
            visits = [visit for column in some for visit in column.visits]
            vans = [column.van for column in some]
            if len(set(visits)) < len(visits) or len(set(vans)) < len(vans):
                continue
            bound = any(
                sum(bool(column.visits & set(relation.visits)) for column in some) > 1
                for relation in problem.relations
            )
            holders = sum(any("climber" in problem.visits[v].equipment for v in c.visits) for c in some)
            if not bound and (not problem.equipment or holders <= problem.equipment[0].units):
                best = max(best, sum(column.saves for column in some))
    return best


@pytest.mark.parametrize("seed", range(15))
def test_the_pack_saves_the_most_that_the_columns_allow(seed: int) -> None:
    problem, columns = problem_with(6, **BONDS[seed % 3]), random_columns(seed, 6)
    packed = pack(problem, columns, [(), (), ()], Pack(5.0, repeatable=True))
    saved = 0
    for van, nodes in enumerate(packed):
        alike = [c.saves for c in columns if c.van == van and c.visits == frozenset(nodes)]
        saved += max(alike) if nodes else 0
    assert saved == best_by_brute_force(problem, columns)


def test_nothing_met_leaves_all_as_it_was() -> None:
    assert pack(problem_with(3), [], [(0,), (), (2, 1)], Pack(1.0)) == [(0,), (), (2, 1)]

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from routing.gap import cheapest, fits, put, take
from routing.grid import BIG, Grid, grid_of
from routing.problem import Equipment, Relation, Van
from routing.tours import COST, COUNT, KIT, NODE, Walks, empty_walks
from routing.walk import walk
from tests.bench.orienteering import generate
from tests.routing.instances import day_visit, in_a_row

VAN = Van("V1", 0, 0, 10_000)
TWO = (VAN, replace(VAN, name="V2"))


def dice() -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array([1], dtype=np.uint64)


def tried(grid: Grid, walks: Walks, van: int, visit: int) -> dict[int, int]:
    """By brute force what each position of a visit would cost, where it can be."""
    before, found = int(walks.tour[van, COST]), {}
    for k in range(int(walks.tour[van, COUNT]) + 1):
        put(grid, walks, van, k, visit)
        if walk(grid, walks, van):
            found[k] = int(walks.tour[van, COST]) - before
        take(grid, walks, van, k)
        walk(grid, walks, van)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_gap_is_the_one_that_trying_all_finds(seed: int) -> None:
    grid = grid_of(generate(2, 40, seed))
    walks = empty_walks(grid, 64)
    for visit in range(40):
        for van in range(2):
            found = tried(grid, walks, van, visit)
            price, position = cheapest(grid, walks, van, visit, BIG)
            if position < 0:
                assert not found
            else:
                assert price == found[position] == min(found.values())
            if found and van == visit % 2:
                put(grid, walks, van, position, visit)
                assert walk(grid, walks, van)


def test_what_is_dearer_than_asked_is_not_looked_for() -> None:
    grid = grid_of(in_a_row((VAN,), (day_visit("A", 2),)))
    walks = empty_walks(grid, 9)
    walk(grid, walks, 0)
    assert cheapest(grid, walks, 0, 0, 400) == (400, -1)
    assert cheapest(grid, walks, 0, 0, 401) == (400, 0)


def test_relations_and_equipment_keep_visits_off_vans() -> None:
    visits = tuple(day_visit(f"V{n}", 1, equipment=frozenset({"climber"} if n > 3 else ())) for n in range(6))
    relations = (Relation("same_van", (0, 1)), Relation("not_same_day", (2, 3)))
    grid = grid_of(in_a_row(TWO, visits, relations=relations, equipment=(Equipment("climber"),)))
    walks = empty_walks(grid, 9)
    for n in (0, 2, 4):
        put(grid, walks, 0, 0, n)
    assert [fits(grid, walks, 0, n) for n in (1, 3, 5)] == [True, False, True]
    assert [fits(grid, walks, 1, n) for n in (1, 3, 5)] == [False, False, False]
    for _ in range(3):
        take(grid, walks, 0, 0)
    assert all(fits(grid, walks, 1, n) for n in range(6))


def test_taking_out_undoes_putting_in() -> None:
    grid = grid_of(in_a_row(TWO, tuple(day_visit(f"V{n}", 1) for n in range(4))))
    walks = empty_walks(grid, 9)
    for k, node in enumerate((2, 0, 3)):
        put(grid, walks, 1, k, node)
    put(grid, walks, 1, 1, 1)
    assert walks.stop[1, :4, NODE].tolist() == [2, 1, 0, 3]
    assert take(grid, walks, 1, 1) == 1
    assert walks.stop[1, :3, NODE].tolist() == [2, 0, 3]
    assert walks.bond[KIT - 1].sum() == 0

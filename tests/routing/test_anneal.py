from __future__ import annotations

import numpy as np
import pytest

from routing import anneal
from routing.anneal import undo
from routing.doubts import set_aside
from routing.grid import PENALTY
from routing.hunt import Hunt
from routing.recreate import put_back
from routing.ruin import BEST, LEVELS, NOW, tear
from routing.tours import COST, COUNT, SAME_COUNT, empty_walks
from tests.bench.orienteering import generate
from tests.routing.problems import random_problem


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_count_of_is_what_counting_again_finds(seed: int) -> None:
    hunt = Hunt(set_aside(random_problem(seed)), seed)
    for _ in range(4):
        hunt.go(50, hunt.heat())
        again = np.zeros(LEVELS, np.int64)
        anneal.tally(hunt.grid, hunt.walks, again)
        assert again.tolist() == hunt.board.level[NOW].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_what_was_torn_and_mended_in_vain_is_as_it_was(seed: int) -> None:
    hunt = Hunt(set_aside(random_problem(seed)), seed)
    hunt.go(50, hunt.heat())
    before = [each.copy() for each in hunt.walks]
    level = hunt.board.level[NOW].copy()
    for _ in range(30):
        torn, waiting = tear(hunt.grid, hunt.walks, hunt.board, hunt.dice, 0)
        torn = put_back(hunt.grid, hunt.walks, hunt.board, hunt.dice, torn, max(0, waiting))
        assert undo(hunt.grid, hunt.walks, hunt.board, torn) is None
        assert not hunt.board.marks[:, 1].any()
    for van, row in enumerate(before[1]):
        assert hunt.walks.tour[van].tolist() == row.tolist()
        n = int(row[COUNT])
        assert hunt.walks.stop[van, :n].tolist() == before[0][van, :n].tolist()
    assert hunt.walks.at.tolist() == before[2].tolist()
    assert hunt.walks.bond[SAME_COUNT:].tolist() == before[3][SAME_COUNT:].tolist()
    again = np.zeros(LEVELS, np.int64)
    anneal.tally(hunt.grid, hunt.walks, again)
    assert again.tolist() == level.tolist()


def test_the_incumbent_never_gets_worse_and_is_what_it_says() -> None:
    hunt = Hunt(generate(3, 90, 7), 1)
    told = [hunt.levels]
    for _ in range(6):
        hunt.go(200, hunt.heat())
        told.append(hunt.levels)
    assert told == sorted(told, reverse=True)
    assert told[-1] < told[0]
    hunt.begin(hunt.orders())
    assert hunt.levels <= told[-1]


def test_tuples_are_compared_from_the_first_level_on() -> None:
    low, high = np.array([0, 1, 9, 9, 9, 9]), np.array([0, 2, 0, 0, 0, 0])
    assert anneal.is_less(low, high)
    assert not anneal.is_less(high, low)
    assert not anneal.is_less(low, low)


def test_pooled_routes_are_measured_as_they_are_walked() -> None:
    hunt = Hunt(generate(2, 40, 5), 1)
    hunt.go(300, hunt.heat())
    pool = np.column_stack([np.arange(2), hunt.board.best]).astype(np.int32)
    told = np.zeros((2, 4), np.int64)
    anneal.measure(hunt.grid, empty_walks(hunt.grid, hunt.walks.stop.shape[1] - 1), pool, told)
    assert int(told[:, 0].sum()) == int(hunt.board.level[BEST, 5])
    for row, nodes in zip(told, hunt.nodes(), strict=True):
        assert row[2] == hunt.grid.visit[list(nodes), PENALTY].sum()
    assert told[0, 3] != told[1, 3]


def test_the_worthiest_are_put_in_first() -> None:
    hunt = Hunt(generate(2, 200, 9), 1)
    served = hunt.walks.at[:, 0] >= 0
    worth = hunt.grid.visit[:, PENALTY]
    assert worth[served].mean() > worth[~served].mean()
    assert int(hunt.walks.tour[:, COUNT].sum()) == served.sum()
    assert (hunt.walks.tour[:, COST] > 0).all()

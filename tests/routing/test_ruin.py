from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.grid import LOCKED, Grid
from routing.hunt import Hunt
from routing.problem import Item, Kitchen, Portion, TimeWindow, Van
from routing.ruin import invite, tear, turn_reload
from routing.tours import COUNT, NODE, SEGMENT
from tests.bench.orienteering import generate
from tests.routing.instances import day_visit, in_a_row


def routes(hunt: Hunt) -> list[list[int]]:
    return [hunt.walks.stop[v, : row[COUNT], NODE].tolist() for v, row in enumerate(hunt.walks.tour)]


def test_what_is_torn_out_waits_and_the_rest_keeps_its_order() -> None:
    hunt = Hunt(generate(3, 60, 5), 1)
    before = routes(hunt)
    torn, waiting = tear(hunt.grid, hunt.walks, hunt.board, hunt.dice, before[0][2])
    assert torn >= 1 and waiting >= 1
    out = hunt.board.waiting[:waiting].tolist()
    assert len(set(out)) == waiting
    assert routes(hunt) == [[node for node in route if node not in out] for route in before]
    assert hunt.board.marks[hunt.board.marks[:torn, 0], 1].tolist() == [1] * torn


def test_locked_calls_are_not_torn_out() -> None:
    problem = generate(2, 30, 3)
    hunt = Hunt(problem, 1)
    first = routes(hunt)[0]
    locked = replace(problem.vans[0], prefix=tuple(first[:3]))
    hunt = Hunt(replace(problem, vans=(locked, problem.vans[1])), 1)
    assert hunt.grid.van[0, LOCKED] == 3
    for step in range(40):
        tear(hunt.grid, hunt.walks, hunt.board, hunt.dice, step % 30)
        hunt.board.marks[:, 1] = 0
    assert routes(hunt)[0][:3] == first[:3]


def reloading() -> tuple[Grid, Hunt]:
    drops = tuple(day_visit(f"S{n}", n, kind="dropoff", portions=(Portion(0, 4),)) for n in (1, 2))
    kitchens = (Kitchen(0, TimeWindow(0, 30_000), 300, 0),)
    van = Van("V1", 0, 0, 30_000, cold_cups=5)
    hunt = Hunt(in_a_row((van,), drops, (Item("soup", "cold", 90_000),), kitchens=kitchens), 1)
    return hunt.grid, hunt


def test_a_reload_is_put_in_and_makes_room() -> None:
    grid, hunt = reloading()
    assert hunt.walks.tour[0, COUNT] == 1, "one load is enough for one of them"
    served = int(hunt.walks.stop[0, 0, NODE])
    torn, waiting = turn_reload(grid, hunt.walks, hunt.board, hunt.dice, (served, 0, 0))
    assert (torn, waiting) == (1, 0)
    assert hunt.walks.stop[0, hunt.walks.tour[0, COUNT], SEGMENT] == 1


def test_absent_calls_are_invited_once() -> None:
    hunt = Hunt(generate(2, 120, 4), 1)
    absent = np.flatnonzero(hunt.walks.at[:, 0] < 0)
    waiting = invite(hunt.grid, hunt.walks, hunt.board, hunt.dice, int(absent[0]), 0)
    invited = hunt.board.waiting[:waiting].tolist()
    assert 0 < len(invited) == len(set(invited)) <= 15
    assert set(invited) <= set(absent.tolist())

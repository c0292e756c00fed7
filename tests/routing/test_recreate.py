from __future__ import annotations

from routing.gap import take
from routing.hunt import Hunt
from routing.recreate import line_up, put_back
from routing.tours import COUNT
from routing.walk import walk
from tests.bench.orienteering import generate


def test_who_waits_is_lined_up_and_nobody_lost() -> None:
    hunt = Hunt(generate(2, 40, 5), 1)
    for _ in range(10):
        hunt.board.waiting[:9] = range(9)
        line_up(hunt.grid, hunt.board, hunt.dice, 9, 3)
        assert sorted(hunt.board.waiting[:9].tolist()) == list(range(9))
        assert hunt.board.key[:9].tolist() == sorted(hunt.board.key[:9].tolist())


def test_who_was_taken_out_is_put_back() -> None:
    hunt = Hunt(generate(2, 24, 5), 1)
    served = int(hunt.walks.tour[:, COUNT].sum())
    out = [take(hunt.grid, hunt.walks, 0, 0) for _ in range(3)]
    assert walk(hunt.grid, hunt.walks, 0)
    hunt.board.waiting[:3] = out
    assert put_back(hunt.grid, hunt.walks, hunt.board, hunt.dice, 0, 3) >= 1
    assert int(hunt.walks.tour[:, COUNT].sum()) == served

from __future__ import annotations

from dataclasses import replace

from routing.stage import Stage, stage_of, takes
from routing.timetable import Call
from tests.routing.instances import district


def test_a_stage_is_what_orders_use() -> None:
    orders = ((Call("visit", 3, in_nap=True), Call("reload", 1)), (Call("visit", 4),))
    assert stage_of(orders) == Stage("polish", frozenset({(0, 1)}), frozenset({3}))


def test_what_its_model_does_not_hold_is_not_polished() -> None:
    problem = district(vans=2, visits=4, dropoffs=0, cells=0)
    assert takes(problem, ((), ()))
    assert not takes(replace(problem, pace=(100,) * 24), ((), ()))
    assert not takes(problem, ((Call("reload", 0), Call("reload", 1)), ()))

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.balance import balance
from routing.place import squeeze
from routing.problem import Van
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, in_a_row, tiny


def van(name: str, depot: int, own: set[int]) -> Van:
    inside = np.array([site in own for site in range(6)])
    return Van(name, depot, 0, 5000, inside=inside, in_beat_s=np.zeros((6, 6), dtype=np.int32))


def test_a_call_off_the_beat_goes_to_the_van_whose_beat_it_is() -> None:
    vans = (van("V1", 0, {0, 1, 2}), van("V2", 5, {3, 4, 5}))
    visits = (day_visit("A", 1), day_visit("B", 4, 2500))
    problem = replace(in_a_row(vans, visits), patrol_target_s=3000)
    moved = balance(problem, ((Call("visit", 0), Call("visit", 1)), ()))
    assert moved == ((Call("visit", 0),), (Call("visit", 1),))


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_a_move_breaks_nothing_and_loses_nobody(seed: int) -> None:
    problem = tiny(seed)
    orders = squeeze(problem, ((), ()))
    moved = balance(problem, orders)
    assert not any(timetable(problem, v, calls).breaches for v, calls in enumerate(moved))
    assert sorted(c.index for calls in moved for c in calls) == sorted(
        c.index for calls in orders for c in calls
    )

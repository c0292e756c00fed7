"""Bounds rule out nothing that is nearer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing import nearest, trial
from routing.ground import ground_of, lay
from routing.problem import Item, Kitchen, Portion, TimeWindow, Van
from routing.timetable import Call, timetable
from tests.routing.instances import day_visit, in_a_row
from tests.routing.problems import random_sample
from tests.routing.test_trial import needs_of


def rank_of(needs: list[int]) -> int:
    """As `trial.rank_of`, from its words."""
    amounts = [needs[0] * trial.CUP_S, needs[1] * trial.CUP_S, *needs[2:9]]
    count = sum(each > 0 for n, each in enumerate(amounts) if n != 4) + needs[9]
    return needs[10] * trial.NO_ROAD + count * trial.ONE_NEED + sum(amounts)


@given(st.integers(0, 10**6))
@settings(max_examples=40)
def test_the_nearest_place_is_found_though_most_are_not_tried(seed: int) -> None:
    problem, orders = random_sample(seed)
    for van, calls in enumerate(orders):
        napping = tuple(replace(call, in_nap=True) for call in calls if call.kind != "pass")
        ground = ground_of(problem, van, napping)
        slack = nearest.slack(ground, len(napping))
        on = {call.index for call in calls if call.kind in ("visit", "dropoff")}
        for visit in sorted(set(range(len(problem.visits))) - on)[:4]:
            row = lay(problem, van, ground, visit)
            every = nearest.nearest(ground, slack, row, 0, True)
            some = nearest.nearest(ground, slack, row, 0, False)
            assert every[:, 0].min() == some[:, 0].min()
            for position in range(len(napping) + 1):
                call = Call(problem.visits[visit].kind, visit, in_nap=True)
                order = (*napping[:position], call, *napping[position:])
                table = timetable(problem, van, order, late_break=True)
                assert every[position, 0] <= rank_of(needs_of(table, visit))


def test_the_earliest_reload_that_will_do_is_found_before_or_after_the_call() -> None:
    van = Van("V", 0, 0, 90_000, cold_cups=5)
    drops = [day_visit(f"S{n}", n, kind="dropoff", portions=(Portion(0, 5),)) for n in (1, 2)]
    problem = replace(
        in_a_row((van,), tuple(drops), (Item("soup", "cold", 90_000),)),
        kitchens=(Kitchen(3, TimeWindow(0, 10), 60, 0), Kitchen(3, TimeWindow(0, 9000), 60, 0)),
    )
    calls = (Call("dropoff", 0),)
    ground = ground_of(problem, 0, calls)
    row = lay(problem, 0, ground, 1)
    found = nearest.reload_for(ground, nearest.slack(ground, 1), row, 0)
    assert list(found) == [row + 2, 0, 0]
    full = replace(problem, vans=(replace(van, cold_cups=4, cold_aboard=4),))
    ground = ground_of(full, 0, calls)
    row = lay(full, 0, ground, 1)
    assert nearest.reload_for(ground, nearest.slack(ground, 1), row, 0)[0] == -1

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from routing.checker import violations
from routing.patrol import fill
from routing.place import squeeze
from routing.problem import Cell, Problem, Site, Van, frozen_matrix
from routing.timetable import Call, timetable
from routing.unseen import _Day, spread
from tests.routing.instances import district, roads
from tests.routing.problems import Sample, planned, random_sample, samples


@settings(max_examples=60, deadline=None)
@given(samples())
def test_no_level_gets_worse_and_every_rule_stays_kept(sample: Sample) -> None:
    problem = sample.problem
    before = fill(problem, sample.orders)
    after = spread(problem, before)
    old, new = planned(problem, before), planned(problem, after)
    if violations(problem, old) == ():
        assert violations(problem, new) == ()
    assert new.unserved == old.unserved
    assert (new.levels.patrol_short_min, new.levels.unseen_min) <= (
        old.levels.patrol_short_min,
        old.levels.unseen_min,
    )
    assert [[c for c in calls if c.kind != "pass"] for calls in after] == [
        [c for c in calls if c.kind != "pass"] for calls in before
    ]


def test_cells_of_a_district_are_seen_again_sooner() -> None:
    problem = district(vans=2, visits=20, dropoffs=2, cells=12, side_m=3000)
    before = fill(problem, squeeze(problem, ((), ())))
    after = spread(problem, before)
    old, new = planned(problem, before).levels, planned(problem, after).levels
    assert new.patrol_short_min <= old.patrol_short_min
    assert new.unseen_min < old.unseen_min
    assert spread(problem, before) == after


def test_without_beats_nothing_is_moved() -> None:
    problem = district(vans=2, visits=4, dropoffs=0, cells=0)
    assert spread(problem, ((), ())) == ((), ())


def patrol_only(seed: int, vans: int) -> Problem:
    """Three cells that all vans may pass, in shifts of three passes or four."""
    rng = np.random.default_rng(seed)
    seconds = roads(rng.uniform(0, 2500, (4, 2)), rng)
    ends_s = 3000
    crews = tuple(
        Van(f"V{n}", 0, n * 300, ends_s, inside=np.ones(4, bool), in_beat_s=seconds) for n in range(vans)
    )
    return Problem(
        sites=tuple(Site(f"site {n}", 0, 0) for n in range(4)),
        seconds=seconds,
        metres=frozen_matrix(seconds * 7),
        vans=crews,
        visits=(),
        cells=tuple(Cell(1 + n, frozenset(range(vans)), tour_s=240) for n in range(3)),
        patrol_target_s=1200,
    )


def least_unseen(problem: Problem) -> tuple[int, int]:
    """The best of all orders of up to five passes a van: patrol minutes missing, and minutes unseen."""
    orders = []
    for van in range(len(problem.vans)):
        tried = (
            tuple(Call("pass", n) for n in each) for k in range(6) for each in product(range(3), repeat=k)
        )
        orders.append([calls for calls in tried if not timetable(problem, van, calls).breaches])
    levels = (planned(problem, each).levels for each in product(*orders))
    return min((each.patrol_short_min, each.unseen_min) for each in levels)


@pytest.mark.parametrize("vans", [1, 2])
def test_it_comes_near_to_the_best_of_all_orders(vans: int) -> None:
    over = []
    for seed in range(8 if vans == 1 else 2):
        problem = patrol_only(seed, vans)
        found = planned(problem, spread(problem, fill(problem, tuple(() for _ in range(vans))))).levels
        short, unseen = least_unseen(problem)
        assert found.patrol_short_min == short
        over.append(found.unseen_min / unseen)
    assert max(over) <= 1.35
    assert sum(over) / len(over) <= 1.15


def test_a_pass_is_dropped_where_no_level_asks_for_it() -> None:
    problem = replace(patrol_only(1, 1), patrol_target_s=0)
    full = tuple(Call("pass", 0) for _ in range(3))
    dropped = spread(problem, (full,), moves=0)
    assert len(dropped[0]) < 3
    assert planned(problem, dropped).levels <= planned(problem, (full,)).levels


def test_a_day_of_hundreds_of_passes_is_tried_without_twenty_of_them() -> None:
    sample = random_sample(555_787)
    day = _Day(sample.problem, fill(sample.problem, sample.orders))
    passes = [sum(call.kind == "pass" for call in calls) for calls in day.lists]
    assert max(passes) > 20
    assert [len(day.bases_of(van)) for van in range(len(passes))] == [1 + min(20, n) for n in passes]

"""The compiled walk beside the timetable's."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import trial
from routing.ground import ground_of, lay
from routing.problem import Problem
from routing.timetable import Call, Rest, Timetable, walk
from tests.routing.problems import random_orders, random_sample

CUPS = {"hot": 0, "cold": 1}
PLAIN = {"food_clock": 2, "break": 5, "kitchen": 6, "shift_end": 7, "span": 8}


def needs_of(table: Timetable, new: int) -> list[int]:
    """What a timetable breaks, as a trial writes it down."""
    found = [0] * 11
    for breach in table.breaches:
        if breach.code == "window":
            found[3 if breach.visit == new else 4] += breach.short
            found[9] += breach.visit != new
        elif breach.code == "unreachable":
            found[10] += 1
        else:
            which = CUPS[breach.container] if breach.container else PLAIN[breach.code]
            found[which] = max(found[which], breach.short)
    return found


def napping(problem: Problem, seed: int) -> list[tuple[Call, ...]]:
    """Random calls without passes, naps no obstacle."""
    orders = random_orders(problem, seed)
    return [tuple(replace(c, in_nap=True) for c in calls if c.kind != "pass") for calls in orders]


@given(st.integers(0, 10**6), st.integers(0, 5000))
@settings(max_examples=40)
def test_a_trial_finds_what_the_timetable_finds(seed: int, later_s: int) -> None:
    problem, _ = random_sample(seed)
    for van, calls in enumerate(napping(problem, seed)):
        if not calls or calls[0].kind not in ("visit", "dropoff"):
            continue
        ground = ground_of(problem, van, calls)
        lay(problem, van, ground, calls[0].index)
        work, one = trial.new_work(len(calls)), problem.vans[van]
        later = replace(one, starts_s=one.starts_s + later_s)
        delayed = replace(problem, vans=tuple(later if n == van else v for n, v in enumerate(problem.vans)))
        for gap, after in product(range(len(calls) + 1), (False, True)):
            if one.rest is None:
                break
            trial.go(ground, work, np.arange(len(calls)), 0, np.array((gap, after, later_s)))
            table = walk(delayed, van, calls, Rest(gap, after))
            assert list(work.needs) == needs_of(table, calls[0].index)
            assert work.state[0] == table.stops[-1].leaves_s
        trial.go(ground, work, np.arange(len(calls)), 0, np.array((-1, 0, 0)))
        plain = needs_of(walk(problem, van, calls), calls[0].index)
        if one.rest:
            plain[5] = max(0, int(work.state[0]) - one.rest.latest_s)
        assert list(work.needs) == plain

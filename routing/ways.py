"""Ways in which a van may go along an order of calls: where its break lies, and whether it leaves later."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from routing.problem import Problem
from routing.timetable import Breach, Call, Rest, Timetable, later_by_s, walk

Way: TypeAlias = tuple[int, bool, int]
"""The break's gap or -1, whether it is taken after the drive, and how much later the van leaves."""


def every_way(problem: Problem, van: int, order: Sequence[Call]) -> Iterator[Timetable]:
    """A van's order with the break in each place or none, leaving now and as late as it may."""
    later_s = later_by_s(problem, van, walk(problem, van, order))
    gaps = range(-1, len(order) + 1 if problem.vans[van].rest else 0)
    for gap, after, later in itertools.product(gaps, (False, True), {0, later_s}):
        if gap >= 0 or not after:
            yield walked(problem, van, order, (gap, after, later))


def walked(problem: Problem, van: int, order: Sequence[Call], way: Way) -> Timetable:
    """The timetable of one way, its break's absence among the breaches where one is due."""
    gap, after, later_s = way
    if later_s:
        one = problem.vans[van]
        later = replace(one, starts_s=one.starts_s + later_s)
        problem = replace(problem, vans=(*problem.vans[:van], later, *problem.vans[van + 1 :]))
    table = walk(problem, van, order, None if gap < 0 else Rest(gap, after))
    rest = problem.vans[van].rest
    if gap < 0 and rest and table.stops[-1].arrives_s > rest.latest_s:
        missed = Breach("break", table.stops[-1].arrives_s - rest.latest_s)
        return replace(table, breaches=(*table.breaches, missed))
    return table

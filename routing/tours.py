"""Routes as arrays: what is known of each stop, each van's route, each visit; and what binds visits."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from routing.compiling import small_kernel
from routing.grid import KITS, Grid

Ints: TypeAlias = npt.NDArray[np.int64]

SEGMENTS = 6
"""Loads a day at most: the first and one after each reload."""
USABLE = 85
"""Of a van's slack this percentage is guessed to become patrol."""


NODE, BEGIN, LEAVE, LATEST, SEGMENT, LEG = range(6)
"""Of a stop: a visit, or a reload as `visits + kitchen`; its times; the last arrival; reloads before it; the
road table's seconds to it."""
COUNT, REST_AT, REST_AFTER, REST_LATEST, COST, OWED, WORK = range(7)
"""Of a tour: its nodes; the gap of its break (-1: none is needed), whether that is taken after the drive, the
last arrival behind it; its driving and extras; the seconds of patrol that it will
owe; its work without the break."""
HOT_IN = 7
COLD_IN = HOT_IN + SEGMENTS
BATCH_IN = COLD_IN + SEGMENTS
MARK = BATCH_IN + SEGMENTS
"""Of a tour: a number that stands for its nodes and their order."""
SAME_VAN, SAME_COUNT, ONE_DAY, KIT = range(4)
"""Rows of what binds visits: the van and number of a same-van group, the number of a not-same-day group, then
for each kind of equipment how many visits of a van need it."""


class Walks(NamedTuple):
    """Routes and what walking along them tells.

    Parameters
    ----------
    stop, tour : vans by stops by what is known of a stop; vans by what is known of a route
    at : the van and position of each visit, -1 for none
    bond : what binds visits to each other, see `SAME_VAN`
    """

    stop: Ints
    tour: Ints
    at: Ints
    bond: Ints


def empty_walks(grid: Grid, longest: int) -> Walks:
    """Routes without a call."""
    vans, visits = len(grid.van), len(grid.visit)
    return Walks(
        stop=np.zeros((vans, longest + 1, 6), np.int64),
        tour=np.zeros((vans, MARK + 1), np.int64),
        at=np.full((visits, 2), -1, np.int64),
        bond=np.zeros((KIT + int(grid.rate[KITS]), max(vans, visits)), np.int64),
    )


@small_kernel
def place_before(g: Grid, w: Walks, v: int, k: int) -> int:
    """The place from which gap `k` of a route is driven."""
    if k > 0:
        return int(w.stop[v, k - 1, NODE])
    return int(g.visit.shape[0] + g.kitchen.shape[0] + v)


@small_kernel
def place_after(g: Grid, w: Walks, v: int, k: int) -> int:
    if k < w.tour[v, COUNT]:
        return int(w.stop[v, k, NODE])
    return int(g.visit.shape[0] + g.kitchen.shape[0] + g.van.shape[0] + v)

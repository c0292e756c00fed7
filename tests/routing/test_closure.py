"""Whoever drives through a closed place goes round it; everybody else drives as ever."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.driving import Matrix, estimate_table
from routing.closure import Closure, avoid

STEP = 0.002
NEVER = 10**6


def grid(side: int, shut: int | None, costs: list[int]) -> np.ndarray:
    """Fastest times between all crossings of a town's square of streets, without one crossing."""
    n = side * side
    times = np.full((n, n), NEVER)
    np.fill_diagonal(times, 0)
    street = iter(costs)
    for y, x in itertools.product(range(side), repeat=2):
        for dy, dx in ((0, 1), (1, 0)):
            if y + dy < side and x + dx < side:
                a, b, cost = y * side + x, (y + dy) * side + x + dx, next(street)
                if shut not in (a, b):
                    times[a, b] = times[b, a] = cost
    for k in range(n):
        times = np.minimum(times, times[:, k, None] + times[None, k, :])
    return times


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 15), st.lists(st.integers(20, 90), min_size=24, max_size=24))
def test_by_road_nobody_drives_through_and_nobody_is_promised_a_way_that_is_not_there(
    shut: int, costs: list[int]
) -> None:
    side = 4
    points = [(116 + x * STEP, 36 + y * STEP) for y in range(side) for x in range(side)]
    open_s, without = grid(side, None, costs), grid(side, shut, costs)
    matrix = Matrix(open_s.astype(np.int32), open_s.astype(np.int32), "road")
    ways = avoid(matrix, points, {Closure(*points[shut], 50.0): [shut]})
    for a, b in itertools.permutations(range(side * side), 2):
        if shut in (a, b):
            assert ways.matrix.seconds[a, b] == open_s[a, b]  # up to the barrier
        elif ways.matrix.seconds[a, b] >= 0:
            assert ways.matrix.seconds[a, b] >= without[a, b]
            assert ways.via[a, b] >= 0 or ways.matrix.seconds[a, b] == open_s[a, b]
            assert ways.via[a, b] != shut


def test_without_roads_the_straight_line_goes_round_the_circle_and_is_drawn_so() -> None:
    closure = Closure(116.01, 36.0, 100.0)
    ends = [(116.0, 36.0), (116.02, 36.0), (116.01, 36.01), (116.01, 36.0005)]
    points = [*ends, *closure.beside()]
    plain = estimate_table(points)
    ways = avoid(plain, points, {closure: ()})
    assert ways.matrix.seconds[0, 1] > plain.seconds[0, 1]
    assert ways.matrix.seconds[0, 2] == plain.seconds[0, 2] and ways.via[0, 2] == -1
    assert ways.matrix.seconds[0, 3] == plain.seconds[0, 3]  # it ends inside: up to the barrier
    line = ways.line(ends[:2])
    assert line[0] == ends[0] and line[-1] == ends[1] and len(line) == 3
    assert not any(closure.holds(point) for point in line)
    assert ways.line([ends[0], (1.0, 2.0)]) == (ends[0], (1.0, 2.0))


def test_where_no_way_leads_round_there_is_no_road() -> None:
    points = [(116.0, 36.0), (116.01, 36.0), (116.02, 36.0)]
    times = np.array([[0, 60, 120], [60, 0, 60], [120, 60, 0]], np.int32)
    ways = avoid(Matrix(times, times, "road"), points, {Closure(116.01, 36.0, 50.0): [1]})
    assert ways.matrix.seconds[0, 2] == ways.matrix.metres[2, 0] == -1
    assert ways.matrix.seconds[0, 1] == 60
